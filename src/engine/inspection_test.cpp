// An inspection finds nothing in what the engine has written, whatever it did, and finds each thing that was tampered
// with.
#include "engine/inspection.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "engine/document_key.hpp"
#include "engine/keyspace.hpp"
#include "engine/test_engine.hpp"

namespace tidemark::engine {
namespace {

const std::string ORDERS = "shop.orders";

class InspectionTest : public testing::Test {
 protected:
  InspectionTest() {
    engine_->declare_collection({ORDERS, {{"status", "status", false}, {"mail", "mail", true}}}).or_raise();
    engine_->declare_group("placed", "stock", {}).or_raise();
    engine_->declare_group("placed", "mail", {}).or_raise();
    for (int i = 0; i < 20; ++i) work(i);
  }

  void work(int i) {
    const auto id = std::to_string(i);
    model::Commit commit{.partition = {"shop", 0}};
    commit.publications = {publication("placed", id), publication("paid", id)};
    commit.documents.push_back({ORDERS, id, R"({"status":"open","mail":")" + id + R"("})", {1, 1}});
    commit.timers.push_back({id, engine_.clock().now() + std::chrono::hours{1}, "placed", fields_of({{"text", id}})});
    commit.keys.push_back({id, "value", engine_.clock().now() + std::chrono::hours{1}, false});
    engine_->commit(commit).or_raise();
  }
  Inspection inspection() { return inspect(engine_->storage()); }

  void put(const std::string& key, const std::string& value) {
    storage::Batch batch;
    batch.put(key, value);
    engine_->storage().commit(batch);
  }
  void erase(const std::string& key) {
    storage::Batch batch;
    batch.erase(key);
    engine_->storage().commit(batch);
  }
  // The first key of a kind, and what stands there.
  std::pair<std::string, std::string> first_of(const std::string& prefix) {
    auto cursor = engine_->storage().exact_cursor(prefix, end_of_prefix(prefix));
    cursor.seek_first();
    EXPECT_TRUE(cursor.valid()) << prefix;
    return {std::string{cursor.key()}, std::string{cursor.value()}};
  }
  void expect_finding(const std::string& words) {
    const auto found = inspection();
    EXPECT_GT(found.wrong, 0u);
    for (const auto& finding : found.findings) {
      EXPECT_FALSE(finding.remedy.empty());
      if ((finding.about + " " + finding.wrong).find(words) != std::string::npos) return;
    }
    ADD_FAILURE() << "nothing about: " << words << "; first: "
                  << (found.findings.empty() ? "nothing" : found.findings[0].about + " " + found.findings[0].wrong);
  }

