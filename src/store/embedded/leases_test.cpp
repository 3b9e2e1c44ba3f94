// Leases under threads: once a lease has passed, whoever had it before moves the group's cursor no further.
#include "store/embedded/leases.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "fiber/io_thread.hpp"
#include "storage/test_directory.hpp"
#include "store/embedded/embedded_store.hpp"

namespace tidemark::store {
namespace {

constexpr int EVENTS = 300;
const model::Partition PARTITION{"suite", 0};

class LeasesTest : public testing::Test {
 protected:
  LeasesTest() {
    main_.run("events", [&] {
      model::Commit commit{.partition = PARTITION};
      for (int i = 0; i < EVENTS; ++i) {
        commit.publications.push_back({.topic = "orders"});
        commit.publications.back().fields.add("n", std::to_string(i));
      }
      store_->declare_group("orders", "stock", StreamId::min()).or_raise();
      ids_ = store_->commit(commit).or_raise().published;
    });
  }

  Subscription by(const model::Lease& lease) const { return {"orders", "stock", lease.owner, lease}; }
  std::size_t place_of(StreamId id) const { return std::find(ids_.begin(), ids_.end(), id) - ids_.begin(); }

  storage::TestDirectory directory_;
  std::unique_ptr<Store> store_ =
      EmbeddedStore::open({.path = directory_.path(), .durability = storage::Durability::parse("never").value()})
          .or_raise();
  fiber::IoThread main_{"main"}, other_{"other"};
  std::vector<StreamId> ids_;
};

// One owner after another takes over while the one before it still fetches: what is pending at the take-over, and what
// is fetched from then on, is everything that was not settled, with no gap between.
TEST_F(LeasesTest, LeaveNothingToAFormerOwnerThatFetches) {
  const auto take = [&](const std::string& owner) {
    return store_->lease(PARTITION, owner, Duration{60'000}).or_raise().lease.value();
  };
  std::mutex mutex;
  model::Lease lease;
  main_.run("first", [&] { lease = take("owner 0"); });
  std::atomic<bool> ended = false;
  auto former = std::thread{[&] {
    while (!ended) {
      other_.run("fetch", [&] {
        const auto mine = [&] {
          const std::lock_guard lock{mutex};
          return lease;
        }();
        for (int i = 0; i < 20; ++i)
          if (!store_->fetch(by(mine), 1, 1, Instant::min())) break;
      });
    }
  }};
  main_.run("owners", [&] {
    std::size_t taken_over = 0;
    for (int round = 1; taken_over < ids_.size(); ++round) {
      store_->release(lease).or_raise();
      const auto next = take("owner " + std::to_string(round));
      const auto pending = store_->claim(by(next), Duration{0}, StreamId::min(), EVENTS).or_raise().deliveries;
      EXPECT_TRUE(store_->fetch(by(lease), 1, 1, Instant::min()).error().code == ErrorCode::fenced);
      const auto fetched = store_->fetch(by(next), 1, 1, Instant::min()).or_raise().deliveries;
      model::Commit settling{.partition = PARTITION};
      for (const auto* batch : {&pending, &fetched}) {
        for (const auto& delivery : *batch) {
          EXPECT_EQ(place_of(delivery.id), taken_over++);
          settling.settlements.push_back(
              {.topic = "orders", .group = "stock", .id = delivery.id, .token = delivery.token});
        }
      }
      EXPECT_TRUE(store_->commit(settling));
      const std::lock_guard lock{mutex};
      lease = next;
    }
  });
  ended = true;
  former.join();
}

TEST_F(LeasesTest, AreForgottenByARestart) {
  main_.run("lease", [&] {
    const auto lease = store_->lease(PARTITION, "ann", Duration{60'000}).or_raise().lease.value();
    store_.reset();
    store_ = EmbeddedStore::open({.path = directory_.path(), .durability = {}}).or_raise();
    EXPECT_EQ(store_->fetch(by(lease), 1, 1, Instant::min()).error().code, ErrorCode::fenced);
    const auto again = store_->lease(PARTITION, "ann", Duration{60'000}).or_raise().lease.value();
    EXPECT_NE(again.epoch, lease.epoch);
  });
}

}  // namespace
}  // namespace tidemark::store
