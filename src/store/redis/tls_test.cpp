// The adapter on deployments whose nodes speak TLS among each other and with their clients, who prove who they are.
#include <gtest/gtest.h>

#include "redis/slots.hpp"
#include "redis/test_certificates.hpp"
#include "store/redis/test_store.hpp"

namespace tidemark::store {
namespace {

using namespace std::chrono_literals;

const model::Partition PARTITION{"suite", 0};
const Subscription BY{"orders", "stock", "a"};

void publish(StoreOn& store, const std::string& text) {
  model::Commit commit;
  commit.partition = PARTITION;
  commit.publications.push_back({.topic = BY.topic, .fields = text_fields(text), .id = {}});
  const auto committed = store.run([&] { return store->commit(commit); }).or_raise();
  store.run([&] { return store->wait_durable(committed.lsn); }).or_raise();
}

// Waits for it on a connection that blocks.
std::string next_text(StoreOn& store) {
  const auto batch =
      store.run([&] { return store->fetch(BY, 1, 1 << 20, Clock::system().instant() + 60s); }).or_raise();
  return batch.deliveries.empty() ? "" : std::string{batch.deliveries.front().fields.find("text").value_or("")};
}

TEST(OverTls, AClusterIsReachedWhereverAKeyIsAndWhereItMoves) {
  const redis::testing::TestCertificates certificates;
  redis::testing::RedisCluster cluster{3, 1, {}, &certificates};
  StoreOn store{cluster.url() + "&wait=1"};
  store.run([&] { return store->declare_group(BY.topic, BY.group, {}); }).or_raise();
  publish(store, "1");
  EXPECT_EQ(next_text(store), "1");
  for (const auto slot : {redis::slot_of(PARTITION.tag()), redis::slot_of(BY.topic)})
    cluster.migrate(slot, (cluster.owner_of(slot) + 1) % cluster.masters());
  publish(store, "2");
  EXPECT_EQ(next_text(store), "2");
}

TEST(OverTls, AMasterIsFoundThroughItsSentinelsAlsoAfterAFailOver) {
  const redis::testing::TestCertificates certificates;
  redis::testing::RedisSentinels sentinels{1, 1, {}, &certificates};
  StoreOn store{sentinels.url() + "&wait=1"};
  store.run([&] { return store->declare_group(BY.topic, BY.group, {}); }).or_raise();
  publish(store, "1");
  EXPECT_EQ(next_text(store), "1");
  sentinels.fail_over();
  const auto& promoted = sentinels.server(sentinels.master());
  ASSERT_TRUE(redis::testing::eventually([&] {
    return promoted.ask(redis::Command{"INFO", "replication"}).text.find("state=online") != std::string::npos;
  })) << "the former master does not follow";
  publish(store, "2");
  EXPECT_EQ(next_text(store), "2");
}

}  // namespace
}  // namespace tidemark::store
