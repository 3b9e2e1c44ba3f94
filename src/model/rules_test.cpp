#include "model/rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::model {
namespace {

using ::testing::HasSubstr;

TEST(Rules, NameWhatIsWrongWithACollection) {
  EXPECT_TRUE(check_collection({.name = "shop.products", .indexes = {{"price", "price"}, {"city", "address.city"}}}));
  EXPECT_THAT(check_collection({.name = "Shop", .indexes = {}}).error().message, HasSubstr("a-z"));
  EXPECT_THAT(check_collection({.name = "shop", .indexes = {{"a", "x"}, {"a", "y"}}}).error().message,
              HasSubstr("two indexes have the name 'a'"));
  for (const auto* path : {"", ".a", "a.", "a..b"})
    EXPECT_THAT(check_collection({.name = "shop", .indexes = {{"a", path}}}).error().message,
                HasSubstr("is not a path"));
}

TEST(Rules, LimitDocumentsByIdAndSize) {
  EXPECT_TRUE(check_change({"shop", std::string(DOCUMENT_ID_BYTES_MAX, 'x'), "{}", {}}));
  EXPECT_EQ(check_change({"shop", "", "{}", {}}).error().code, ErrorCode::invalid);
  EXPECT_EQ(check_change({"shop", std::string(DOCUMENT_ID_BYTES_MAX + 1, 'x'), "{}", {}}).error().code,
            ErrorCode::invalid);
  EXPECT_EQ(check_change({"shop", "1", std::string(DOCUMENT_BYTES_MAX + 1, ' '), {}}).error().code,
            ErrorCode::too_large);
}

TEST(Rules, AQueryAsksForOneThing) {
  EXPECT_TRUE(check_query({.collection = "shop", .index = "price", .equal = IndexValue{1.5}}));
  EXPECT_FALSE(
      check_query({.collection = "shop", .index = "price", .equal = IndexValue{1.5}, .from = IndexValue{1.0}}));
  EXPECT_FALSE(check_query({.collection = "shop", .equal = IndexValue{1.5}}));
  EXPECT_FALSE(check_query({.collection = "shop", .limit = 0}));
  EXPECT_FALSE(check_query({.collection = "shop", .limit = PAGE_LIMIT_MAX + 1}));
}

TEST(Rules, WhatIsForwardedLiesInItsRangeAndRises) {
  Fields fields;
  fields.add("name", "Ann");
  Forwarding forwarding{.source = "a", .target = "b", .from = {1, 0}, .to = {9, 0}, .entries = {{{2, 0}, fields}}};
  EXPECT_TRUE(check_forwarding(forwarding));
  forwarding.entries.push_back({{2, 0}, fields});
  EXPECT_FALSE(check_forwarding(forwarding)) << "the same id again";
  forwarding.entries.back().id = {9, 1};
  EXPECT_FALSE(check_forwarding(forwarding)) << "above the range";
  forwarding.entries.back() = {{9, 0}, {}};
  EXPECT_FALSE(check_forwarding(forwarding)) << "without fields";
  forwarding.entries.pop_back();
  forwarding.target = "a";
  EXPECT_FALSE(check_forwarding(forwarding)) << "to itself";
}

}  // namespace
}  // namespace tidemark::model
