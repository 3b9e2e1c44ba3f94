// Commits that wait for replicas: on a master with one replica.
#include "store/redis/replication.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/redis/test_store.hpp"

namespace tidemark::store {
namespace {

using redis::Command;
using testing::HasSubstr;

const model::Partition PARTITION{"suite", 0};

class Replicas : public testing::Test {
 protected:
  Replicas() { attach(); }

  void attach() {
    replica_.tell(Command{"REPLICAOF", "127.0.0.1", master_.port()});
    redis::testing::eventually([&] {
      return replica_.ask(Command{"INFO", "replication"}).text.find("master_link_status:up") != std::string::npos;
    });
  }
  std::string url(const std::string& timeout_ms) const { return master_.url() + "?wait=1&wait_timeout=" + timeout_ms; }
  static Result<model::Committed> publish(StoreOn& store) {
    model::Commit commit;
    commit.partition = PARTITION;
    commit.publications.push_back({.topic = "orders", .fields = text_fields("1"), .id = {}});
    return store.run([&] { return store->commit(commit); });
  }
  static std::int64_t published(const redis::testing::RedisServer& server) {
    return server.tell(Command{"XLEN", "orders"}).number;
  }

  redis::testing::RedisServer master_{{"repl-diskless-sync-delay 0"}}, replica_;
};

TEST_F(Replicas, HaveWhatIsDurable) {
  StoreOn store{url("20000")};
  for (int i = 1; i <= 20; ++i) {
    const auto committed = publish(store).or_raise();
    store.run([&] { return store->wait_durable(committed.lsn); }).or_raise();
    EXPECT_TRUE(store->is_durable(committed.lsn));
    EXPECT_EQ(published(replica_), i);
  }
}

TEST_F(Replicas, AreWaitedForByManyCommitsTogether) {
  StoreOn store{url("20000")};
  Lsn last;
  for (int i = 0; i < 100; ++i) last = publish(store).or_raise().lsn;
  store.run([&] { return store->wait_durable(last); }).or_raise();
  EXPECT_EQ(published(replica_), 100);
}

TEST_F(Replicas, ThatDoNotAnswerLeaveACommitUnconfirmed) {
  StoreOn store{url("100")};
  replica_.pause();
  const auto committed = publish(store).or_raise();
  const auto durable = store.run([&] { return store->wait_durable(committed.lsn); });
  ASSERT_FALSE(durable);
  EXPECT_EQ(durable.error().code, ErrorCode::unavailable);
  EXPECT_THAT(durable.error().text(), HasSubstr("applied"));
  EXPECT_FALSE(store->is_durable(committed.lsn));
  EXPECT_FALSE(store.run([&] { return store->wait_durable(committed.lsn); })) << "asked again";
  EXPECT_EQ(published(master_), 1);

  replica_.resume();
  redis::testing::eventually([&] {
    const auto next = publish(store).or_raise();
    return store.run([&] { return store->wait_durable(next.lsn); }).has_value();
  });
}

// It may be gone after a fail-over, so nobody outside may hear of it.
TEST_F(Replicas, ThatDoNotAnswerKeepBackWhatIsReadBehindSuchACommit) {
  StoreOn store{url("100")};
  const auto is_read_durable = [&] {
    return store.run([&]() -> Result<void> {
      const auto read = store->find_key(PARTITION, "greeting").or_raise();
      return store->wait_durable(read.seen);
    });
  };
  replica_.pause();
  EXPECT_TRUE(is_read_durable()) << "nothing was committed yet";
  const auto committed = publish(store).or_raise();
  EXPECT_FALSE(store.run([&] { return store->wait_durable(committed.lsn); }));
  const auto durable = is_read_durable();
  ASSERT_FALSE(durable);
  EXPECT_EQ(durable.error().code, ErrorCode::unavailable);

  replica_.resume();
  EXPECT_TRUE(redis::testing::eventually([&] { return is_read_durable().has_value(); }));
}

// After a fail-over to a replica that had not got a commit, a WAIT there must not count for it: its record is missing.
TEST_F(Replicas, DoNotConfirmWhatTheServerHasNoRecordOf) {
  StoreOn store{url("20000")};
  replica_.pause();
  const auto first = publish(store).or_raise();
  ASSERT_TRUE(redis::testing::eventually([&] {
    return master_.ask(Command{"INFO", "clients"}).text.find("blocked_clients:1") != std::string::npos;
  })) << "it waits for the replica";
  const auto lost = publish(store).or_raise();
  const auto session = master_.tell(Command{"KEYS", "{suite:0}:session:*"});
  ASSERT_EQ(session.items.size(), 1u);
  master_.tell(Command{"HDEL", session.items[0].text, "2"});
  replica_.resume();
  store.run([&] { return store->wait_durable(first.lsn); }).or_raise();
  const auto durable = store.run([&] { return store->wait_durable(lost.lsn); });
  ASSERT_FALSE(durable);
  EXPECT_EQ(durable.error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace tidemark::store
