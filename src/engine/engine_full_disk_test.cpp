// On a full disk a write of the log ends the process; so whatever writes is refused before it comes to that.
#include <gtest/gtest.h>

#include <thread>

#include "engine/test_engine.hpp"
#include "storage/full_disk.hpp"

namespace tidemark::engine {
namespace {

constexpr std::size_t WRITE_BUFFER_BYTES = 512 << 10;

// Operators' calls were not refused, and ended a process that had been refusing everybody else.
TEST(FullDisk, refuses_all_that_writes_until_there_is_room_and_shows_what_is_there) {
  const storage::TestDirectory directory;
  storage::FullDisk disk;
  VirtualClock clock;
  const auto engine =
      Engine::open({.storage = {.path = directory.path(), .write_buffer_bytes = WRITE_BUFFER_BYTES, .env = &disk.env()},
                    .clock = &clock})
          .or_raise();
  const auto publish = [&](std::size_t bytes) {
    model::Commit commit;
    commit.publications.push_back(publication("orders", std::string(bytes, 'x')));
    return engine->commit(commit);
  };
  const auto first = publish(10).value().published.front();
  engine->declare_group("orders", "stock", StreamId::min()).value();
  const Subscription by{"orders", "stock", "consumer"};
  engine->deliver(by, 1, SIZE_MAX).value();
  disk.fill();
  {
    const storage::FullDisk::Commits made{disk};
    publish(WRITE_BUFFER_BYTES).value();
    publish(10).value();  // begins to write what is buffered to a sorted file, in the background
  }
  while (engine->maintain()) std::this_thread::yield();

  const auto refused = [](const auto& result, const char* what) {
    ASSERT_FALSE(result.has_value()) << what;
    EXPECT_EQ(result.error().code, ErrorCode::disk_full) << what << ": " << result.error().text();
  };
  refused(publish(10), "commit");
  refused(engine->declare_topic({"others", {}}), "declare_topic");
  refused(engine->declare_partitions("shop", 2), "declare_partitions");
  refused(engine->declare_collection({"shop.orders", {}}), "declare_collection");
  refused(engine->declare_group("orders", "bills", StreamId::min()), "declare_group");
  refused(engine->set_group_cursor("orders", "stock", StreamId::min()), "set_group_cursor");
  refused(engine->remove_consumer(by), "remove_consumer");
  refused(engine->remove_group("orders", "stock"), "remove_group");
  refused(engine->remove_topic("orders"), "remove_topic");
  refused(engine->acknowledge("orders", "stock", {&first, 1}), "acknowledge");
  refused(engine->erase_entries("orders", {&first, 1}), "erase_entries");
  refused(engine->trim("orders", {.length = 0}, true), "trim");
  refused(engine->deliver(by, 1, SIZE_MAX), "deliver");
  refused(engine->claim(by, Duration{0}, StreamId::min(), 1), "claim");
  refused(engine->maintain(), "maintain");

  const auto group = engine->groups("orders").value().at(0);
  EXPECT_EQ(group.name, "stock");
  EXPECT_EQ(group.pending, 1u);
  EXPECT_EQ(engine->read("orders", {.count = 1}).value().at(0).id, first);
}

}  // namespace
}  // namespace tidemark::engine
