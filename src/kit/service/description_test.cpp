#include "kit/service/description.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/json.hpp"
#include "tidemark/tidemark.hpp"

namespace tidemark::kit {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

struct Sold {
  std::string order_id;
  std::string product_id;
};
BOOST_DESCRIBE_STRUCT(Sold, (), (order_id, product_id))

void ignore(Transaction&, const Sold&) {}

Service sales() {
  Service service{"sales"};
  service.publishes<Sold>("sold").retention({.age = 1h});
  return service;
}

Service stock() {
  Service service{"stock"};
  service.on<Sold>("sold", ignore).key(&Sold::product_id).retry({.attempts = 7}).group("takers");
  return service;
}

struct Marked {
  std::string id;
  std::string dl_error;
};
BOOST_DESCRIBE_STRUCT(Marked, (), (id, dl_error))

// Such a member was lost when its event went to the dead letters.
TEST(Events, HaveNoMembersThatAreCalledLikeThoseOfTheirEnvelope) {
  Service service{"marks"};
  EXPECT_THROW(service.publishes<Marked>("marked"), std::logic_error);
  EXPECT_THROW(service.on<Marked>("marked", [](Transaction&, const Marked&) {}), std::logic_error);
}

constexpr std::string_view EMBEDDED = "embedded:./data";

TEST(EventsDescribed, PublishersSend) {
  const auto document = describe_events(sales().spec(), EMBEDDED, "localhost");
  EXPECT_TRUE(json::validate(document)) << document;
  EXPECT_THAT(document, HasSubstr(R"("sales.send.sold":{"action":"send")"));
  EXPECT_THAT(document, HasSubstr(R"("x-tidemark":{"key":"order_id"})"));
  EXPECT_THAT(document, HasSubstr(R"("retention":{"age_ms":3600000})"));
  EXPECT_THAT(document, HasSubstr(R"("store":{"host":"in-process","protocol":"tidemark")"));
}

TEST(EventsDescribed, HandlersReceive) {
  const auto document = describe_events(stock().spec(), EMBEDDED, "localhost");
  EXPECT_THAT(document, HasSubstr(R"("stock.receive.sold.takers":{"action":"receive")"));
  EXPECT_THAT(document, HasSubstr(R"("group":"takers","key":"product_id","retry":{"attempts":7)"));
  EXPECT_THAT(document, HasSubstr(R"("dead_letters":"sold.takers.dead")"));
}

TEST(EventsDescribed, WhoMountsOthersTellsOfAll) {
  const auto seller = sales(), keeper = stock();
  Service web{"web"};
  web.mount("/api/sales", seller).mount("/api/stock", keeper);
  web.events("/api/events").topic<Sold>("sold");
  const auto document = describe_events(web.spec(), EMBEDDED, "shop.example:80");
  EXPECT_TRUE(json::validate(document)) << document;
  for (const auto* operation : {"sales.send.sold", "stock.receive.sold.takers", "web.stream.api.events"})
    EXPECT_THAT(document, HasSubstr('"' + std::string{operation} + '"'));
  EXPECT_THAT(document, HasSubstr(R"("http":{"host":"shop.example:80","protocol":"http")"));
  EXPECT_THAT(document, HasSubstr(R"("address":"/api/events")"));
}

TEST(EventsDescribed, TheStoreIsNamedWithoutItsSecrets) {
  const auto document =
      describe_events(sales().spec(), "redis+sentinel://user:secret@a:1,b:2/main?durability=always", "localhost");
  EXPECT_THAT(document, HasSubstr(R"("store":{"host":"a:1","protocol":"redis")"));
  EXPECT_THAT(document, HasSubstr(R"("store-2":{"host":"b:2","protocol":"redis")"));
  EXPECT_THAT(document, Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace tidemark::kit
