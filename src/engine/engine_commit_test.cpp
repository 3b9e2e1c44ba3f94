#include <gtest/gtest.h>

#include "engine/test_engine.hpp"

namespace tidemark::engine {
namespace {

const model::Partition PARTITION{"shop", 0};

model::Version version(std::uint64_t counter) { return {counter, 7}; }

model::DocumentChange put(std::string id, std::string json, std::uint64_t counter) {
  return {"shop.orders", std::move(id), std::move(json), version(counter)};
}

// A commit that touches everything there is, for a delivery of `group`.
model::Commit everything(const model::Delivery& delivery) {
  model::Commit commit{.partition = PARTITION};
  commit.settlements.push_back({"orders", "billing", delivery.id, delivery.token});
  commit.expected_documents.push_back({"shop.orders", "1", std::nullopt});
  commit.documents.push_back(put("1", R"({"id":"1"})", 1));
  commit.publications.push_back(publication("bills"));
  commit.publications.push_back(publication("bills", "second"));
  commit.timers.push_back({"remind", TimePoint{Duration{1'800'000'000'000}}, "reminders", fields_of({{"n", "1"}})});
  commit.keys.push_back({"seen", "yes", TimePoint{Duration{1'800'000'000'000}}, true});
  return commit;
}

class Commits : public testing::Test {
 protected:
  Commits() {
    engine->declare_collection({"shop.orders", {}}).value();
    engine->declare_group("orders", "billing", StreamId::min()).value();
    engine.publish("orders");
    delivery = engine->deliver({"orders", "billing", "ann"}, 1, SIZE_MAX).value().deliveries.at(0);
  }

  void expect_untouched() {
    EXPECT_EQ(engine->pending("orders", "billing", StreamId::min(), 10).value().size(), 1u);
    EXPECT_FALSE(engine->find(PARTITION, "shop.orders", "1").value().value);
    EXPECT_EQ(engine->topic("bills").error().code, ErrorCode::not_found);
    EXPECT_FALSE(engine->find_key(PARTITION, "seen").value().value);
  }

