// Queries: which documents, in which order, in pages; and what a commit may expect of one (no phantoms).
#include <algorithm>

#include "conformance/store_test.hpp"

namespace tidemark::conformance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Queries : public StoreTest {
 protected:
  Queries() {
    EXPECT_EQ(declare_documents({{"status", "status"}, {"price", "price"}, {"city", "address.city"}}),
              ErrorCode::internal);
  }
  static model::Query by(std::string index) { return {.collection = DOCUMENTS, .index = std::move(index)}; }
  static model::Query status(std::string value) {
    auto query = by("status");
    query.equal = std::move(value);
    return query;
  }
  ErrorCode code_of(const model::Query& wanted) {
    const auto page = on_fiber([&] { return store().query(PARTITION, wanted); });
    EXPECT_FALSE(page);
    return page ? ErrorCode::internal : page.error().code;
  }
};

TEST_F(Queries, WithoutAnIndexGiveAllById) {
  for (const char* id : {"c", "a", "b"}) put_document(id, "{}");
  EXPECT_THAT(ids_of({.collection = DOCUMENTS}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(ids_of({.collection = DOCUMENTS, .descending = true}), ElementsAre("c", "b", "a"));
}

TEST_F(Queries, FindByAValue) {
  put_document("1", R"({"status":"pending","address":{"city":"Kiel"}})");
  put_document("2", R"({"status":"completed","address":{"city":"Brest"}})");
  put_document("3", R"({"status":"pending"})");
  EXPECT_THAT(ids_of(status("pending")), ElementsAre("1", "3"));
  EXPECT_THAT(ids_of(status("refunded")), IsEmpty());
  auto kiel = by("city");
  kiel.equal = "Kiel";
  EXPECT_THAT(ids_of(kiel), ElementsAre("1"));
}

TEST_F(Queries, FollowWhatDocumentsBecome) {
  put_document("1", R"({"status":"pending"})");
  put_document("1", R"({"status":"completed"})");
  EXPECT_THAT(ids_of(status("pending")), IsEmpty());
  EXPECT_THAT(ids_of(status("completed")), ElementsAre("1"));
  erase_document("1");
  EXPECT_THAT(ids_of(status("completed")), IsEmpty());
}

TEST_F(Queries, GiveARangeWithItsStartAndWithoutItsEnd) {
  for (const int price : {10, 5, 20, 15}) {
    put_document("p" + std::to_string(price), R"({"price":)" + std::to_string(price) + "}");
  }
  auto range = by("price");
  range.from = std::int64_t{10};
  range.below = std::int64_t{20};
  EXPECT_THAT(ids_of(range), ElementsAre("p10", "p15"));
  range.descending = true;
  EXPECT_THAT(ids_of(range), ElementsAre("p15", "p10"));
  range.below.reset();
  EXPECT_THAT(ids_of(range), ElementsAre("p20", "p15", "p10"));
}

TEST_F(Queries, OrderNumbersByTheirValue) {
  put_document("a", R"({"price":-1.5})");
  put_document("b", R"({"price":0})");
  put_document("c", R"({"price":2.5})");
  put_document("d", R"({"price":3})");
  put_document("e", R"({"price":9007199254740993})");
  put_document("f", R"({"price":18446744073709551615})");
  EXPECT_THAT(ids_of(by("price")), ElementsAre("a", "b", "c", "d", "e", "f"));
  auto two_and_a_half = by("price");
  two_and_a_half.equal = 2.5;
  EXPECT_THAT(ids_of(two_and_a_half), ElementsAre("c"));
  auto three = by("price");
  three.equal = 3.0;
  EXPECT_THAT(ids_of(three), ElementsAre("d")) << "3 and 3.0 are one number";
}

TEST_F(Queries, OrderKindsNullFalseTrueNumbersStrings) {
  put_document("5", R"({"status":"a"})");
  put_document("4", R"({"status":-7})");
  put_document("3", R"({"status":true})");
  put_document("2", R"({"status":false})");
  put_document("1", R"({"status":null})");
  EXPECT_THAT(ids_of(by("status")), ElementsAre("1", "2", "3", "4", "5"));
}

TEST_F(Queries, GivePagesThatMeet) {
  for (int i = 0; i < 25; ++i) {
    put_document(std::to_string(100 + i), i % 2 == 0 ? R"({"status":"even"})" : R"({"status":"odd"})");
  }
  for (const bool descending : {false, true}) {
    auto even = status("even");
    even.limit = 4;
    even.descending = descending;
    std::vector<std::string> ids;
    int pages = 0;
    do {
      const auto page = query(even);
      EXPECT_LE(page.documents.size(), 4u);
      for (const auto& document : page.documents) ids.push_back(document.id);
      even.after = page.next;
      ++pages;
    } while (!even.after.empty());
    EXPECT_EQ(ids.size(), 13u);
    EXPECT_EQ(pages, 4);
    EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end(), [&](auto& a, auto& b) { return descending ? b < a : a < b; }));
  }
}

