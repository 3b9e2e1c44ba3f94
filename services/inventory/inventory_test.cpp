#include "inventory/inventory.hpp"

#include <gtest/gtest.h>

#include <tidemark/testing.hpp>

namespace shop {
namespace {

struct List {
  std::vector<Product> items;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(List, (), (items, next))

// With so many partitions.
class Inventory : public testing::TestWithParam<std::uint16_t> {
 protected:
  tidemark::testing::Reply request(std::string_view method, const std::string& path, std::string_view body = {},
                                   const std::vector<std::pair<std::string, std::string>>& headers = {}) {
    return app_.request("inventory", method, path, body, headers);
  }
  tidemark::testing::Reply create() {
    return request("POST", "/products", R"({"name":"Lamp","price":12.5,"quantity_available":3})");
  }

  tidemark::Service inventory_ = make_inventory();
  tidemark::testing::TestApplication app_{{&inventory_}, GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Partitions, Inventory, testing::Values(1, 4));

TEST_P(Inventory, KeepsWhatItIsGiven) {
  const auto created = create();
  ASSERT_EQ(created.status, 201) << created.body;
  const auto lamp = tidemark::from_json<Product>(created.body);
  EXPECT_EQ(lamp.price, tidemark::Money::parse("12.5"));
  EXPECT_EQ(created.header("Location"), "/products/" + lamp.id);
  const auto read = request("GET", "/products/" + lamp.id);
  EXPECT_EQ(read.body, created.body);
  EXPECT_EQ(read.header("ETag"), created.header("ETag"));
  EXPECT_EQ(request("GET", "/products/" + lamp.id, {}, {{"If-None-Match", read.header("ETag")}}).status, 304);
  app_.restart();
  EXPECT_EQ(request("GET", "/products/" + lamp.id).body, created.body);
}

TEST_P(Inventory, ChangesAProductOnlyFromTheVersionThatWasSeen) {
  const auto created = create();
  const std::string path = created.header("Location");
  const std::string change = R"({"name":"Lamp","price":10,"quantity_available":5})";
  EXPECT_EQ(request("PUT", path, change).status, 428);
  EXPECT_EQ(request("PUT", path, change, {{"If-Match", "\"1-0\""}}).status, 412);
  const auto changed = request("PUT", path, change, {{"If-Match", created.header("ETag")}});
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_NE(changed.header("ETag"), created.header("ETag"));
  EXPECT_EQ(request("PUT", path, change, {{"If-Match", created.header("ETag")}}).status, 412);
}

TEST_P(Inventory, SaysWhatIsWrongWithAProduct) {
  struct Case {
    const char* body;
    int status;
    const char* detail;
  };
  for (const auto& [body, status, detail] : {
           Case{"{", 400, ""},
           Case{R"({"name":"Lamp","price":1})", 422, "quantity_available"},
           Case{R"({"name":"","price":1,"quantity_available":1})", 422, "name: "},
           Case{R"({"name":"Lamp","price":-1,"quantity_available":1})", 422, "price: "},
           Case{R"({"name":"Lamp","price":1.234,"quantity_available":1})", 422, "price: "},
           Case{R"({"name":"Lamp","price":1,"quantity_available":"x"})", 422, "quantity_available: "},
           Case{R"({"name":"Lamp","price":1,"quantity_available":1,"colour":"red"})", 422, "colour"},
       }) {
    const auto reply = request("POST", "/products", body);
    EXPECT_EQ(reply.status, status) << body << '\n' << reply.body;
    EXPECT_NE(reply.body.find(detail), std::string::npos) << reply.body;
    EXPECT_EQ(reply.header("Content-Type").substr(0, 24), "application/problem+json") << body;
  }
  EXPECT_EQ(request("GET", "/products?limit=0").status, 422);
  EXPECT_EQ(request("GET", "/products/none").status, 404);
  EXPECT_EQ(request("PATCH", "/products").status, 405);
}

TEST_P(Inventory, ListsByPagesNewestFirst) {
  for (int i = 0; i < 5; ++i) ASSERT_EQ(create().status, 201);
  std::string after;
  std::vector<std::string> ids;
  for (int page = 0; page < 5; ++page) {
    const auto reply = request("GET", "/products?limit=2" + (after.empty() ? "" : "&after=" + after));
    ASSERT_EQ(reply.status, 200) << reply.body;
    for (std::size_t at = reply.body.find("\"id\":\""); at != std::string::npos;
         at = reply.body.find("\"id\":\"", at + 1))
      ids.push_back(reply.body.substr(at + 6, 26));  // a ULID has 26 characters
    const auto next = reply.body.find("\"next\":\"");
    if (next == std::string::npos) break;
    after = reply.body.substr(next + 8, reply.body.find('"', next + 8) - next - 8);
  }
  EXPECT_EQ(ids.size(), 5u);
  EXPECT_TRUE(std::is_sorted(ids.rbegin(), ids.rend()));
}

TEST_P(Inventory, ListsInTheOrderThatIsAskedFor) {
  for (const auto* product :
       {R"({"name":"Mug","price":12.5,"quantity_available":1})", R"({"name":"Lamp","price":64,"quantity_available":1})",
        R"({"name":"Kettle","price":40,"quantity_available":1})"})
    ASSERT_EQ(request("POST", "/products", product).status, 201);
  const auto names = [&](const std::string& query) {
    const auto reply = request("GET", "/products" + query);
    EXPECT_EQ(reply.status, 200) << reply.body;
    std::string found;
    for (const auto& product : tidemark::from_json<List>(reply.body).items) found += product.name + ' ';
    return found;
  };
  EXPECT_EQ(names("?sort=name"), "Kettle Lamp Mug ");
  EXPECT_EQ(names("?sort=-name"), "Mug Lamp Kettle ");
  EXPECT_EQ(names("?sort=price"), "Mug Kettle Lamp ");
  EXPECT_EQ(names("?sort=-price&limit=2"), "Lamp Kettle ");
  EXPECT_EQ(names("?search=LA"), "Lamp ");
  EXPECT_EQ(names("?search=e&sort=name"), "Kettle ");
  EXPECT_EQ(names("?search=teapot"), "");
  const auto wrong = request("GET", "/products?sort=colour");
  EXPECT_EQ(wrong.status, 422);
  EXPECT_NE(wrong.body.find("sort: "), std::string::npos) << wrong.body;
}

TEST_P(Inventory, ASearchGoesOnBehindAnEmptyPage) {
  ASSERT_EQ(create().status, 201);
  ASSERT_EQ(request("POST", "/products", R"({"name":"Mug","price":1,"quantity_available":1})").status, 201);
  const auto first = tidemark::from_json<List>(request("GET", "/products?search=lamp&sort=-name&limit=1").body);
  EXPECT_TRUE(first.items.empty());
  ASSERT_TRUE(first.next.has_value());
  const auto second =
      tidemark::from_json<List>(request("GET", "/products?search=lamp&sort=-name&limit=1&after=" + *first.next).body);
  ASSERT_EQ(second.items.size(), 1u);
  EXPECT_EQ(second.items.front().name, "Lamp");
}

TEST_P(Inventory, EndsTheSaleOfAProduct) {
  const auto path = create().header("Location");
  EXPECT_EQ(request("DELETE", path).status, 204);
  EXPECT_EQ(request("GET", path).status, 404);
  EXPECT_EQ(request("DELETE", path).status, 404);
}

}  // namespace
}  // namespace shop
