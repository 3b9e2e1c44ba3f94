// Forwarding, played beside a model: whatever is repeated, overlaps or comes too early, the target has each entry of
// the source once, in order, and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

#include "engine/test_engine.hpp"

namespace tidemark::engine {
namespace {

model::Entry entry(std::uint64_t ms) { return {{ms, 0}, fields_of({{"text", std::to_string(ms)}})}; }

model::Forwarding forwarding(StreamId from, StreamId to, std::vector<model::Entry> entries = {}) {
  return {.source = "orders", .target = "inbox", .from = from, .to = to, .entries = std::move(entries)};
}

TEST(Forwarding, moves_the_last_id_where_nothing_is_meant_for_the_target) {
  TestEngine engine;
  EXPECT_EQ(engine->forward(forwarding({}, {5, 0})).value().last, (StreamId{5, 0}));
  for (int i = 0; i < 2; ++i) {
    const auto info = engine->topic("inbox").value();
    EXPECT_EQ(info.last_id, (StreamId{5, 0}));
    EXPECT_EQ(info.length, 0U);
    engine.reopen_after_crash();
  }
}

// A last id that no entry has is nothing to be read: whoever trusted it would spin.
TEST(Forwarding, wakes_nobody_for_ids_passed_over) {
  TestEngine engine;
  engine->forward(forwarding({}, {9, 0}, {entry(3)})).value();
  engine->declare_group("inbox", "g", {3, 0}).value();
  EXPECT_TRUE(engine->watch_topic("inbox", {3, 0}, [] { FAIL(); }).value().armed());
  EXPECT_TRUE(engine->watch_group("inbox", "g", [] { FAIL(); }).value().armed());
  EXPECT_FALSE(engine->watch_topic("inbox", {2, 0}, [] {}).value().armed());
  EXPECT_EQ(engine->groups("inbox").value().front().lag, 0U);
}

TEST(Forwarding, refuses_entries_out_of_order_or_range) {
  TestEngine engine;
  for (const auto& wrong : {forwarding({5, 0}, {4, 0}), forwarding({}, {UINT64_MAX, 0}),
                            forwarding({}, {9, 0}, {entry(5), entry(5)}), forwarding({}, {9, 0}, {entry(10)}),
                            forwarding({5, 0}, {9, 0}, {entry(5)}), forwarding({}, {9, 0}, {{{3, 0}, {}}})}) {
    const auto refused = engine->forward(wrong);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid);
  }
  EXPECT_FALSE(engine->topic("inbox")) << "nothing was applied";
}

// What is there, and how the counts and the ends that the engine keeps agree with it.
struct Model {
  StreamId last;
  std::map<StreamId, std::string> entries;
  std::map<StreamId, std::string> dropped;
};

void check(TestEngine& engine, const Model& model) {
  const auto info = engine->topic("inbox").value();
  RC_ASSERT(info.last_id == model.last);
  RC_ASSERT(info.length == model.entries.size());
  RC_ASSERT(info.entries_added == model.entries.size() + model.dropped.size());
  const auto read = engine->read("inbox", {.count = 10'000}).value();
  RC_ASSERT(read.size() == model.entries.size());
  auto expected = model.entries.begin();
  for (const auto& entry : read) {
    RC_ASSERT(entry.id == expected->first);
    RC_ASSERT(entry.fields.find("text").value_or("") == expected->second);
    ++expected;
  }
  const auto group = engine->groups("inbox").value().front();
  const auto behind = std::count_if(model.entries.begin(), model.entries.end(),
                                    [&](const auto& entry) { return entry.first > group.cursor; });
  RC_ASSERT(group.lag == static_cast<std::uint64_t>(behind));
}

RC_GTEST_PROP(Forwarding, keeps_each_entry_once_whatever_is_repeated, ()) {
  TestEngine engine;
  engine->declare_group("inbox", "g", StreamId::min()).value();
  const auto meant = [](std::uint64_t ms) { return ms % 3 != 0; };  // of the source's entries, for this target
  Model model;
  const auto steps = *rc::gen::inRange(1, 60);
  for (int step = 0; step < steps; ++step) {
    switch (*rc::gen::inRange(0, 8)) {
      default: {  // a forwarder whose idea of the target is old, right, or wrong
        const auto from = *rc::gen::inRange<std::uint64_t>(0, model.last.ms + 4);
        const auto to = from + *rc::gen::inRange<std::uint64_t>(0, 8);
        std::vector<model::Entry> entries;
        for (auto ms = from + 1; ms <= to; ++ms)
          if (meant(ms)) entries.push_back(entry(ms));
        const bool applies = StreamId{from, 0} <= model.last && StreamId{to, 0} > model.last;
        const auto forwarded = engine->forward(forwarding({from, 0}, {to, 0}, entries)).value();
        if (applies) {
          for (const auto& entry : entries)
            if (entry.id > model.last) model.entries[entry.id] = entry.fields.find("text").value_or("");
          model.last = {to, 0};
        }
        RC_ASSERT(forwarded.last == model.last);
        break;
      }
      case 1: {  // the inbox's reader takes some, and is done with them
        const auto batch = engine->deliver({"inbox", "g", "ann"}, 3, SIZE_MAX).value();
        std::vector<StreamId> ids;
        for (const auto& delivery : batch.deliveries) ids.push_back(delivery.id);
        engine->acknowledge("inbox", "g", ids).value();
        break;
      }
      case 2: {  // retention drops what was read
        engine->trim("inbox", {.length = *rc::gen::inRange(0, 3), .from = {}}, false).value();
        const auto first = engine->topic("inbox").value();
        const auto kept = first.length == 0 ? model.entries.end() : model.entries.lower_bound(first.first_id);
        for (auto at = model.entries.begin(); at != kept; at = model.entries.erase(at)) model.dropped.insert(*at);
        break;
      }
      case 3: *rc::gen::arbitrary<bool>() ? engine.reopen() : engine.reopen_after_crash(); break;
    }
    check(engine, model);
  }
}

TEST(PartitionCounts, stand_over_restarts) {
  TestEngine engine;
  engine->declare_partitions("stock", 4).value();
  engine.reopen_after_crash();
  EXPECT_TRUE(engine->declare_partitions("stock", 4));
  const auto other = engine->declare_partitions("stock", 2);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::invalid);
  EXPECT_THAT(other.error().message, testing::HasSubstr("--partitions 4"));
  EXPECT_TRUE(engine->declare_partitions("roles", 2));
  EXPECT_FALSE(engine->declare_partitions("cards", 0));
  EXPECT_FALSE(engine->declare_partitions("cards", 1025));
}

}  // namespace
}  // namespace tidemark::engine