TEST_F(Queries, GoOnWhereAPageEndedThoughDocumentsChange) {
  for (const char* id : {"a", "b", "d"}) put_document(id, "{}");
  const auto first = query({.collection = DOCUMENTS, .limit = 2});
  ASSERT_FALSE(first.next.empty());
  erase_document("b");
  put_document("c", "{}");
  EXPECT_THAT(ids_of({.collection = DOCUMENTS, .after = first.next}), ElementsAre("c", "d"));
}

TEST_F(Queries, ThatMakeNoSenseAreInvalid) {
  put_document("a", "{}");
  EXPECT_EQ(code_of(by("nothing")), ErrorCode::invalid);
  EXPECT_EQ(code_of({.collection = DOCUMENTS, .limit = 0}), ErrorCode::invalid);
  EXPECT_EQ(code_of({.collection = DOCUMENTS, .limit = 1001}), ErrorCode::invalid);
  EXPECT_EQ(code_of({.collection = DOCUMENTS, .after = "not a cursor"}), ErrorCode::invalid);
  EXPECT_EQ(code_of({.collection = "suite.nowhere"}), ErrorCode::not_found);
}

TEST_F(Queries, DoNotTakeTheCursorOfAnotherQuery) {
  for (const char* id : {"a", "b"}) put_document(id, R"({"status":"pending"})");
  auto by_id = model::Query{.collection = DOCUMENTS, .limit = 1};
  auto pending = status("pending");
  pending.after = query(by_id).next;
  EXPECT_EQ(code_of(pending), ErrorCode::invalid);
}

// --- What a commit expects of a query ---

class Phantoms : public Queries {
 protected:
  // A commit that was decided from the pending documents.
  Commit decided_from(const model::Query& wanted) {
    auto deciding = commit_in();
    deciding.expected_queries.push_back({wanted, model::digest_of(query(wanted))});
    deciding.publications.push_back(event("decisions", "made"));
    return deciding;
  }
};

TEST_F(Phantoms, ThereAreNoneWhereTheQueryStillGivesTheSame) {
  put_document("1", R"({"status":"pending"})");
  const auto deciding = decided_from(status("pending"));
  put_document("2", R"({"status":"completed"})");
  put_document("3", R"({"status":"pending"})", OTHER_PARTITION);
  commit(deciding);
}

TEST_F(Phantoms, ADocumentThatCameIsAConflict) {
  const auto deciding = decided_from(status("pending"));
  put_document("1", R"({"status":"pending"})");
  EXPECT_EQ(refused(deciding), ErrorCode::conflict);
}

TEST_F(Phantoms, ADocumentThatWentIsAConflict) {
  put_document("1", R"({"status":"pending"})");
  const auto deciding = decided_from(status("pending"));
  put_document("1", R"({"status":"completed"})");
  EXPECT_EQ(refused(deciding), ErrorCode::conflict);
}

TEST_F(Phantoms, ADocumentThatChangedIsAConflict) {
  put_document("1", R"({"status":"pending","price":1})");
  const auto deciding = decided_from(status("pending"));
  put_document("1", R"({"status":"pending","price":2})");
  EXPECT_EQ(refused(deciding), ErrorCode::conflict);
}

TEST_F(Phantoms, ADocumentThatWentAndCameBackIsAConflict) {
  put_document("1", R"({"status":"pending"})");
  const auto deciding = decided_from(status("pending"));
  erase_document("1");
  put_document("1", R"({"status":"pending"})");
  EXPECT_EQ(refused(deciding), ErrorCode::conflict);
}

TEST_F(Phantoms, WhatLiesBehindThePageIsNoConflict) {
  for (const char* id : {"1", "2", "4"}) put_document(id, R"({"status":"pending"})");
  auto page = status("pending");
  page.limit = 2;
  const auto deciding = decided_from(page);
  put_document("3", R"({"status":"pending"})");
  commit(deciding);
}

TEST_F(Phantoms, AreLookedForBeforeTheCommitsOwnChanges) {
  auto deciding = decided_from(status("pending"));
  deciding.documents.push_back(put("1", R"({"status":"pending"})"));
  commit(deciding);
  EXPECT_EQ(refused(deciding), ErrorCode::conflict);
}

}  // namespace
}  // namespace tidemark::conformance
