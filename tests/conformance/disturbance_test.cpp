// Several processes work on one topic while connections are cut, functions are forgotten and masters are replaced: each
// event takes effect once, and none that was acknowledged is lost where the servers keep it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "conformance/redis_deployment.hpp"
#include "conformance/store_test.hpp"
#include "fiber/io_thread.hpp"
#include "fiber/task_group.hpp"
#include "store/redis/redis_store.hpp"

namespace tidemark::conformance {
namespace {

using redis::testing::eventually;

constexpr int PROCESSES = 2, CONSUMERS = 3;  // of each process
constexpr Duration BETWEEN_EVENTS{5};        // of each process
constexpr int HANDLED_BETWEEN = 40;          // disturbances
constexpr int TRIES_MAX = 200;
constexpr Duration LEASE{300};

const std::string ORDERS = model::own_topic(PARTITION, "orders"), RESULTS = model::own_topic(PARTITION, "results");

// What all processes have to say in the end.
struct Account {
  std::mutex mutex;
  std::set<std::string> acknowledged, unknown;  // events published, and those that may have been
  std::atomic<int> handled = 0;
  std::atomic<bool> publishing = true, handling = true;
};

class Process {
 public:
  Process(int number, Account& account)
      : number_{number}, account_{account}, store_{store::RedisStore::open(options()).or_raise()} {}

  void start() {
    thread_ = std::thread{[this] {
      io_.run("process", [this] {
        fiber::TaskGroup group;
        group.spawn("publish", [this] { publish(); });
        for (int i = 0; i < CONSUMERS; ++i) group.spawn("handle", [this, i] { handle(i); });
        group.wait();
      });
    }};
  }
  void join() { thread_.join(); }

  // On a fiber of this process.
  template <class Call>
  void run(Call call) {
    io_.run("look", [&] { call(*store_); });
  }

 private:
  static store::RedisOptions options() { return store::parse_redis_url(RedisDeployment::get().url()).or_raise(); }

  // No other errors may come than that the server can't be had.
  static void sit_out(const Failure& failure) {
    EXPECT_TRUE(failure.code == ErrorCode::unavailable || failure.code == ErrorCode::timeout) << failure.text();
    this_fiber::sleep_for(Duration{20});
  }

  void publish() {
    for (int i = 0; account_.publishing; ++i) {
      const auto text = std::to_string(number_) + "-" + std::to_string(i);
      auto publishing = commit_in();
      publishing.publications.push_back(event(ORDERS, text));
      const auto committed = store_->commit(publishing);
      if (!committed) sit_out(committed.error());
      this_fiber::sleep_for(BETWEEN_EVENTS);
      const std::lock_guard lock{account_.mutex};
      (committed ? account_.acknowledged : account_.unknown).insert(text);
    }
  }

  void handle(int consumer) {
    const store::Subscription by{ORDERS, "group", std::to_string(number_) + "." + std::to_string(consumer)};
    while (account_.handling) {
      auto batch = store_->fetch(by, 4, 1 << 20, io_.loop().now() + Duration{50});
      if (batch && batch->deliveries.empty()) batch = store_->claim(by, LEASE, StreamId::min(), 20);
      if (!batch) {
        sit_out(batch.error());
        continue;
      }
      for (const auto& delivery : batch->deliveries) handle(by, delivery);
    }
  }

  // Whatever is left undone here is claimed later.
  void handle(const store::Subscription& by, const model::Delivery& delivery) {
    for (int tries = 0; tries < TRIES_MAX; ++tries) {
      const auto counter = store_->find(PARTITION, DOCUMENTS, "counter");
      if (!counter) {
        sit_out(counter.error());
        return;
      }
      const auto version = counter->value ? std::optional{counter->value->version} : std::nullopt;
      const int count = counter->value ? std::stoi(counter->value->json) : 0;
      auto commit = commit_in();
      commit.settlements.push_back(acknowledgement(by, delivery));
      commit.expected_documents.push_back(expect_version("counter", version));
      commit.documents.push_back(put("counter", std::to_string(count + 1), version));
      commit.publications.push_back(event(RESULTS, text_of(delivery.fields)));
      const auto committed = store_->commit(commit);
      if (committed) ++account_.handled;
      if (committed || committed.error().code == ErrorCode::fenced) return;
      if (committed.error().code == ErrorCode::conflict) continue;
      sit_out(committed.error());
      return;
    }
  }

  const int number_;
  Account& account_;
  fiber::IoThread io_{"process"};
  std::unique_ptr<store::Store> store_;
  std::thread thread_;
};

class Disturbances : public testing::Test {
 protected:
  Disturbances() {
    deployment_.leave_room(true);
    deployment_.empty();
    for (int i = 0; i < PROCESSES; ++i) processes_.push_back(std::make_unique<Process>(i, account_));
    processes_[0]->run([](store::Store& store) {
      store.declare_collection({.name = DOCUMENTS, .indexes = {}}).or_raise();
      store.declare_topic({.name = RESULTS, .retention = {}}).or_raise();
      store.declare_group(ORDERS, "group", StreamId::min()).or_raise();
    });
  }

  void expect_progress() {
    const int before = account_.handled;
    EXPECT_TRUE(eventually([&] { return account_.handled >= before + HANDLED_BETWEEN; })) << "nothing goes on";
  }

  std::multiset<std::string> texts(const std::string& topic) {
    std::multiset<std::string> texts;
    processes_[0]->run([&](store::Store& store) {
      for (StreamId after;;) {
        const auto entries = store.read(topic, after, 1000).or_raise();
        if (entries.empty()) return;
        for (const auto& entry : entries) texts.insert(text_of(entry.fields));
        after = entries.back().id;
      }
    });
    return texts;
  }

  RedisDeployment& deployment_ = RedisDeployment::get();
  Account account_;
  std::vector<std::unique_ptr<Process>> processes_;
};

TEST_F(Disturbances, LeaveEachEventWithOneEffect) {
  for (const auto& process : processes_) process->start();
  for (int round = 0; round < 3; ++round) {
    expect_progress();
    deployment_.cut_connections();
    expect_progress();
    deployment_.forget_functions();
    expect_progress();
    if (round == 1) deployment_.replace_master();
    if (round == 2) deployment_.reshard();
  }
  expect_progress();
  account_.publishing = false;
  EXPECT_TRUE(eventually([&] { return texts(ORDERS).size() == texts(RESULTS).size(); }));
  account_.handling = false;
  for (const auto& process : processes_) process->join();

  const auto orders = texts(ORDERS), results = texts(RESULTS);
  EXPECT_EQ(orders, results) << "each event has one effect";
  for (const auto& order : orders) EXPECT_EQ(orders.count(order), 1U) << order << " was published once";
  for (const auto& order : orders)
    EXPECT_TRUE(account_.acknowledged.contains(order) || account_.unknown.contains(order)) << order;
  if (deployment_.keeps_what_was_acknowledged()) {
    for (const auto& order : account_.acknowledged) EXPECT_TRUE(orders.contains(order)) << order << " was lost";
  }
  processes_[0]->run([&](store::Store& store) {
    const auto counter = store.find(PARTITION, DOCUMENTS, "counter").or_raise();
    ASSERT_TRUE(counter.value);
    EXPECT_EQ(counter.value->json, std::to_string(results.size()));
    EXPECT_THAT(store.pending(ORDERS, "group", StreamId::min(), 10).or_raise(), testing::IsEmpty());
  });
}

}  // namespace
}  // namespace tidemark::conformance
