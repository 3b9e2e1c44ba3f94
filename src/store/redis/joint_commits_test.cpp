// Commits and reads that wait together: one call, and yet each as if it had been alone.
#include "store/redis/joint_commits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "fiber/task_group.hpp"
#include "store/redis/test_store.hpp"

namespace tidemark::store {
namespace {

using redis::Command;
using testing::AnyOf;
using testing::Each;

const model::Partition PARTITION{"suite", 0};
const std::string USERS = "suite.users";
constexpr std::size_t COUNT = 40;

model::Commit publishing(std::size_t number) {
  model::Commit commit;
  commit.partition = PARTITION;
  commit.publications.push_back({.topic = "orders", .fields = text_fields(std::to_string(number)), .id = {}});
  return commit;
}

model::Commit putting(const std::string& id, std::string json = "{}") {
  model::Commit commit;
  commit.partition = PARTITION;
  commit.expected_documents.push_back({USERS, id, std::nullopt});
  commit.documents.push_back({USERS, id, std::move(json), {.counter = 1, .nonce = 1}});
  return commit;
}

bool fit(const model::Commit& first, const model::Commit& second) {
  JointCommit joint;
  return joint.add(first) == JointCommit::Added::yes && joint.add(second) == JointCommit::Added::yes;
}

TEST(JointCommit, HoldsWhatIsApart) {
  EXPECT_TRUE(fit(publishing(1), publishing(2)));
  EXPECT_TRUE(fit(putting("a"), putting("b")));
  auto a = publishing(1), b = publishing(2);
  a.expected_documents = b.expected_documents = {{USERS, "price", model::Version{.counter = 3, .nonce = 1}}};
  EXPECT_TRUE(fit(a, b)) << "both only look at it";
}

TEST(JointCommit, HoldsNothingThatDependsOnAnotherPart) {
  EXPECT_FALSE(fit(putting("a"), putting("a")));
  auto looking = publishing(1);
  looking.expected_documents.push_back({USERS, "a", std::nullopt});
  EXPECT_FALSE(fit(putting("a"), looking));
  EXPECT_FALSE(fit(looking, putting("a")));
  auto looking_later = publishing(1);
  looking_later.expected_documents.push_back({USERS, "a", model::Version{.counter = 1, .nonce = 1}});
  EXPECT_FALSE(fit(looking, looking_later));
  auto with_key = publishing(1);
  with_key.keys.push_back({.key = "request", .value = "1", .expires = TimePoint{Duration{1}}});
  EXPECT_FALSE(fit(with_key, with_key));
  auto settling = publishing(1);
  settling.settlements.push_back({.topic = "orders", .group = "g", .id = {1, 0}, .token = 1});
  EXPECT_FALSE(fit(settling, settling));
}

TEST(JointCommit, LeavesAloneWhatHasAnOrderOfItsOwn) {
  EXPECT_TRUE(JointCommit::is_possible(publishing(1)));
  auto with_id = publishing(1);
  with_id.publications.front().id = StreamId{5, 0};
  EXPECT_FALSE(JointCommit::is_possible(with_id));
  auto with_timer = publishing(1);
  with_timer.timers.push_back({.name = "t", .due = TimePoint{}, .topic = "orders", .fields = text_fields("1")});
  EXPECT_FALSE(JointCommit::is_possible(with_timer));
}

TEST(JointCommit, GivesEachItsOwnIds) {
  auto two = publishing(1);
  two.publications.push_back(two.publications.front());
  JointCommit joint;
  const std::vector all{publishing(0), putting("a"), two};
  for (const auto& commit : all) ASSERT_EQ(joint.add(commit), JointCommit::Added::yes);
  const auto parts = joint.divide({.lsn = {7}, .published = {{1, 0}, {2, 0}, {3, 0}}});
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_THAT(parts[0].published, testing::ElementsAre(StreamId{1, 0}));
  EXPECT_THAT(parts[1].published, testing::IsEmpty());
  EXPECT_THAT(parts[2].published, testing::ElementsAre(StreamId{2, 0}, StreamId{3, 0}));
  EXPECT_EQ(parts[2].lsn, Lsn{7});
}

// Calls of many fibers, made while the server does not answer.
class Together : public testing::Test {
 protected:
  Together() {
    store_.run([&] { return store_->declare_collection({USERS, {{"email", "email", true}}}); }).or_raise();
    store_.run([&] { return store_->commit(putting("first")); }).or_raise();
  }

  void all(std::size_t count, const std::function<void(std::size_t)>& call) {
    server_.tell(Command{"CLIENT", "PAUSE", 300, "ALL"});
    store_.loop().run("all", [&] {
      fiber::TaskGroup group;
      for (std::size_t i = 0; i < count; ++i) group.spawn("one", [&, i] { call(i); });
      group.wait();
    });
  }
  // What each came to; `internal` for what succeeded.
  std::vector<ErrorCode> commit_all(const std::vector<model::Commit>& commits) {
    std::vector<ErrorCode> codes(commits.size());
    all(commits.size(), [&](std::size_t i) {
      const auto committed = store_->commit(commits[i]);
      codes[i] = committed ? ErrorCode::internal : committed.error().code;
      if (committed) ids_[i] = committed->published;
    });
    return codes;
  }
  double metric(const std::string& name) {
    const auto metrics = store_->metrics();
    return std::ranges::find(metrics, name, &Metric::name)->value;
  }
  bool exists(const std::string& id) {
    return store_.run([&] { return store_->find(PARTITION, USERS, id); }).or_raise().value.has_value();
  }

