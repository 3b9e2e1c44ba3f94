#include "engine/documents.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "engine/test_documents.hpp"
#include "model/rules.hpp"

namespace tidemark::engine {
namespace {

using model::Commit;
using model::DocumentChange;
using model::Version;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto USERS = "accounts.users";
constexpr auto PLAIN = "accounts.plain";

DocumentChange put(std::string id, std::string json, Version version = {1, 1}) {
  return {USERS, std::move(id), std::move(json), version};
}
DocumentChange gone(std::string id) { return {USERS, std::move(id), std::nullopt, {}}; }

class DocumentsTest : public testing::Test {
 protected:
  DocumentsTest() {
    documents_->declare({USERS, {{"email", "email", true}, {"age", "age", false}, {"city", "address.city", false}}})
        .or_raise();
    documents_->declare({PLAIN, {}}).or_raise();
  }
  Failure failure_of(const Commit& commit) {
    const auto committed = documents_.commit(commit);
    EXPECT_FALSE(committed);
    return committed ? Failure{} : committed.error();
  }
  void commit(std::vector<DocumentChange> changes) { documents_.commit({.documents = std::move(changes)}).or_raise(); }
  std::vector<std::string> by_age(std::optional<model::IndexValue> from, std::optional<model::IndexValue> below) {
    return documents_.ids({.collection = USERS, .index = "age", .from = from, .below = below});
  }
  TestDocuments documents_;
};

// --- Finding and versions ---

TEST_F(DocumentsTest, AreFoundWithTheVersionThatTheyWerePutWith) {
  commit({put("1", R"({"age":3})", {5, 99})});
  const auto found = documents_->find({}, USERS, "1").value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, "1");
  EXPECT_EQ(found->json, R"({"age":3})");
  EXPECT_EQ(found->version, (Version{5, 99}));
  EXPECT_FALSE(documents_->find({}, USERS, "2").value());
  EXPECT_FALSE(documents_->find({}, USERS, "").value());
}

TEST_F(DocumentsTest, ArePerPartition) {
  commit({put("1", R"({"email":"a"})")});
  ASSERT_TRUE(documents_.commit({.partition = {"accounts", 1}, .documents = {put("2", R"({"email":"a"})")}}));
  EXPECT_FALSE(documents_->find({"accounts", 1}, USERS, "1").value());
  EXPECT_THAT(documents_.ids({.collection = USERS}), ElementsAre("1"));
  EXPECT_THAT(documents_.ids({.collection = USERS, .index = "email"}), ElementsAre("1"));
}

TEST_F(DocumentsTest, CommitOnlyOverTheVersionThatWasRead) {
  commit({put("1", "{}", {5, 99})});
  const auto expecting = [](std::optional<Version> version) {
    return Commit{.expected_documents = {{USERS, "1", version}}, .documents = {put("1", "{}", {5, 99})}};
  };
  EXPECT_TRUE(documents_.commit(expecting(Version{5, 99})));
  for (const auto& wrong : {std::optional<Version>{}, std::optional{Version{5, 98}}, std::optional{Version{6, 99}}}) {
    const auto failure = failure_of(expecting(wrong));
    EXPECT_EQ(failure.code, ErrorCode::conflict);
    EXPECT_THAT(failure.text(), HasSubstr("accounts.users/1"));
  }
  EXPECT_EQ(failure_of({.expected_documents = {{USERS, "2", Version{1, 1}}}}).code, ErrorCode::conflict);
  EXPECT_TRUE(documents_.commit({.expected_documents = {{USERS, "2", std::nullopt}}}));
}

TEST_F(DocumentsTest, AFailedCommitChangesNothing) {
  commit({put("1", R"({"email":"a"})")});
  failure_of({.expected_documents = {{USERS, "1", std::nullopt}}, .documents = {put("2", "{}"), gone("1")}});
  failure_of({.documents = {put("2", R"({"email":"b"})"), put("3", R"({"email":"a"})")}});
  EXPECT_THAT(documents_.ids({.collection = USERS}), ElementsAre("1"));
  EXPECT_EQ(documents_.count_keys('x'), 3u);
}

TEST_F(DocumentsTest, TheLastOfSeveralChangesOfOneCounts) {
  commit({put("1", R"({"email":"a"})"), gone("1"), put("1", R"({"email":"b"})")});
  EXPECT_EQ(documents_.json_of(USERS, "1"), R"({"email":"b"})");
  commit({put("1", R"({"email":"c"})"), gone("1")});
  EXPECT_EQ(documents_.json_of(USERS, "1"), "absent");
  EXPECT_EQ(documents_.count_keys('x'), 0u);
}

TEST_F(DocumentsTest, ErasingWhatIsNotThereIsNoError) {
  commit({gone("1"), {PLAIN, "1", std::nullopt, {}}});
  EXPECT_EQ(documents_.count_keys('d'), 0u);
}

// --- Limits ---

TEST_F(DocumentsTest, RefuseIdsAndSizesBeyondTheLimits) {
  EXPECT_EQ(failure_of({.documents = {put("", "{}")}}).code, ErrorCode::invalid);
  EXPECT_EQ(failure_of({.documents = {put(std::string(513, 'x'), "{}")}}).code, ErrorCode::invalid);
  commit({put(std::string(512, 'x'), "{}")});
  const auto of_size = [](std::size_t size) { return DocumentChange{PLAIN, "1", std::string(size, ' '), {1, 1}}; };
  EXPECT_EQ(failure_of({.documents = {of_size(model::DOCUMENT_BYTES_MAX + 1)}}).code, ErrorCode::too_large);
  commit({of_size(model::DOCUMENT_BYTES_MAX)});
}

TEST_F(DocumentsTest, AnIndexedStringThatIsTooLongIsRefusedNamingTheIndex) {
  const auto failure = failure_of({.documents = {put("1", "{\"email\":\"" + std::string(1025, 'x') + "\"}")}});
  EXPECT_EQ(failure.code, ErrorCode::too_large);
  EXPECT_THAT(failure.text(), AllOf(HasSubstr("accounts.users/1"), HasSubstr("email")));
}

TEST_F(DocumentsTest, BadJsonIsInvalidWhereItIsIndexedAndNotLookedAtElsewhere) {
  for (const auto* bad : {"{", R"({"email":)", R"({"email":"a)", R"({"email":tru})", "{\"age\":1e999}"}) {
    EXPECT_EQ(failure_of({.documents = {put("1", bad)}}).code, ErrorCode::invalid) << bad;
  }
  EXPECT_TRUE(documents_.put(PLAIN, "1", "{"));
  EXPECT_EQ(documents_.json_of(PLAIN, "1"), "{");
}

// --- Unique indexes ---

TEST_F(DocumentsTest, TwoCannotHaveOneUniqueValueAndBothAreNamed) {
  commit({put("1", R"({"email":"a"})")});
  const auto failure = failure_of({.documents = {put("2", R"({"email":"a"})")}});
  EXPECT_EQ(failure.code, ErrorCode::already_exists);
  EXPECT_THAT(failure.text(), AllOf(HasSubstr("'1'"), HasSubstr("'2'"), HasSubstr("email"), HasSubstr(USERS)));
  const auto together = failure_of({.documents = {put("3", R"({"email":"b"})"), put("4", R"({"email":"b"})")}});
  EXPECT_EQ(together.code, ErrorCode::already_exists);
  EXPECT_THAT(together.text(), AllOf(HasSubstr("'3'"), HasSubstr("'4'")));
}

TEST_F(DocumentsTest, AUniqueValueCanBePutAgainByItsOwner) {
  commit({put("1", R"({"email":"a","age":1})")});
  commit({put("1", R"({"email":"a","age":2})")});
  EXPECT_THAT(documents_.ids({.collection = USERS, .index = "email", .equal = "a"}), ElementsAre("1"));
}

TEST_F(DocumentsTest, UniqueValuesCanBeSwappedAndHandedOnInOneCommit) {
  commit({put("1", R"({"email":"a"})"), put("2", R"({"email":"b"})")});
  commit({put("1", R"({"email":"b"})"), put("2", R"({"email":"a"})")});
  EXPECT_THAT(documents_.ids({.collection = USERS, .index = "email"}), ElementsAre("2", "1"));
  commit({put("3", R"({"email":"a"})"), gone("2")});
  EXPECT_THAT(documents_.ids({.collection = USERS, .index = "email"}), ElementsAre("3", "1"));
  // It takes what another changed document keeps.
  EXPECT_EQ(failure_of({.documents = {put("4", R"({"email":"a"})"), put("3", R"({"email":"a","age":1})")}}).code,
            ErrorCode::already_exists);
  // To expect something of the owner is not to change it.
  EXPECT_EQ(
      failure_of({.expected_documents = {{USERS, "3", Version{1, 1}}}, .documents = {put("4", R"({"email":"a"})")}})
          .code,
      ErrorCode::already_exists);
}

TEST_F(DocumentsTest, AbsentAndNullValuesDoNotClash) {
  commit({put("1", "{}"), put("2", R"({"email":null})"), put("3", R"({"email":{}})"), put("4", R"({"email":[1]})")});
  EXPECT_THAT(documents_.ids({.collection = USERS, .index = "email", .equal = nullptr}),
              ElementsAre("1", "2", "3", "4"));
}

// --- Queries ---

TEST_F(DocumentsTest, AreListedByIdEitherWay) {
  commit({put("b", "{}"), put("a", "{}"), put("c", "{}")});
  EXPECT_THAT(documents_.ids({.collection = USERS}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(documents_.ids({.collection = USERS, .descending = true}), ElementsAre("c", "b", "a"));
  EXPECT_THAT(documents_.ids({.collection = USERS, .limit = 2}), ElementsAre("a", "b"));
}

TEST_F(DocumentsTest, AreFoundByValueAndByRange) {
  commit({put("1", R"({"age":30,"address":{"city":"Kiel"}})"), put("2", R"({"age":20.5})"), put("3", R"({"age":-1})"),
          put("4", R"({"age":"old"})"), put("5", "{}"), put("6", R"({"age":30.0})"), put("7", R"({"age":true})")});
  EXPECT_THAT(by_age({}, {}), ElementsAre("5", "7", "3", "2", "1", "6", "4"));
  EXPECT_THAT(documents_.ids({.collection = USERS, .index = "age", .equal = 30.0}), ElementsAre("1", "6"));
  EXPECT_THAT(by_age(std::int64_t{-1}, std::int64_t{30}), ElementsAre("3", "2"));
  EXPECT_THAT(by_age(20.6, std::string{}), ElementsAre("1", "6"));
  EXPECT_THAT(by_age(std::int64_t{30}, std::int64_t{-1}), IsEmpty());
  EXPECT_THAT(documents_.ids({.collection = USERS, .index = "city", .equal = "Kiel"}), ElementsAre("1"));
  EXPECT_THAT(
      documents_.ids({.collection = USERS, .index = "age", .from = std::int64_t{0}, .below = "", .descending = true}),
      ElementsAre("6", "1", "2"));
}

TEST_F(DocumentsTest, ARangeOfAUniqueIndexEndsBelowItsEnd) {
  commit({put("1", R"({"email":"a"})"), put("2", R"({"email":"b"})"), put("3", R"({"email":"c"})")});
  for (const bool descending : {false, true}) {
    auto ids =
        documents_.ids({.collection = USERS, .index = "email", .from = "a", .below = "c", .descending = descending});
    if (descending) std::reverse(ids.begin(), ids.end());
    EXPECT_THAT(ids, ElementsAre("1", "2"));
  }
}

TEST_F(DocumentsTest, PagesGoOnWhereTheLastOneEndedWhateverHappenedMeanwhile) {
  commit({put("a", R"({"age":1})"), put("c", R"({"age":2})"), put("e", R"({"age":3})"), put("g", R"({"age":4})")});
  for (const auto* index : {"", "age"}) {
    for (const bool descending : {false, true}) {
      model::Query query{.collection = USERS, .index = index, .descending = descending, .limit = 2};
      const auto page = documents_->query({}, query).value();
      EXPECT_EQ(page.documents.size(), 2u);
      const auto last = page.documents.back();
      query.after = page.next;
      commit({gone(last.id), put("f", R"({"age":3.5})"), put("b", R"({"age":1.5})")});
      EXPECT_THAT(documents_.ids(query), descending ? ElementsAre("c", "b") : ElementsAre("e", "f"));
      commit({put(last.id, last.json), gone("f"), gone("b")});
    }
  }
}

TEST_F(DocumentsTest, TheLastPageHasNoNext) {
  commit({put("a", "{}"), put("b", "{}")});
  EXPECT_EQ(documents_->query({}, {.collection = USERS, .limit = 2}).value().next, "");
  EXPECT_NE(documents_->query({}, {.collection = USERS, .limit = 1}).value().next, "");
  EXPECT_EQ(documents_->query({}, {.collection = USERS, .index = "age", .limit = 2}).value().next, "");
}

TEST_F(DocumentsTest, APageEndsEarlyWhenItsDocumentsAreLarge) {
  constexpr int COUNT = 20;
  for (int i = 0; i < COUNT; ++i) {
    ASSERT_TRUE(documents_.put(PLAIN, std::to_string(100 + i), std::string(model::DOCUMENT_BYTES_MAX, ' ')));
  }
  const auto page = documents_->query({}, {.collection = PLAIN}).value();
  EXPECT_EQ(page.documents.size(), 16u);
  EXPECT_EQ(documents_->query({}, {.collection = PLAIN, .after = page.next}).value().documents.size(), 4u);
}

TEST_F(DocumentsTest, QueriesThatCannotBeAreInvalid) {
  commit({put("a", R"({"age":1})"), put("b", R"({"age":1})")});
  const auto refused = [&](const model::Query& query) {
    const auto page = documents_->query({}, query);
    return !page && page.error().code == ErrorCode::invalid;
  };
  EXPECT_TRUE(refused({.collection = USERS, .limit = 0}));
  EXPECT_TRUE(refused({.collection = USERS, .limit = 1001}));
  EXPECT_TRUE(refused({.collection = USERS, .index = "nonsense"}));
  EXPECT_TRUE(refused({.collection = USERS, .equal = nullptr}));
  EXPECT_TRUE(refused({.collection = USERS, .index = "age", .equal = nullptr, .from = nullptr}));
  EXPECT_TRUE(refused({.collection = USERS, .index = "age", .from = std::nan("")}));
  EXPECT_TRUE(refused({.collection = USERS, .index = "age", .equal = std::string(2000, 'x')}));
  EXPECT_TRUE(refused({.collection = USERS, .after = "nonsense"}));
  const auto next = documents_->query({}, {.collection = USERS, .index = "age", .limit = 1}).value().next;
  EXPECT_FALSE(refused({.collection = USERS, .index = "age", .after = next}));
  EXPECT_TRUE(refused({.collection = USERS, .after = next}));
  EXPECT_TRUE(refused({.collection = USERS, .index = "email", .after = next}));
  EXPECT_TRUE(refused({.collection = USERS, .index = "age", .descending = true, .after = next}));
  EXPECT_TRUE(refused({.collection = PLAIN, .after = next}));
}

TEST_F(DocumentsTest, CommitOnlyWhileTheirQueriesStillGiveTheSame) {
  commit({put("a", R"({"age":1})"), put("b", R"({"age":5})")});
  const model::Query young{.collection = USERS, .index = "age", .below = std::int64_t{3}};
  const auto expecting = [&] {
    return Commit{.expected_queries = {{young, model::digest_of(documents_->query({}, young).value())}},
                  .documents = {put("sum", "{}")}};
  };
  auto read_before = expecting();
  commit({put("b", R"({"age":6})", {2, 1})});
  EXPECT_TRUE(documents_.commit(read_before)) << "what changed is not in the range";
  read_before = expecting();
  commit({put("b", R"({"age":2})", {3, 1})});
  EXPECT_EQ(failure_of(read_before).code, ErrorCode::conflict);
  read_before = expecting();
  commit({put("a", R"({"age":1,"new":true})", {2, 1})});
  EXPECT_EQ(failure_of(read_before).code, ErrorCode::conflict);
}

// --- Threads ---

TEST_F(DocumentsTest, ReadersSeeWholeCommitsWhileTheyAreMade) {
  commit({put("x", R"({"email":"0","age":0})"), put("y", R"({"email":"-0","age":0})")});
  std::atomic<bool> stop{false};
  std::thread reader{[&] {
    while (!stop) {
      const auto page = documents_->query({}, {.collection = USERS}).value();
      ASSERT_EQ(page.documents.size(), 2u);
      EXPECT_EQ(page.documents[0].version, page.documents[1].version);
      const auto aged = documents_->query({}, {.collection = USERS, .index = "age"}).value();
      for (const auto& document : aged.documents) {
        EXPECT_FALSE(document.json.empty());
      }
      EXPECT_TRUE(documents_->find({}, USERS, "x").value());
    }
  }};
  for (std::uint64_t i = 1; i <= 300; ++i) {
    const auto number = std::to_string(i);
    commit({put("x", "{\"email\":\"" + number + "\",\"age\":" + number + "}", {i, 1}),
            put("y", "{\"email\":\"-" + number + "\",\"age\":-" + number + "}", {i, 1})});
  }
  stop = true;
  reader.join();
}

}  // namespace
}  // namespace tidemark::engine
