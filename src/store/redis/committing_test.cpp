// Commits whose answers get lost, and functions that are forgotten: on a real server.
#include "store/redis/committing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "store/redis/keys.hpp"
#include "store/redis/locals.hpp"
#include "store/redis/test_store.hpp"

namespace tidemark::store {
namespace {

using redis::Command;
using Sending = CommitCall::Sending;

const model::Partition PARTITION{"suite", 0};

class Repetitions : public testing::Test {
 protected:
  static model::Commit publishing() {
    model::Commit commit;
    commit.partition = PARTITION;
    commit.publications.push_back({.topic = "orders", .fields = text_fields("1"), .id = {}});
    return commit;
  }
  // The server's answer to a commit of that number, sent in that way.
  resp::Value send(std::uint64_t number, Sending sending, const model::Commit& commit = publishing()) {
    return locals_.run_from_outside([&](Local& at) -> resp::Value {
      const auto call = CommitCall::encode(shared_, commit, {}, {}, {.value = number, .extends = true}).or_raise();
      auto reply = at.server.reply(call.call(shared_, sending));
      EXPECT_TRUE(reply.answered());
      return std::move(reply.value);
    });
  }
  static std::string word(const resp::Value& answer) {
    return answer.items.empty() ? answer.text : answer.items[0].text;
  }
  std::int64_t published() { return server_.tell(Command{"XLEN", "orders"}).number; }
  std::string session_key() const { return keys::session(PARTITION, shared_.session); }

  redis::testing::RedisServer server_;
  Shared shared_{parse_redis_url(server_.url()).or_raise()};
  Locals locals_{shared_};
};

TEST_F(Repetitions, GiveTheFirstAnswerAndChangeNothing) {
  const auto first = send(1, Sending::first);
  EXPECT_EQ(word(first), "ok");
  EXPECT_EQ(send(1, Sending::repeated), first);
  EXPECT_EQ(send(1, Sending::repeated_and_recorded), first);
  EXPECT_EQ(published(), 1);
}

TEST_F(Repetitions, ExecuteWhatWasNotExecuted) {
  EXPECT_EQ(word(send(1, Sending::repeated)), "ok");
  EXPECT_EQ(word(send(2, Sending::repeated_and_recorded)), "ok");
  EXPECT_EQ(published(), 2);
}

TEST_F(Repetitions, OfARefusedCommitAreRefusedAgain) {
  auto commit = publishing();
  commit.publications.front().id = StreamId{5, 0};
  EXPECT_EQ(word(send(1, Sending::first, commit)), "ok");
  EXPECT_EQ(word(send(2, Sending::first, commit)), "invalid");
  EXPECT_EQ(word(send(2, Sending::repeated_and_recorded, commit)), "invalid");
  EXPECT_EQ(published(), 1);
}

TEST_F(Repetitions, AreRefusedWhenTheSessionsRecordIsGone) {
  EXPECT_EQ(word(send(1, Sending::first)), "ok");
  server_.tell(Command{"DEL", session_key()});
  EXPECT_EQ(word(send(1, Sending::repeated_and_recorded)), "unavailable");
  EXPECT_EQ(published(), 1);
}

TEST_F(Repetitions, AreRefusedWhenTooManyCommitsFollowed) {
  EXPECT_EQ(word(send(1, Sending::first)), "ok");
  EXPECT_EQ(word(send(1 + 1024, Sending::first)), "ok");
  EXPECT_EQ(word(send(1, Sending::repeated)), "unavailable");
  EXPECT_EQ(published(), 2);
}

TEST_F(Repetitions, GetTheirAnswerFromAFullServerToo) {
  auto commit = publishing();
  commit.refusable = true;
  const auto first = send(1, Sending::first_unfenced, commit);
  EXPECT_EQ(word(first), "ok");
  server_.tell(Command{"CONFIG", "SET", "maxmemory", 1});
  EXPECT_EQ(send(2, Sending::first_unfenced, commit).error_code(), "OOM");
  EXPECT_EQ(send(1, Sending::repeated, commit), first);
  EXPECT_EQ(published(), 1);
}

TEST_F(Repetitions, FindRecordsThatEndByThemselves) {
  send(1, Sending::first);
  const auto lives_ms = server_.tell(Command{"PTTL", session_key()}).number;
  EXPECT_GT(lives_ms, 0);
  EXPECT_LE(lives_ms, SESSION_LIVES.count());
}

// A retry leaves the delivery with its token, so that its copy which arrives late would pass for a new one.
TEST_F(Repetitions, OfARetryDoNotUndoWhatFollowedIt) {
  StoreOn store{server_.url()};
  const Subscription by{"orders", "stock", "a"};
  store.run([&] { return store->declare_group("orders", "stock", {}); }).or_raise();
  store.run([&] { return store->commit(publishing()); }).or_raise();
  const auto delivery =
      store.run([&] { return store->fetch(by, 1, 1 << 20, Clock::system().instant()); }).or_raise().deliveries.at(0);
  model::Commit retry;
  retry.partition = PARTITION;
  retry.settlements.push_back({.topic = "orders",
                               .group = "stock",
                               .id = delivery.id,
                               .token = delivery.token,
                               .kind = model::Settlement::Kind::retry,
                               .retry_at = Clock::system().now(),
                               .attempts = 1,
                               .error = "no"});
  EXPECT_EQ(word(send(1, Sending::repeated, retry)), "ok");
  store.run([&] { return store->record_attempt(by, delivery.id, delivery.token, 2); }).or_raise();
  const auto before = server_.tell(Command{"HGETALL", keys::runs("orders", "stock")});
  EXPECT_EQ(word(send(1, first_sending(retry), retry)), "ok");
  EXPECT_EQ(server_.tell(Command{"HGETALL", keys::runs("orders", "stock")}), before);
}

TEST_F(Repetitions, AreMadeWhenNoAnswerComesAndTakeEffectOnce) {
  StoreOn store{server_.url() + "?request_timeout=50"};
  store.run([&] { return store->commit(publishing()); }).or_raise();
  server_.tell(Command{"CLIENT", "PAUSE", 300, "ALL"});
  const auto committed = store.run([&] { return store->commit(publishing()); }).or_raise();
  EXPECT_EQ(committed.published.size(), 1u);
  EXPECT_EQ(published(), 2);
  const auto metrics = store->metrics();
  const auto repeats = std::ranges::find(metrics, "tidemark_store_commit_repeats_total", &Metric::name);
  ASSERT_NE(repeats, metrics.end());
  EXPECT_GT(repeats->value, 0);
}

TEST_F(Repetitions, FindFunctionsThatWereForgotten) {
  StoreOn store{server_.url()};
  for (int i = 0; i < 3; ++i) {
    server_.tell(Command{"FUNCTION", "FLUSH"});
    store.run([&] { return store->commit(publishing()); }).or_raise();
  }
  EXPECT_EQ(published(), 3);
}

}  // namespace
}  // namespace tidemark::store
