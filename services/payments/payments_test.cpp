#include "payments/payments.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <tidemark/testing.hpp>

#include "inventory/events.hpp"
#include "inventory/inventory.hpp"
#include "payments/provider.hpp"

namespace shop {
namespace {

using tidemark::Money;

struct List {
  std::vector<Order> items;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(List, (), (items, next))

TEST(PriceOrder, AddsAFeeOfTwentyPercent) {
  const auto order =
      price_order("1", {.product_id = "p", .quantity = 3}, {.id = "p", .price = Money::parse("12.34")}, {});
  EXPECT_EQ(order.price, Money::parse("12.34"));
  EXPECT_EQ(order.fee, Money::parse("7.40"));
  EXPECT_EQ(order.total, Money::parse("44.42"));
  EXPECT_EQ(order.status, OrderStatus::pending);
}

TEST(PriceList, TakesOnlyNewerNews) {
  EXPECT_TRUE(is_news(std::nullopt, 1));
  EXPECT_TRUE(is_news(Price{.version = 1}, 2));
  EXPECT_FALSE(is_news(Price{.version = 2}, 2));
  EXPECT_FALSE(is_news(Price{.version = 3, .deleted = true}, 2)) << "a late event brought a deleted product back";
}

TEST(Provider, ChargesAKeyOnceEvenAfterARestart) {
  const std::string path = testing::TempDir() + "provider_test.charges";
  std::remove(path.c_str());
  std::string first;
  {
    Provider provider{path};
    first = provider.charge("k", Money::parse("1.50"));
    EXPECT_EQ(provider.charge("k", Money::parse("1.50")), first);
    EXPECT_NE(provider.charge("other", Money::parse("2")), first);
  }
  Provider again{path};
  EXPECT_EQ(again.charge("k", Money::parse("1.50")), first);
  again.refund("k", Money::parse("1.50"));
  std::ifstream file{path};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  EXPECT_EQ(text, "charge k 1.50\ncharge other 2.00\nrefund k 1.50\n");
}

// With so many partitions of each service.
class Shop : public testing::TestWithParam<std::uint16_t> {
 protected:
  std::string create_product(int quantity) {
    const auto reply =
        app_.request("inventory", "POST", "/products",
                     R"({"name":"Lamp","price":10,"quantity_available":)" + std::to_string(quantity) + "}");
    EXPECT_EQ(reply.status, 201) << reply.body;
    return tidemark::from_json<Product>(reply.body).id;
  }
  tidemark::testing::Reply place(const std::string& product, int quantity, const std::string& key = {}) {
    std::vector<std::pair<std::string, std::string>> headers;
    if (!key.empty()) headers.emplace_back("Idempotency-Key", key);
    const std::string body = R"({"product_id":")" + product + R"(","quantity":)" + std::to_string(quantity) + "}";
    // The price list hears of the product a moment after it was made.
    tidemark::testing::Reply reply;
    app_.wait_until([&] { return (reply = app_.request("payments", "POST", "/orders", body, headers)).status != 404; });
    return reply;
  }
  Order ended(const std::string& id) {
    Order order;
    app_.wait_until([&] {
      order = tidemark::from_json<Order>(app_.request("payments", "GET", "/orders/" + id).body);
      return order.status == OrderStatus::fulfilled || order.status == OrderStatus::refunded;
    });
    return order;
  }
  int stock(const std::string& product) {
    return tidemark::from_json<Product>(app_.request("inventory", "GET", "/products/" + product).body)
        .quantity_available;
  }

