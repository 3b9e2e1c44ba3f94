#include <gtest/gtest.h>

#include "engine/keyspace.hpp"
#include "engine/test_engine.hpp"

namespace tidemark::engine {
namespace {

// Puts a record behind the engine's back, and opens the directory again.
Failure open_with(const std::string& key, const std::string& value) {
  const storage::TestDirectory directory;
  const EngineOptions options{.storage = {.path = directory.path()}};
  {
    const auto engine = Engine::open(options).or_raise();
    engine->declare_group("orders", "billing", StreamId::min()).value();
    storage::Batch batch;
    batch.put(key, value);
    engine->storage().commit(batch);
  }
  const auto engine = Engine::open(options);
  return engine ? Failure{} : engine.error();
}

std::string bytes(const Key& key) { return std::string{key.view()}; }

TEST(Opening, refuses_a_directory_of_another_format) {
  const auto failure = open_with("mformat", "\x02");
  EXPECT_EQ(failure.code, ErrorCode::invalid);
  EXPECT_NE(failure.message.find("format 2"), std::string::npos) << failure.text();
}

TEST(Opening, names_a_topic_whose_record_is_corrupt) {
  const auto failure = open_with("torders", "\x01");
  EXPECT_EQ(failure.code, ErrorCode::corrupt);
  EXPECT_NE(failure.about.find("orders"), std::string::npos) << failure.text();
}

TEST(Opening, reports_corrupt_entries_groups_and_pending_records) {
  // The topic is number 1, its group number 2.
  const StreamId id{5, 0};
  for (const auto& key : {bytes(Key{Space::entries}.u32(1).id(id)), bytes(Key{Space::groups}.u32(1).u32(2)),
                          bytes(Key{Space::ranges}.u32(2).id(id)), bytes(Key{Space::pending}.u32(2).id(id))}) {
    EXPECT_EQ(open_with(key, "\xff").code, ErrorCode::corrupt) << key[0];
    EXPECT_EQ(open_with(key, "").code, ErrorCode::corrupt) << key[0];
  }
}

// A bit for each ordinal of the span, and no more.
TEST(Opening, reports_a_range_whose_bits_do_not_fit_its_span) {
  const auto key = bytes(Key{Space::ranges}.u32(2).id({5, 0}));
  for (const auto* span : {"\x00", "\x09", "\xff\x7f"}) {
    const std::string record =
        std::string{"\x00\x00\x01", 3} + (*span ? span : std::string(1, '\0')) + "\x01\x01\x01\x01";
    EXPECT_EQ(open_with(key, record).code, ErrorCode::corrupt);
  }
}

TEST(Opening, finds_everything_as_it_was) {
  TestEngine engine;
  engine->declare_topic({"orders", {.age = Duration{60'000}, .count = 7, .bytes = 1 << 20, .force = true}}).value();
  engine->declare_group("orders", "billing", StreamId::min()).value();
  for (int i = 0; i < 5; ++i) engine.publish("orders");
  engine->deliver({"orders", "billing", "ann"}, 3, SIZE_MAX).value();
  const auto topic = engine->topic("orders").value();
  const auto group = engine->groups("orders").value().at(0);
  engine.reopen();
  EXPECT_EQ(engine->topic("orders").value().retention, topic.retention);
  EXPECT_EQ(engine->topic("orders").value().entries_added, topic.entries_added);
  EXPECT_EQ(engine->topic("orders").value().bytes, topic.bytes);
  EXPECT_EQ(engine->groups("orders").value().at(0).cursor, group.cursor);
  EXPECT_EQ(engine->groups("orders").value().at(0).lag, 2u);
  EXPECT_EQ(engine->groups("orders").value().at(0).consumers.at(0).pending, 3u);
}

}  // namespace
}  // namespace tidemark::engine
