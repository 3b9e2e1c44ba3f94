// Many threads at once: run under ThreadSanitizer, too.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "engine/test_engine.hpp"

namespace tidemark::engine {
namespace {

const model::Partition PARTITION{"bank", 0};

// Adds one to a counter in a document, until it has done so without a conflict.
void increment(Engine& engine, model::Commit commit) {
  for (bool done = false; !done;) {
    const auto found = engine.find(PARTITION, "bank.counters", "sum").value();
    const auto& document = found.value;
    const auto count = document ? std::stoi(document->json.substr(document->json.find(':') + 1)) : 0;
    const auto version = document ? std::optional{document->version} : std::nullopt;
    commit.partition = PARTITION;
    commit.expected_documents = {{"bank.counters", "sum", version}};
    commit.documents = {{"bank.counters",
                         "sum",
                         "{\"count\":" + std::to_string(count + 1) + "}",
                         {version ? version->counter + 1 : 1, 7}}};
    const auto committed = engine.commit(commit);
    done = committed.has_value();
    ASSERT_TRUE(done || committed.error().code == ErrorCode::conflict) << committed.error().text();
  }
}

TEST(Threads, take_effect_once_for_each_delivery) {
  constexpr int EVENTS = 600, HANDLERS = 3;
  TestEngine engine;
  engine->declare_collection({"bank.counters", {}}).value();
  engine->declare_group("orders", "sums", StreamId::min()).value();
  std::atomic<int> handled{0};
  std::vector<std::thread> threads;
  for (int publisher = 0; publisher < 2; ++publisher)
    threads.emplace_back([&] {
      for (int i = 0; i < EVENTS / 2; ++i) engine.publish("orders");
    });
  for (int handler = 0; handler < HANDLERS; ++handler)
    threads.emplace_back([&, name = "h" + std::to_string(handler)] {
      while (handled < EVENTS) {
        const auto batch = engine->deliver({"orders", "sums", name}, 7, SIZE_MAX).value();
        for (const auto& delivery : batch.deliveries) {
          model::Commit commit;
          commit.settlements = {{"orders", "sums", delivery.id, delivery.token}};
          commit.publications = {publication("done")};
          increment(*engine.operator->(), commit);
          ++handled;
        }
      }
    });
  // Others look on, delete, trim and maintain meanwhile.
  threads.emplace_back([&] {
    while (handled < EVENTS) {
      engine->groups("orders").value();
      engine->pending("orders", "sums", StreamId::min(), 100).value();
      engine->trim("orders", {.length = 10}, false).value();
      engine->maintain().value();
      engine->counters();
      const auto info = engine->topic("done");
      if (info) engine->erase_entries("done", {&info->last_id, 1}).value();
    }
  });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(engine->find(PARTITION, "bank.counters", "sum").value().value->json,
            "{\"count\":" + std::to_string(EVENTS) + "}");
  EXPECT_EQ(engine->topic("done").value().entries_added, static_cast<std::uint64_t>(EVENTS));
  EXPECT_EQ(engine->groups("orders").value().at(0).pending, 0u);
  EXPECT_EQ(engine->groups("orders").value().at(0).lag, 0u);
}

// A handler that was taken for dead goes on: whoever claims its deliveries and itself commit for the same events.
TEST(Threads, take_effect_once_for_each_delivery_that_is_claimed_from_whoever_is_at_it) {
  constexpr int EVENTS = 400, HANDLERS = 3;
  TestEngine engine;
  engine->declare_group("orders", "sums", StreamId::min()).value();
  for (int i = 0; i < EVENTS; ++i) engine.publish("orders");
  std::atomic<int> handled{0}, fenced{0};
  std::vector<std::thread> threads;
  for (int handler = 0; handler < HANDLERS; ++handler)
    threads.emplace_back([&, name = "h" + std::to_string(handler)] {
      const Subscription by{"orders", "sums", name};
      for (int turn = 0; handled < EVENTS; ++turn) {
        const auto batch =
            turn % 2 ? engine->claim(by, Duration{0}, StreamId::min(), 20) : engine->deliver(by, 20, SIZE_MAX);
        for (const auto& delivery : batch.value().deliveries) {
          std::this_thread::yield();  // so that others take it meanwhile
          model::Commit commit{.partition = PARTITION};
          commit.settlements = {{"orders", "sums", delivery.id, delivery.token}};
          commit.publications = {publication("done", delivery.id.text())};
          const auto committed = engine->commit(commit);
          ASSERT_TRUE(committed || committed.error().code == ErrorCode::fenced) << committed.error().text();
          ++(committed ? handled : fenced);
        }
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(handled, EVENTS);
  EXPECT_GT(fenced, 0) << "nobody took anything from anybody, so this shows nothing";
  auto done = engine.texts("done");
  std::ranges::sort(done);
  EXPECT_EQ(std::ranges::unique(done).begin(), done.end()) << "an event took effect twice";
  EXPECT_EQ(done.size(), static_cast<std::size_t>(EVENTS));
}

// What a read has seen has an LSN at or below the one that it reports: else it could answer before that is durable.
TEST(Threads, report_an_lsn_that_covers_what_they_have_read) {
  TestEngine engine;
  engine->declare_collection({"bank.counters", {}}).value();
  std::atomic<bool> stop{false};
  std::array<std::atomic<std::uint64_t>, 2001> lsn_of{};
  std::thread writer{[&] {
    for (std::uint64_t i = 1; i <= 2000; ++i) {
      model::Commit commit{.partition = PARTITION};
      commit.documents = {{"bank.counters", "n", "{}", {i, 7}}};
      lsn_of[i] = engine->commit(commit).value().lsn.value;
    }
    stop = true;
  }};
  while (!stop) {
    const auto read = engine->find(PARTITION, "bank.counters", "n").value();
    if (!read.value) continue;
    const auto& lsn = lsn_of[read.value->version.counter];
    while (lsn == 0) std::this_thread::yield();  // read before the writer's call has returned
    EXPECT_GE(read.seen.value, lsn.load());
  }
  writer.join();
}

}  // namespace
}  // namespace tidemark::engine
