#include "engine/collections.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "engine/test_documents.hpp"

namespace tidemark::engine {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto ORDERS = "payments.orders";

model::CollectionDefinition orders(std::vector<model::IndexDefinition> indexes = {}) { return {ORDERS, indexes}; }

model::IndexDefinition by(std::string path, bool unique = false) { return {path, path, unique}; }

class CollectionsTest : public testing::Test {
 protected:
  void put(const std::string& id, const std::string& json) { ASSERT_TRUE(documents_.put(ORDERS, id, json)); }
  void declare(const model::CollectionDefinition& definition) { documents_->declare(definition).or_raise(); }
  TestDocuments documents_;
};

TEST_F(CollectionsTest, AnUndeclaredOneIsNotFoundAndSaysHowToDeclareIt) {
  const auto found = documents_->find({}, ORDERS, "1");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::not_found);
  EXPECT_THAT(found.error().text(), HasSubstr(ORDERS));
  EXPECT_THAT(found.error().text(), HasSubstr("declare"));
  EXPECT_EQ(documents_.put(ORDERS, "1", "{}").error().code, ErrorCode::not_found);
  EXPECT_EQ(documents_->query({}, {.collection = ORDERS}).error().code, ErrorCode::not_found);
}

TEST_F(CollectionsTest, RefusesDefinitionsThatCannotBe) {
  const auto refused = [&](const model::CollectionDefinition& definition) {
    const auto declared = documents_->declare(definition);
    return !declared && declared.error().code == ErrorCode::invalid;
  };
  EXPECT_TRUE(refused({"", {}}));
  EXPECT_TRUE(refused({std::string(201, 'a'), {}}));
  EXPECT_TRUE(refused({"Payments.orders", {}}));
  EXPECT_TRUE(refused(orders({by("")})));
  EXPECT_TRUE(refused(orders({by("a..b")})));
  EXPECT_TRUE(refused(orders({by(".a")})));
  EXPECT_TRUE(refused(orders({by("a"), by("a", true)})));
  EXPECT_TRUE(refused(orders(std::vector<model::IndexDefinition>(65, by("a")))));
  EXPECT_EQ(documents_.count_keys('c'), 0u);
}

TEST_F(CollectionsTest, SurviveAReopenWithTheirDocumentsAndIndexes) {
  declare({"accounts.users", {}});
  declare(orders({by("status")}));
  put("1", R"({"status":"open"})");
  documents_.reopen();
  EXPECT_EQ(documents_.json_of(ORDERS, "1"), R"({"status":"open"})");
  EXPECT_THAT(documents_.ids({.collection = ORDERS, .index = "status"}), ElementsAre("1"));
  declare({"roles.roles", {}});
  EXPECT_THAT(documents_.ids({.collection = "roles.roles"}), IsEmpty());
  EXPECT_THAT(documents_.ids({.collection = "accounts.users"}), IsEmpty());
}

TEST_F(CollectionsTest, DeclaringTheSameAgainWritesNothing) {
  const auto first = documents_->declare(orders({by("status"), by("total")})).value();
  EXPECT_EQ(documents_->declare(orders({by("total"), by("status")})).value(), first);
}

TEST_F(CollectionsTest, ANewIndexHasTheDocumentsThatWereThereInAllPartitions) {
  declare(orders());
  put("1", R"({"status":"open","total":3})");
  put("2", R"({"status":"done","total":2})");
  ASSERT_TRUE(documents_.commit(
      {.partition = {"payments", 9}, .documents = {{ORDERS, "3", R"({"status":"open"})", documents_.next_version()}}}));
  declare(orders({by("status"), by("total", true)}));
  EXPECT_THAT(documents_.ids({.collection = ORDERS, .index = "status"}), ElementsAre("2", "1"));
  EXPECT_THAT(documents_.ids({.collection = ORDERS, .index = "total", .descending = true}), ElementsAre("1", "2"));
  const auto other = documents_->query({"payments", 9}, {.collection = ORDERS, .index = "status"}).value();
  ASSERT_EQ(other.documents.size(), 1u);
  EXPECT_EQ(other.documents[0].id, "3");
}

TEST_F(CollectionsTest, ADroppedIndexLeavesNothing) {
  declare(orders({by("status"), by("total")}));
  put("1", R"({"status":"open","total":3})");
  declare(orders({by("total")}));
  EXPECT_EQ(documents_.count_keys('x'), 1u);
  EXPECT_EQ(documents_->query({}, {.collection = ORDERS, .index = "status"}).error().code, ErrorCode::invalid);
  EXPECT_THAT(documents_.ids({.collection = ORDERS, .index = "total"}), ElementsAre("1"));
}

TEST_F(CollectionsTest, AnIndexThatComesBackUnderItsNameSeesNoOldEntries) {
  declare(orders({by("status")}));
  put("1", R"({"status":"open"})");
  declare(orders());
  put("1", R"({"status":"done"})");
  declare(orders({{"status", "state", false}}));
  declare(orders({by("status")}));
  EXPECT_EQ(documents_.count_keys('x'), 1u);
  EXPECT_THAT(documents_.ids({.collection = ORDERS, .index = "status", .equal = "open"}), IsEmpty());
  EXPECT_THAT(documents_.ids({.collection = ORDERS, .index = "status", .equal = "done"}), ElementsAre("1"));
}