  TestEngine engine;
  model::Delivery delivery;
};

TEST_F(Commits, applies_all_of_it) {
  const auto committed = engine->commit(everything(delivery)).value();
  EXPECT_EQ(committed.lsn, engine->sequenced());
  EXPECT_EQ(committed.published.size(), 2u);
  EXPECT_LT(committed.published[0], committed.published[1]);
  EXPECT_TRUE(engine->pending("orders", "billing", StreamId::min(), 10).value().empty());
  EXPECT_EQ(engine->find(PARTITION, "shop.orders", "1").value().value->json, R"({"id":"1"})");
  EXPECT_EQ(engine.texts("bills"), (std::vector<std::string>{"x", "second"}));
  EXPECT_EQ(engine->find_key(PARTITION, "seen").value().value, "yes");
}

TEST_F(Commits, applies_nothing_when_fenced) {
  auto commit = everything(delivery);
  commit.settlements[0].token += 2;
  EXPECT_EQ(engine->commit(commit).error().code, ErrorCode::fenced);
  expect_untouched();
}

TEST_F(Commits, applies_nothing_when_a_document_has_changed) {
  auto commit = everything(delivery);
  commit.expected_documents[0].version = version(5);
  EXPECT_EQ(engine->commit(commit).error().code, ErrorCode::conflict);
  expect_untouched();
}

TEST_F(Commits, applies_nothing_when_a_key_is_taken) {
  model::Commit first{.partition = PARTITION};
  first.keys.push_back({"other", "1", TimePoint{Duration{1'800'000'000'000}}, true});
  engine->commit(first).value();
  auto commit = everything(delivery);
  commit.keys.push_back(first.keys[0]);
  EXPECT_EQ(engine->commit(commit).error().code, ErrorCode::already_exists);
  expect_untouched();
}

TEST_F(Commits, applies_nothing_when_an_explicit_id_is_too_low) {
  auto commit = everything(delivery);
  commit.publications.push_back(publication("bills"));
  commit.publications.back().id = StreamId{1, 1};  // below those that the same commit publishes before it
  EXPECT_EQ(engine->commit(commit).error().code, ErrorCode::invalid);
  expect_untouched();
}

TEST_F(Commits, applies_nothing_when_an_entry_to_be_erased_is_gone) {
  auto commit = everything(delivery);
  commit.erasures.push_back({"orders", {1, 1}});
  EXPECT_EQ(engine->commit(commit).error().code, ErrorCode::not_found);
  expect_untouched();
}

TEST_F(Commits, reports_the_fence_before_a_conflict) {
  auto commit = everything(delivery);
  commit.expected_documents[0].version = version(5);
  commit.settlements[0].group = "nobody";
  EXPECT_EQ(engine->commit(commit).error().code, ErrorCode::fenced);
}

TEST_F(Commits, settles_a_delivery_once_however_often_it_is_named) {
  model::Commit commit;
  commit.settlements.push_back({"orders", "billing", delivery.id, delivery.token});
  commit.settlements.push_back({"orders", "billing", delivery.id, delivery.token, model::Settlement::Kind::retry});
  engine->commit(commit).value();
  EXPECT_TRUE(engine->pending("orders", "billing", StreamId::min(), 10).value().empty());
}

TEST_F(Commits, that_changes_nothing_still_checks_what_it_expects) {
  model::Commit commit{.partition = PARTITION};
  commit.expected_documents.push_back({"shop.orders", "1", std::nullopt});
  EXPECT_EQ(engine->commit(commit).value().lsn, engine->sequenced());
  commit.expected_documents[0].version = version(1);
  EXPECT_EQ(engine->commit(commit).error().code, ErrorCode::conflict);
}

TEST_F(Commits, refuses_events_that_are_no_events) {
  const auto refused = [&](model::Publication what) {
    model::Commit commit;
    commit.publications.push_back(std::move(what));
    return engine->commit(commit).error().code;
  };
  EXPECT_EQ(refused({"t", {}, {}}), ErrorCode::invalid);
  EXPECT_EQ(refused(publication("")), ErrorCode::invalid);
  EXPECT_EQ(refused(publication(std::string(201, 't'))), ErrorCode::invalid);
  EXPECT_EQ(refused(publication("line\nbreak")), ErrorCode::invalid);
  EXPECT_EQ(refused(publication("t", std::string(2 << 20, 'x'))), ErrorCode::too_large);
  EXPECT_EQ(refused({"t", fields_of({{"a", "b"}}), StreamId{}}), ErrorCode::invalid);
  EXPECT_EQ(refused({"t", fields_of({{"a", "b"}}), StreamId::max()}), ErrorCode::invalid);
  model::Fields many;
  for (int i = 0; i < 1001; ++i) many.add("n", "v");
  EXPECT_EQ(refused({"t", many, {}}), ErrorCode::too_large);
}

TEST(Refusable, commits_are_refused_below_the_reserve_of_disk_and_others_are_not) {
  TestEngine engine{{}, UINT64_MAX};
  model::Commit commit{.publications = {publication("t")}, .refusable = true};
  EXPECT_EQ(engine->commit(commit).error().code, ErrorCode::disk_full);
  commit.refusable = false;
  EXPECT_TRUE(engine->commit(commit).has_value());
}

TEST(Refusable, commits_are_refused_when_a_group_is_too_far_behind_and_others_are_not) {
  TestEngine engine{{.group_lag_max = 2}};
  engine->declare_group("t", "slow", StreamId::min()).value();
  model::Commit commit{.publications = {publication("t")}, .refusable = true};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(engine->commit(commit).has_value());
  EXPECT_EQ(engine->commit(commit).error().code, ErrorCode::overloaded);
  commit.refusable = false;
  EXPECT_TRUE(engine->commit(commit).has_value());
  commit.refusable = true;
  engine->deliver({"t", "slow", "ann"}, 10, SIZE_MAX).value();
  EXPECT_TRUE(engine->commit(commit).has_value());
}

TEST(Ids, keep_rising_when_the_clock_jumps_back) {
  TestEngine engine;
  const auto first = engine.publish("t");
  engine.clock().jump_to(TimePoint{Duration{1000}});
  const auto second = engine.publish("t");
  EXPECT_EQ(second, first.next());
  engine.reopen();
  EXPECT_EQ(engine.publish("t"), second.next());
}

TEST(DataDirectory, is_refused_to_a_second_engine) {
  TestEngine engine;
  const auto second = Engine::open({.storage = {.path = engine.path()}});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::in_use);
}

}  // namespace
}  // namespace tidemark::engine
