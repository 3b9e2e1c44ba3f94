#include "kit/service/location.hpp"

#include <gtest/gtest.h>

#include "kit/service/description.hpp"
#include "tidemark/tidemark.hpp"

namespace tidemark::kit {
namespace {

struct Card {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(Card, (), (id))

Card make(Transaction&) { return {"a"}; }
std::optional<Card> find(Transaction&, const Request&) { return Card{"a"}; }

// Where the document "a" is that POST /cards makes, asked for by this route.
std::string location_in(const Service& service, std::string_view route = "/cards") {
  Request request;
  request.route = route;
  request.path_parameters = {{"box", "of cards"}};
  const DocumentLocation location{service.spec(), service.spec().endpoints.front()};
  return location.known() ? location.of(request, "a") : "";
}

TEST(DocumentLocation, IsThePathBelowWhereSomethingAnswersThere) {
  Service service{"cards"};
  service.post("/cards", make);
  EXPECT_EQ(location_in(service), "") << "nothing answers there";
  service.get("/cards/{id}/backs/{back}", find);
  service.get("/cardsets/{id}", find);
  EXPECT_EQ(location_in(service), "");
  service.get("/cards/{card}", find);
  EXPECT_EQ(location_in(service), "/cards/a");
  EXPECT_EQ(location_in(service, "/api/shop/cards"), "/api/shop/cards/a") << "where another service mounts this one";
}

TEST(DocumentLocation, IsWhatTheEndpointSays) {
  Service service{"cards"};
  service.post("/print", make).location("/all/cards/{id}");
  service.get("/all/cards/{id}", find);
  EXPECT_EQ(location_in(service, "/print"), "/all/cards/a");
  EXPECT_EQ(location_in(service, "/api/shop/print"), "/api/shop/all/cards/a");
}

TEST(DocumentLocation, HasTheRequestsOtherParameters) {
  Service service{"cards"};
  service.post("/boxes/{box}/print", make).location("/boxes/{box}/cards/{id}");
  service.get("/boxes/{box}/cards/{id}", find);
  EXPECT_EQ(location_in(service, "/boxes/{box}/print"), "/boxes/of%20cards/cards/a");
}

TEST(DocumentLocation, IsRefusedWhereNothingAnswers) {
  Service service{"cards"};
  service.post("/print", make).location("/cards/{id}");
  EXPECT_THROW(location_in(service, "/print"), Invalid);
  EXPECT_THROW(Service{"other"}.post("/print", make).location("/cards"), std::logic_error);
}

TEST(DocumentLocation, IsInTheDescription) {
  Service service{"cards"};
  service.post("/cards", make);
  EXPECT_EQ(describe(service.spec()).find("\"Location\""), std::string::npos);
  service.get("/cards/{id}", find);
  EXPECT_NE(describe(service.spec()).find("\"Location\""), std::string::npos);
}

}  // namespace
}  // namespace tidemark::kit