TEST_F(CollectionsTest, AUniqueIndexThatClashesNamesBothDocumentsAndChangesNothing) {
  declare(orders({by("status")}));
  put("a", R"({"email":"x","status":"open"})");
  put("b", R"({"email":"y"})");
  put("c", R"({"email":"x"})");
  const auto declared = documents_->declare(orders({by("email", true)}));
  ASSERT_FALSE(declared);
  EXPECT_EQ(declared.error().code, ErrorCode::already_exists);
  EXPECT_THAT(declared.error().text(), AllOf(HasSubstr("'a'"), HasSubstr("'c'"), HasSubstr("email")));
  EXPECT_EQ(documents_.count_keys('x'), 3u);
  EXPECT_THAT(documents_.ids({.collection = ORDERS, .index = "status", .equal = "open"}), ElementsAre("a"));

  put("c", R"({"email":"z"})");
  declare(orders({by("email", true)}));
  EXPECT_THAT(documents_.ids({.collection = ORDERS, .index = "email"}), ElementsAre("a", "b", "c"));
}

TEST_F(CollectionsTest, DocumentsThatCannotBeIndexedAreNamed) {
  declare(orders());
  put("long", "{\"note\":\"" + std::string(2000, 'x') + "\"}");
  const auto declared = documents_->declare(orders({by("note")}));
  EXPECT_EQ(declared.error().code, ErrorCode::too_large);
  EXPECT_THAT(declared.error().text(), AllOf(HasSubstr("payments.orders/long"), HasSubstr("note")));
  EXPECT_EQ(documents_.count_keys('x'), 0u);
}

TEST_F(CollectionsTest, ARebuildOfManyDocumentsFindsAllOfThem) {
  declare(orders());
  constexpr int COUNT = 30'000;  // some 1.5 MiB of entries: more than one batch
  model::Commit commit;
  for (int i = 0; i < COUNT; ++i) {
    const auto id = "order-" + std::to_string(i);
    commit.documents.push_back({ORDERS, id, "{\"number\":" + std::to_string(i) + ",\"ref\":\"" + id + "\"}", {1, 1}});
  }
  ASSERT_TRUE(documents_.commit(commit));
  const auto before = documents_.storage().sequenced();
  declare(orders({by("number"), by("ref", true)}));
  EXPECT_GT(documents_.storage().sequenced().value - before.value, 2u);
  EXPECT_EQ(documents_.count_keys('x'), 2u * COUNT);

  // The clash is between the first document and the last one, which are in different batches.
  ASSERT_TRUE(documents_.put(ORDERS, "zz", R"({"number":0,"ref":"zz"})"));
  const auto declared = documents_->declare(orders({by("number", true), by("ref", true)}));
  EXPECT_EQ(declared.error().code, ErrorCode::already_exists);
  EXPECT_THAT(declared.error().text(), AllOf(HasSubstr("'order-0'"), HasSubstr("'zz'")));
  EXPECT_EQ(documents_.count_keys('x'), 2u * COUNT + 2);
}

// A crash in the midst of a build leaves what was written until then; here the record of a build that has begun.
TEST_F(CollectionsTest, ABuildThatACrashInterruptedLeavesNothing) {
  declare(orders({by("status")}));
  put("1", R"({"status":"open"})");
  storage::Batch interrupted;
  interrupted.put(std::string{"cpayments.orders"}, [] {
    // number 1, next index 4, abandoned 2 and 3, index 1 not unique "status" "status"
    std::string record{1, 4, 2, 2, 3, 1, 0};
    return record + "\x06status\x06status";
  }());
  interrupted.put(std::string{"x\0\0\0\1\0\0\0\2\0\0\5", 12}, "1");
  interrupted.put(std::string{"x\0\0\0\1\0\0\0\3\0\0\5", 12}, "1");
  documents_.storage().commit(interrupted);
  documents_.reopen_after_crash();
  EXPECT_EQ(documents_.count_keys('x'), 1u);
  EXPECT_THAT(documents_.ids({.collection = ORDERS, .index = "status", .equal = "open"}), ElementsAre("1"));
  declare(orders({by("status"), by("total")}));
  documents_.reopen();
  EXPECT_EQ(documents_.count_keys('x'), 2u);
}

TEST_F(CollectionsTest, ARecordThatCannotBeReadIsCorruptAndNamesTheCollection) {
  for (const std::string record : {"", "\x01", "\x01\x02\x05", "\x01\x02\x01\x01\x07"}) {
    storage::Batch batch;
    batch.put("cpayments.orders", record);
    documents_.storage().commit(batch);
    Documents documents{documents_.storage()};
    const auto loaded = documents.load();
    ASSERT_FALSE(loaded) << record;
    EXPECT_EQ(loaded.error().code, ErrorCode::corrupt);
    EXPECT_THAT(loaded.error().text(), HasSubstr(ORDERS));
  }
}

TEST_F(CollectionsTest, QueriesWhileIndexesComeAndGoSeeAllDocumentsOrNoSuchIndex) {
  declare(orders({by("status")}));
  for (int i = 0; i < 50; ++i) put(std::to_string(i), R"({"status":"open"})");
  std::atomic<bool> stop{false};
  std::thread reader{[&] {
    while (!stop) {
      const auto page = documents_->query({}, {.collection = ORDERS, .index = "status"});
      if (page) {
        EXPECT_EQ(page->documents.size(), 50u);
      } else {
        EXPECT_EQ(page.error().code, ErrorCode::invalid);
      }
    }
  }};
  for (int i = 0; i < 20; ++i) {
    declare(orders());
    declare(orders({by("status")}));
  }
  stop = true;
  reader.join();
}

}  // namespace
}  // namespace tidemark::engine
