// Declarations: repeatable, durable when they return, and clear about what is wrong.
#include "conformance/store_test.hpp"

namespace tidemark::conformance {
namespace {

class Declarations : public StoreTest {
 protected:
  template <class Call>
  void expect_invalid(Call call) {
    const auto declared = on_fiber(call);
    ASSERT_FALSE(declared);
    EXPECT_EQ(declared.error().code, ErrorCode::invalid);
    EXPECT_FALSE(declared.error().text().empty());
  }
};

TEST_F(Declarations, AreDurableWhenTheyReturn) {
  declare_topic("users", {.count = 5});
  declare_group({"users", "cards", "c"});
  EXPECT_EQ(declare_documents({{"kind", "kind"}}), ErrorCode::internal);
  crash();
  EXPECT_EQ(on_fiber([&] { return store().topic("users"); }).or_raise().retention.count, 5u);
  EXPECT_EQ(group_info({"users", "cards", "c"}).name, "cards");
  EXPECT_TRUE(query({.collection = DOCUMENTS, .index = "kind"}).documents.empty());
}

TEST_F(Declarations, MayBeRepeated) {
  for (int i = 0; i < 3; ++i) {
    declare_topic("users");
    declare_group({"users", "cards", "c"});
    EXPECT_EQ(declare_documents({{"kind", "kind"}}), ErrorCode::internal);
    reopen();
  }
  EXPECT_EQ(on_fiber([&] { return store().topics(); }).or_raise().size(), 1u);
  EXPECT_EQ(on_fiber([&] { return store().groups("users"); }).or_raise().size(), 1u);
}

TEST_F(Declarations, RefuseNamesThatCanNotBe) {
  expect_invalid([&] { return store().declare_topic({.name = "", .retention = {}}); });
  expect_invalid([&] { return store().declare_topic({.name = "line\nbreak", .retention = {}}); });
  expect_invalid([&] { return store().declare_topic({.name = std::string(201, 'x'), .retention = {}}); });
  expect_invalid([&] { return store().declare_group("users", "", {}); });
  expect_invalid([&] { return store().declare_collection({.name = "", .indexes = {}}); });
  expect_invalid([&] { return store().declare_collection({.name = "Orders & more", .indexes = {}}); });
}

TEST_F(Declarations, RefuseIndexesThatCanNotBe) {
  expect_invalid([&] { return store().declare_collection({.name = "suite.a", .indexes = {{"", "path"}}}); });
  expect_invalid([&] { return store().declare_collection({.name = "suite.a", .indexes = {{"name", ""}}}); });
  expect_invalid([&] { return store().declare_collection({.name = "suite.a", .indexes = {{"a", "x"}, {"a", "y"}}}); });
}

}  // namespace
}  // namespace tidemark::conformance