  TestEngine engine_;
};

TEST_F(InspectionTest, FindsNothingWrongInWhatTheEngineHasWritten) {
  const std::uint64_t seed = thread_random().next();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random{seed};
  for (int i = 0; i < 400; ++i) {
    const Subscription by{"placed", random.below(2) ? "stock" : "mail", random.below(2) ? "one" : "two"};
    const auto choice = random.below(9);
    if (choice < 3) work(static_cast<int>(random.below(60)) + (choice == 0 ? 20 : 1000 + i));
    if (choice == 3) engine_->deliver(by, 1 + static_cast<std::uint32_t>(random.below(5)), 1 << 20).or_raise();
    if (choice == 4) engine_->claim(by, Duration{0}, {}, 3).or_raise();
    if (choice == 5) {
      const auto pending = engine_->pending(by.topic, by.group, {}, 10).or_raise();
      if (!pending.empty())
        engine_->acknowledge(by.topic, by.group, {{pending[random.below(pending.size())].id}}).or_raise();
    }
    if (choice == 6) {
      const auto entries = engine_->read("placed", {.count = 1000}).or_raise();
      if (!entries.empty()) engine_->erase_entries("placed", {{entries[random.below(entries.size())].id}}).or_raise();
    }
    if (choice == 7) engine_->trim("placed", {.length = 5 + random.below(40)}, random.below(2) == 0).or_raise();
    if (choice == 8) engine_->maintain().or_raise();
    engine_.clock().advance(std::chrono::milliseconds{random.below(200'000)});
    if (random.below(80) == 0) engine_.reopen();
    if (random.below(80) == 0) engine_.reopen_after_crash();
  }
  const auto found = inspection();
  for (const auto& finding : found.findings) ADD_FAILURE() << finding.about << ": " << finding.wrong;
  EXPECT_GT(found.documents, 0u);
  EXPECT_EQ(found.index_entries, 2 * found.documents);
}

TEST_F(InspectionTest, TellsHowManyRecordsItHasRead) {
  std::uint64_t records = 0, estimated = 0;
  const auto found = inspect(engine_->storage(), [&](std::uint64_t done, std::uint64_t of) {
    EXPECT_EQ(done, records + 1);
    records = done;
    estimated = of;
  });
  const auto counted = found.topics + found.entries + found.groups + found.collections + found.documents +
                       found.index_entries + 2 * found.timers + 2 * found.keys;
  EXPECT_EQ(records, counted);
  EXPECT_GE(estimated, counted);
}

TEST_F(InspectionTest, FindsRemovedTopicsAndGroupsNowhere) {
  engine_->deliver({"placed", "stock", "one"}, 5, 1 << 20).or_raise();
  engine_->remove_group("placed", "stock").or_raise();
  engine_->remove_topic("paid").or_raise();
  EXPECT_EQ(inspection().wrong, 0u);
  engine_.reopen();
  const auto found = inspection();
  EXPECT_EQ(found.wrong, 0u);
  EXPECT_EQ(found.topics, 1u);
  EXPECT_EQ(found.groups, 1u);
}

TEST_F(InspectionTest, FindsAnIndexEntryThatIsMissing) {
  erase(first_of("x").first);
  expect_finding("is not in the index");
}

TEST_F(InspectionTest, FindsAnIndexEntryThatNoDocumentHas) {
  const auto [key, value] = first_of("x");
  put(key + "!", value);
  expect_finding("that no document has");
}

TEST_F(InspectionTest, FindsAMissingDocument) {
  erase(first_of("d").first);
  expect_finding("that no document has");
}

TEST_F(InspectionTest, FindsADocumentThatIsNoJson) {
  const auto [key, value] = first_of("d");
  put(key, value.substr(0, VERSION_BYTES) + "{");
  expect_finding("is not JSON");
}

TEST_F(InspectionTest, FindsAMissingEntry) {
  const auto [key, value] = first_of("e");
  std::string second = key;
  second.back() = static_cast<char>(second.back() + 1);
  erase(second);
  expect_finding("but its record says");
}

TEST_F(InspectionTest, FindsEntriesOfATopicThatThereIsNot) {
  put(std::string{Key{Space::entries}.u32(999).id({1, 1})}, first_of("e").second);
  expect_finding("is of a topic that there is not");
}

TEST_F(InspectionTest, FindsWhatIsPendingButNeverWas) {
  engine_->deliver({"placed", "stock", "one"}, 1, 1 << 20).or_raise();
  const auto delivery = engine_->pending("placed", "stock", {}, 1).or_raise().front();
  const auto [key, value] = first_of("r");
  // The range's group is in its key; of the same group, an entry far above all ids.
  std::string single = "p" + key.substr(1, 4);
  append_big_endian(single, delivery.id.ms + 1'000'000'000, 8);
  append_big_endian(single, 0, 8);
  std::string record;
  for (int number = 0; number < 7; ++number) record.push_back('\1');  // with consumer 1
  put(single, record.append(1, '\0'));
  expect_finding("refers to an entry that there never was");
}

TEST_F(InspectionTest, FindsATimerThatHasLostItsEvent) {
  erase(first_of("Tt").first);
  expect_finding("has lost its event");
}

TEST_F(InspectionTest, FindsAKeyThatWillNeverExpire) {
  erase(first_of("K").first);
  expect_finding("will never expire");
}

TEST_F(InspectionTest, FindsKeysOfNoKind) {
  put("?", "");
  expect_finding("is of no kind");
}

}  // namespace
}  // namespace tidemark::engine