  redis::testing::RedisServer server_;
  StoreOn store_{server_.url()};
  std::map<std::size_t, std::vector<StreamId>> ids_;  // what each commit published
};

TEST_F(Together, CommitsAreFewCallsAndEachHasItsIds) {
  const auto requests = metric("tidemark_redis_requests_total"), commits = metric("tidemark_store_commits_total");
  std::vector<model::Commit> some;
  for (std::size_t i = 0; i < COUNT; ++i) some.push_back(publishing(i));
  EXPECT_THAT(commit_all(some), Each(ErrorCode::internal));
  EXPECT_EQ(metric("tidemark_store_commits_total"), commits + COUNT);
  EXPECT_LT(metric("tidemark_redis_requests_total"), requests + COUNT / 2);
  for (std::size_t i = 0; i < COUNT; ++i) {
    ASSERT_EQ(ids_[i].size(), 1u);
    const auto entry = store_.run([&] { return store_->read_one("orders", ids_[i].front()); }).or_raise();
    EXPECT_EQ(entry->fields.find("text"), std::to_string(i));
  }
}

TEST_F(Together, ARefusalIsThatOfOneOnly) {
  std::vector<model::Commit> some;
  for (std::size_t i = 0; i < COUNT; ++i) some.push_back(putting(i == 17 ? "first" : "d" + std::to_string(i)));
  const auto codes = commit_all(some);
  for (std::size_t i = 0; i < COUNT; ++i) {
    EXPECT_EQ(codes[i], i == 17 ? ErrorCode::conflict : ErrorCode::internal) << i;
    EXPECT_TRUE(exists(i == 17 ? "first" : "d" + std::to_string(i))) << i;
  }
}

TEST_F(Together, OneOfThoseThatWantTheSameGetsIt) {
  EXPECT_EQ(std::ranges::count(commit_all(std::vector(COUNT, putting("wanted"))), ErrorCode::internal), 1);
  std::vector<model::Commit> some;
  for (std::size_t i = 0; i < COUNT; ++i) some.push_back(putting("e" + std::to_string(i), R"({"email":"one@b.c"})"));
  const auto codes = commit_all(some);
  EXPECT_EQ(std::ranges::count(codes, ErrorCode::internal), 1) << "a unique value";
  EXPECT_THAT(codes, Each(AnyOf(ErrorCode::internal, ErrorCode::already_exists)));
}

TEST_F(Together, AKeyOfAnotherTypeIsOnlyOnesTrouble) {
  server_.tell(Command{"SET", "text", "no stream"});
  std::vector<model::Commit> some;
  for (std::size_t i = 0; i < COUNT; ++i) some.push_back(publishing(i));
  some[5].publications.front().topic = "text";
  const auto codes = commit_all(some);
  for (std::size_t i = 0; i < COUNT; ++i) EXPECT_EQ(codes[i], i == 5 ? ErrorCode::invalid : ErrorCode::internal) << i;
}

TEST_F(Together, ADeliveryIsSettledByOneOnly) {
  store_.run([&] { return store_->declare_group("orders", "g", StreamId::min()); }).or_raise();
  for (std::size_t i = 0; i < COUNT; ++i) store_.run([&] { return store_->commit(publishing(i)); }).or_raise();
  const auto batch =
      store_.run([&] {
              return store_->fetch({"orders", "g", "c", {}}, COUNT, 1 << 20, Clock::system().instant());
            })
          .or_raise();
  std::vector<model::Commit> some;
  for (const auto& delivery : batch.deliveries) {
    for (int twice = 0; twice < 2; ++twice) {
      some.push_back(publishing(0));
      some.back().settlements.push_back({.topic = "orders", .group = "g", .id = delivery.id, .token = delivery.token});
    }
  }
  ASSERT_EQ(some.size(), 2 * COUNT);
  const auto codes = commit_all(some);
  for (std::size_t i = 0; i < codes.size(); i += 2)
    EXPECT_EQ((codes[i] == ErrorCode::internal) + (codes[i + 1] == ErrorCode::internal), 1) << i;
  EXPECT_EQ(std::ranges::count(codes, ErrorCode::fenced), static_cast<std::ptrdiff_t>(COUNT));
}

TEST_F(Together, ReadsAreFewCallsAndEachGetsItsDocument) {
  for (std::size_t i = 0; i < COUNT; i += 2)
    store_.run([&] { return store_->commit(putting("d" + std::to_string(i), R"({"n":)" + std::to_string(i) + "}")); })
        .or_raise();
  const auto requests = metric("tidemark_redis_requests_total");
  std::vector<std::string> found(COUNT);
  all(COUNT, [&](std::size_t i) {
    const auto read = store_->find(PARTITION, USERS, "d" + std::to_string(i)).or_raise();
    found[i] = read.value ? read.value->json : "none";
  });
  EXPECT_LT(metric("tidemark_redis_requests_total"), requests + COUNT / 2);
  for (std::size_t i = 0; i < COUNT; ++i)
    EXPECT_EQ(found[i], i % 2 == 0 ? R"({"n":)" + std::to_string(i) + "}" : "none") << i;
}

}  // namespace
}  // namespace tidemark::store
