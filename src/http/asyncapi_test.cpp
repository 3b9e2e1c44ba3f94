#include "http/asyncapi.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/json.hpp"
#include "tidemark/described.hpp"

namespace tidemark::http {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Sold {
  std::string order_id;
  int quantity = 0;
};
BOOST_DESCRIBE_STRUCT(Sold, (), (order_id, quantity))

namespace other {
struct Sold {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(Sold, (), (id))
}  // namespace other

EventsDescription shop() {
  EventsDescription events{.title = "shop", .version = "1.2.3", .description = "Sells"};
  events.servers.push_back({.name = "store", .host = "localhost:6379", .protocol = "redis"});
  auto& channel = events.channel("sold");
  channel.messages.push_back({.event = &type_of<Sold>(), .key = "order_id"});
  channel.retention_age = Duration{60'000};
  channel.drop_unacknowledged = true;
  events.operations.push_back(
      {.id = "shop.send.sold", .channel = "sold", .service = "shop", .event = &type_of<Sold>()});
  events.operations.push_back({.id = "shop.receive.sold",
                               .channel = "sold",
                               .service = "shop",
                               .event = &type_of<Sold>(),
                               .receiving = ReceivingDescription{.group = "printer",
                                                                 .attempts = 3,
                                                                 .first_retry = Duration{100},
                                                                 .last_retry = Duration{2'000},
                                                                 .deadline = Duration{30'000},
                                                                 .concurrency = 8}});
  return events;
}

TEST(AsyncApi, DescribesTopicsAndTheirEvents) {
  const std::string document = asyncapi_document(shop());
  EXPECT_TRUE(json::validate(document)) << document;
  EXPECT_THAT(document,
              HasSubstr(R"("asyncapi":"3.0.0","info":{"title":"shop","version":"1.2.3","description":"Sells"})"));
  EXPECT_THAT(document, HasSubstr(R"("servers":{"store":{"host":"localhost:6379","protocol":"redis"}})"));
  EXPECT_THAT(
      document,
      HasSubstr(
          R"("sold":{"address":"sold","messages":{"Sold":{"name":"Sold",)"
          R"("payload":{"$ref":"#/components/schemas/Sold"},)"
          R"("traits":[{"$ref":"#/components/messageTraits/event"}],)"
          R"("x-tidemark":{"key":"order_id"}}},"x-tidemark":{"retention":{"age_ms":60000,"drop_unacknowledged":true}}})"));
  EXPECT_THAT(document, HasSubstr(R"("location":"$message.header#/ce_traceparent")"));
  EXPECT_THAT(document, HasSubstr(R"("schemas":{"Sold":{"type":"object")"));
}

TEST(AsyncApi, SaysWhoSendsAndHowIsReceived) {
  const std::string document = asyncapi_document(shop());
  EXPECT_THAT(
      document,
      HasSubstr(R"("shop.send.sold":{"action":"send","channel":{"$ref":"#/channels/sold"},"tags":[{"name":"shop"}],)"
                R"("messages":[{"$ref":"#/channels/sold/messages/Sold"}],"x-tidemark":{"service":"shop"}})"));
  EXPECT_THAT(document, HasSubstr(R"("x-tidemark":{"service":"shop","group":"printer","key":"ce_subject",)"
                                  R"("retry":{"attempts":3,"first_ms":100,"at_most_ms":2000},)"
                                  R"("deadline_ms":30000,"concurrency":8,"begins":"with the oldest event"})"));
}

TEST(AsyncApi, TellsEventsOfOneNameApart) {
  auto events = shop();
  events.channel("sold").messages.push_back({.event = &type_of<other::Sold>()});
  events.operations.push_back(
      {.id = "shop.send.other", .channel = "sold", .service = "shop", .event = &type_of<other::Sold>()});
  const std::string document = asyncapi_document(events);
  EXPECT_TRUE(json::validate(document)) << document;
  EXPECT_THAT(document, HasSubstr(R"("Sold2":{"name":"Sold2","payload":{"$ref":"#/components/schemas/Sold2"})"));
  EXPECT_THAT(document, HasSubstr(R"("messages":[{"$ref":"#/channels/sold/messages/Sold2"}])"));
}

TEST(AsyncApi, PointsToChannelsOfAnyName) {
  EventsDescription events{.title = "t", .version = "v"};
  auto& channel = events.channel("/a~b %");
  channel.messages.push_back({.event = &type_of<Sold>()});
  channel.has_attributes = false;
  events.operations.push_back({.id = "o", .channel = "/a~b %", .service = "s"});
  const std::string document = asyncapi_document(events);
  EXPECT_THAT(document, HasSubstr(R"({"$ref":"#/channels/~1a~0b%20%25"})"));
  EXPECT_THAT(document, Not(HasSubstr(R"("traits")")));
}

TEST(AsyncApi, IsValidWithoutEvents) {
  const std::string document = asyncapi_document({.title = "t", .version = "v"});
  EXPECT_TRUE(json::validate(document)) << document;
  EXPECT_THAT(document, HasSubstr(R"("channels":{},"operations":{})"));
}

}  // namespace
}  // namespace tidemark::http
