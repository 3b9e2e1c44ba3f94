// Collections that several processes know: what one declares, the others follow.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/redis/keys.hpp"
#include "store/redis/test_store.hpp"

namespace tidemark::store {
namespace {

using redis::Command;
using testing::ElementsAre;
using testing::IsEmpty;

const model::Partition FIRST{"suite", 0}, SECOND{"suite", 1};
const std::string USERS = "suite.users";
const model::IndexDefinition BY_JOB{"job", "job"}, BY_EMAIL{"email", "email", true};

class SharedCollections : public testing::Test {
 protected:
  // `internal` when it succeeds.
  static ErrorCode declare(StoreOn& store, std::vector<model::IndexDefinition> indexes) {
    const auto declared = store.run([&] { return store->declare_collection({USERS, std::move(indexes)}); });
    return declared ? ErrorCode::internal : declared.error().code;
  }
  static ErrorCode put(StoreOn& store, std::string id, std::string json, const model::Partition& partition = FIRST) {
    model::Commit commit;
    commit.partition = partition;
    commit.documents.push_back(
        {.collection = USERS, .id = std::move(id), .json = std::move(json), .version = {.counter = 1, .nonce = 1}});
    const auto committed = store.run([&] { return store->commit(commit); });
    return committed ? ErrorCode::internal : committed.error().code;
  }
  static std::vector<std::string> ids(StoreOn& store, const std::string& index, const std::string& value,
                                      const model::Partition& partition = FIRST) {
    model::Query query;
    query.collection = USERS;
    query.index = index;
    query.equal = value;
    std::vector<std::string> found;
    const auto page = store.run([&] { return store->query(partition, query); }).or_raise();
    for (const auto& document : page.value.documents) found.push_back(document.id);
    return found;
  }

  redis::testing::RedisServer server_;
  StoreOn here_{server_.url()}, there_{server_.url()};
};

TEST_F(SharedCollections, AreFollowedByProcessesThatKnewThemOtherwise) {
  ASSERT_EQ(declare(here_, {BY_JOB}), ErrorCode::internal);
  ASSERT_EQ(put(here_, "1", R"({"job":"Cook","email":"a@example.com"})"), ErrorCode::internal);
  ASSERT_EQ(declare(there_, {BY_JOB, BY_EMAIL}), ErrorCode::internal);
  EXPECT_EQ(put(here_, "2", R"({"job":"Cook","email":"b@example.com"})"), ErrorCode::internal);
  EXPECT_THAT(ids(there_, "email", "a@example.com"), ElementsAre("1"));
  EXPECT_THAT(ids(there_, "email", "b@example.com"), ElementsAre("2"));
  EXPECT_EQ(put(here_, "3", R"({"email":"b@example.com"})"), ErrorCode::already_exists);
  EXPECT_THAT(ids(here_, "job", "Cook"), ElementsAre("1", "2"));
}

TEST_F(SharedCollections, HoldInPartitionsThatAreUsedLater) {
  ASSERT_EQ(declare(here_, {BY_JOB}), ErrorCode::internal);
  EXPECT_EQ(put(there_, "1", R"({"job":"Cook"})", SECOND), ErrorCode::internal);
  EXPECT_THAT(ids(here_, "job", "Cook", SECOND), ElementsAre("1"));
  ASSERT_EQ(declare(here_, {}), ErrorCode::internal);
  EXPECT_EQ(put(there_, "2", R"({"job":"Cook"})", SECOND), ErrorCode::internal) << "declared there anew, too";
  ASSERT_EQ(declare(there_, {BY_JOB}), ErrorCode::internal);
  EXPECT_THAT(ids(there_, "job", "Cook", SECOND), ElementsAre("1", "2"));
}

TEST_F(SharedCollections, LeaveNothingOfIndexesThatAreDropped) {
  ASSERT_EQ(declare(here_, {BY_JOB}), ErrorCode::internal);
  ASSERT_EQ(put(here_, "1", R"({"job":"Cook"})"), ErrorCode::internal);
  EXPECT_EQ(server_.tell(Command{"EXISTS", keys::index(FIRST, USERS, 1)}).number, 1);
  ASSERT_EQ(declare(here_, {}), ErrorCode::internal);
  EXPECT_EQ(server_.tell(Command{"EXISTS", keys::index(FIRST, USERS, 1)}).number, 0);
  EXPECT_EQ(put(here_, "1", R"({"job":"Judge"})"), ErrorCode::internal);
  EXPECT_EQ(server_.tell(Command{"EXISTS", keys::index(FIRST, USERS, 1)}).number, 0);
}

// A declaration that was interrupted leaves indexes that are written, but not asked.
TEST_F(SharedCollections, FinishABuildThatAnotherProcessBegan) {
  ASSERT_EQ(declare(here_, {}), ErrorCode::internal);
  ASSERT_EQ(put(here_, "1", R"({"job":"Cook"})"), ErrorCode::internal);
  const auto key = keys::collections(FIRST);
  server_.tell(Command{"HSET", key, USERS,
                       R"({"generation":2,"next_number":2,"indexes":[)"
                       R"({"number":1,"name":"job","path":"job","unique":false,"building":true}]})"});
  server_.tell(Command{"HSET", keys::documents(FIRST, USERS), "", "2"});
  EXPECT_EQ(put(here_, "2", R"({"job":"Cook"})"), ErrorCode::internal);
  ASSERT_EQ(declare(there_, {BY_JOB}), ErrorCode::internal);
  EXPECT_THAT(ids(there_, "job", "Cook"), ElementsAre("1", "2"));
  EXPECT_THAT(ids(here_, "job", "Cook"), ElementsAre("1", "2"));
}

TEST_F(SharedCollections, AreMissedByWhoeverFindsTheServerEmptied) {
  ASSERT_EQ(declare(here_, {BY_JOB}), ErrorCode::internal);
  ASSERT_EQ(put(here_, "1", "{}"), ErrorCode::internal);
  server_.tell(Command{"FLUSHALL"});
  EXPECT_EQ(put(here_, "1", "{}"), ErrorCode::not_found);
  ASSERT_EQ(declare(here_, {BY_JOB}), ErrorCode::internal);
  EXPECT_EQ(put(here_, "1", R"({"job":"Cook"})"), ErrorCode::internal);
  EXPECT_THAT(ids(here_, "job", "Cook"), ElementsAre("1"));
}

}  // namespace
}  // namespace tidemark::store