  Provider provider_;
  tidemark::Service inventory_ = make_inventory();
  tidemark::Service payments_ = make_payments(provider_);
  tidemark::testing::TestApplication app_{{&inventory_, &payments_}, GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Partitions, Shop, testing::Values(1, 4));

TEST_P(Shop, FulfilsAnOrderAndTakesItsStock) {
  const auto product = create_product(5);
  const auto reply = place(product, 2);
  ASSERT_EQ(reply.status, 201) << reply.body;
  const auto placed = tidemark::from_json<Order>(reply.body);
  EXPECT_EQ(placed.status, OrderStatus::pending);
  EXPECT_EQ(placed.total, Money::parse("24"));
  const auto order = ended(placed.id);
  EXPECT_EQ(order.status, OrderStatus::fulfilled);
  EXPECT_TRUE(order.charge_id.has_value());
  EXPECT_EQ(stock(product), 3);
}

TEST_P(Shop, RefundsWhatIsNotThere) {
  const auto product = create_product(1);
  const auto order = ended(tidemark::from_json<Order>(place(product, 2).body).id);
  EXPECT_EQ(order.status, OrderStatus::refunded);
  EXPECT_EQ(order.reason, "out of stock");
  EXPECT_EQ(stock(product), 1);
}

TEST_P(Shop, SaysWhenAnOrderWasChargedAndWhenItEnded) {
  const auto order = ended(tidemark::from_json<Order>(place(create_product(5), 2).body).id);
  ASSERT_TRUE(order.charged_at && order.ended_at);
  EXPECT_LE(order.created_at, *order.charged_at);
  EXPECT_LE(*order.charged_at, *order.ended_at);
  EXPECT_EQ(order.product_name, "Lamp");
}

TEST_P(Shop, FindsOrdersByStatusProductAndId) {
  const auto product = create_product(2);
  const auto fulfilled = ended(tidemark::from_json<Order>(place(product, 2).body).id).id;
  const auto refunded = ended(tidemark::from_json<Order>(place(product, 1).body).id).id;
  const auto found = [&](const std::string& query) {
    const auto reply = app_.request("payments", "GET", "/orders?" + query);
    EXPECT_EQ(reply.status, 200) << reply.body;
    std::vector<std::string> ids;
    for (const auto& order : tidemark::from_json<List>(reply.body).items) ids.push_back(order.id);
    return ids;
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ(found("status=fulfilled"), Ids{fulfilled});
  EXPECT_EQ(found("status=refunded"), Ids{refunded});
  EXPECT_EQ(found("status=pending"), Ids{});
  EXPECT_EQ(found("search=" + refunded.substr(4)), Ids{refunded});
  EXPECT_EQ(found("search=lamp&sort=oldest").size(), 2u);
  EXPECT_EQ(found("search=teapot"), Ids{});
  for (const auto* wrong : {"status=lost", "sort=total"})
    EXPECT_EQ(app_.request("payments", "GET", std::string{"/orders?"} + wrong).status, 422) << wrong;
}

TEST_P(Shop, TakesARepeatedRequestOnce) {
  const auto product = create_product(10);
  const auto first = place(product, 3, "key-1");
  const auto again = place(product, 3, "key-1");
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(place(product, 4, "key-1").status, 422);
  ended(tidemark::from_json<Order>(first.body).id);
  EXPECT_EQ(stock(product), 7);
}

TEST_P(Shop, SellsNothingThatItDoesNotKnow) {
  const auto reply = app_.request("payments", "POST", "/orders", R"({"product_id":"none","quantity":1})");
  EXPECT_EQ(reply.status, 404) << reply.body;
  const auto none = app_.request("payments", "POST", "/orders", R"({"product_id":"none","quantity":0})");
  EXPECT_EQ(none.status, 422);
  EXPECT_NE(none.body.find("quantity: "), std::string::npos) << none.body;
}

TEST_P(Shop, SellsADeletedProductNoMore) {
  const auto product = create_product(5);
  ASSERT_EQ(place(product, 1).status, 201);
  ASSERT_EQ(app_.request("inventory", "DELETE", "/products/" + product).status, 204);
  const std::string body = R"({"product_id":")" + product + R"(","quantity":1})";
  app_.wait_until([&] { return app_.request("payments", "POST", "/orders", body).status == 404; });
}

// News of a product that come late, after those of its deletion, do not bring it back to the price list.
TEST(PriceListOfAShop, KeepsADeletedProductDeletedWhateverComesLate) {
  Provider provider;
  auto inventory = make_inventory(), payments = make_payments(provider);
  tidemark::Service late{"late"};
  late.publishes<ProductSaved>("product_saved").key(&ProductSaved::id);
  late.post("/news", [](tidemark::Transaction& tx, const ProductSaved& news) { tx.publish(news); });
  tidemark::testing::TestApplication app{{&inventory, &payments, &late}};
  const auto made =
      app.request("inventory", "POST", "/products", R"({"name":"Lamp","price":10,"quantity_available":5})");
  const auto product = tidemark::from_json<Product>(made.body);
  const std::string order = R"({"product_id":")" + product.id + R"(","quantity":1})";
  app.wait_until([&] { return app.request("payments", "POST", "/orders", order).status == 201; });
  ASSERT_EQ(app.request("inventory", "DELETE", "/products/" + product.id).status, 204);
  app.wait_until([&] { return app.request("payments", "POST", "/orders", order).status == 404; });

  const ProductSaved news{product.id, product.name, product.price, 5, 1};
  ASSERT_EQ(app.request("late", "POST", "/news", tidemark::to_json(news)).status, 204);
  app.wait_until([&] {
    const auto group = app.request("payments", "GET", "/admin/v1/groups/product_saved/payments").body;
    return group.find("\"lag\":0") != std::string::npos && group.find("\"pending\":0") != std::string::npos;
  });
  EXPECT_EQ(app.request("payments", "POST", "/orders", order).status, 404);
}

}  // namespace
}  // namespace shop
