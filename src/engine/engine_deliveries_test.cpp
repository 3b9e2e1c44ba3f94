#include <gtest/gtest.h>

#include "engine/test_engine.hpp"

namespace tidemark::engine {
namespace {

const Subscription ANN{"orders", "billing", "ann"};
const Subscription BOB{"orders", "billing", "bob"};

class Deliveries : public testing::Test {
 protected:
  Deliveries() { engine->declare_group("orders", "billing", StreamId::min()).value(); }

  void publish(int count, std::string_view text = "x") {
    for (int i = 0; i < count; ++i) engine.publish("orders", text);
  }
  Result<model::Committed> settle(const model::Delivery& delivery) {
    model::Commit commit;
    commit.settlements.push_back({"orders", "billing", delivery.id, delivery.token});
    return engine->commit(commit);
  }
  std::uint64_t pending() { return engine->groups("orders").value().at(0).pending; }

  TestEngine engine;
};

TEST_F(Deliveries, are_handed_over_once_and_in_order) {
  publish(5);
  const auto first = engine->deliver(ANN, 3, SIZE_MAX).value();
  const auto second = engine->deliver(BOB, 3, SIZE_MAX).value();
  ASSERT_EQ(first.deliveries.size(), 3u);
  ASSERT_EQ(second.deliveries.size(), 2u);
  EXPECT_LT(first.deliveries[2].id, second.deliveries[0].id);
  EXPECT_NE(first.deliveries[0].token, second.deliveries[0].token);
  EXPECT_TRUE(engine->deliver(ANN, 3, SIZE_MAX).value().deliveries.empty());
}

TEST_F(Deliveries, stop_at_about_the_bytes_asked_for_and_hand_over_one_at_least) {
  publish(5, std::string(1000, 'x'));
  EXPECT_EQ(engine->deliver(ANN, 5, 1).value().deliveries.size(), 1u);
  EXPECT_EQ(engine->deliver(ANN, 5, 1500).value().deliveries.size(), 2u);
}

TEST_F(Deliveries, of_more_than_a_record_holds_survive_a_restart_each_with_its_state) {
  publish(1000);
  const auto batch = engine->deliver(ANN, 1000, SIZE_MAX).value();
  ASSERT_EQ(batch.deliveries.size(), 1000u);
  for (std::size_t i = 0; i < 1000; i += 3) settle(batch.deliveries[i]).value();
  engine.reopen();
  EXPECT_EQ(pending(), 666u);
  for (std::size_t i = 0; i < 1000; ++i) EXPECT_EQ(settle(batch.deliveries[i]).has_value(), i % 3 != 0) << i;
  EXPECT_EQ(pending(), 0u);
  engine.reopen();
  EXPECT_EQ(pending(), 0u);
}

TEST_F(Deliveries, are_fenced_off_by_a_claim) {
  publish(1);
  const auto lost = engine->deliver(ANN, 1, SIZE_MAX).value().deliveries[0];
  engine.clock().advance(Duration{1000});
  EXPECT_TRUE(engine->claim(BOB, Duration{1001}, StreamId::min(), 10).value().deliveries.empty());
  const auto claimed = engine->claim(BOB, Duration{1000}, StreamId::min(), 10).value().deliveries.at(0);
  EXPECT_EQ(claimed.deliveries, 2u);
  EXPECT_EQ(settle(lost).error().code, ErrorCode::fenced);
  EXPECT_EQ(engine->record_attempt(ANN, lost.id, lost.token, 1).error().code, ErrorCode::fenced);
  const std::pair<StreamId, std::uint64_t> lease{lost.id, lost.token};
  EXPECT_EQ(engine->extend_leases(ANN, {&lease, 1}).value(), std::vector{lost.id});
  EXPECT_TRUE(settle(claimed).has_value());
}

TEST_F(Deliveries, keep_their_lease_while_it_is_extended) {
  publish(2);
  const auto batch = engine->deliver(ANN, 2, SIZE_MAX).value();
  engine.clock().advance(Duration{900});
  const std::pair<StreamId, std::uint64_t> lease{batch.deliveries[0].id, batch.deliveries[0].token};
  EXPECT_TRUE(engine->extend_leases(ANN, {&lease, 1}).value().empty());
  engine.clock().advance(Duration{900});
  const auto claimed = engine->claim(BOB, Duration{1000}, StreamId::min(), 10).value();
  ASSERT_EQ(claimed.deliveries.size(), 1u);
  EXPECT_EQ(claimed.deliveries[0].id, batch.deliveries[1].id);
}

TEST(PendingLimit, holds_back_new_deliveries_and_wakes_who_waits_when_one_is_settled) {
  TestEngine engine{{.group_pending_max = 3}};
  engine->declare_group("orders", "billing", StreamId::min()).value();
  for (int i = 0; i < 5; ++i) engine.publish("orders");
  const auto batch = engine->deliver(ANN, 10, SIZE_MAX).value();
  ASSERT_EQ(batch.deliveries.size(), 3u);
  EXPECT_TRUE(engine->deliver(BOB, 10, SIZE_MAX).value().deliveries.empty());
  int woken = 0;
  const auto watch = engine->watch_group("orders", "billing", [&] { ++woken; }).value();
  EXPECT_TRUE(watch.armed());
  const auto id = batch.deliveries[1].id;
  EXPECT_EQ(engine->acknowledge("orders", "billing", {&id, 1}).value().count, 1u);
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(engine->deliver(BOB, 10, SIZE_MAX).value().deliveries.size(), 1u);
}

TEST_F(Deliveries, in_flight_and_just_past_the_cursor_are_suspect_after_a_crash) {
  publish(3);
  engine->deliver(ANN, 1, SIZE_MAX).value();
  engine.reopen_after_crash();
  EXPECT_TRUE(engine->claim(BOB, Duration{0}, StreamId::min(), 10).value().deliveries.at(0).suspect);
  publish(1);
  EXPECT_TRUE(engine->deliver(BOB, 2, SIZE_MAX).value().deliveries.at(0).suspect);
  EXPECT_FALSE(engine->deliver(BOB, 2, SIZE_MAX).value().deliveries.at(0).suspect);  // published after the crash
}

TEST_F(Deliveries, are_not_suspect_after_a_clean_stop) {
  publish(2);
  engine->deliver(ANN, 1, SIZE_MAX).value();
  engine.reopen();
  EXPECT_FALSE(engine->claim(BOB, Duration{0}, StreamId::min(), 10).value().deliveries.at(0).suspect);
  EXPECT_FALSE(engine->deliver(BOB, 2, SIZE_MAX).value().deliveries.at(0).suspect);
}

TEST_F(Deliveries, keep_attempts_error_and_time_of_a_retry_over_a_crash_and_a_claim) {
  publish(1);
  const auto delivery = engine->deliver(ANN, 1, SIZE_MAX).value().deliveries[0];
  engine->record_attempt(ANN, delivery.id, delivery.token, 1).value();
  model::Commit commit;
  const auto retry_at = engine.clock().now() + Duration{500};
  commit.settlements.push_back(
      {"orders", "billing", delivery.id, delivery.token, model::Settlement::Kind::retry, retry_at, 1, "no luck"});
  engine->commit(commit).value();
  engine.reopen_after_crash();
  const auto claimed = engine->claim(BOB, Duration{0}, StreamId::min(), 1).value().deliveries.at(0);
  EXPECT_EQ(claimed.attempts, 1u);
  EXPECT_EQ(claimed.retry_at, retry_at);
  EXPECT_EQ(claimed.last_error, "no luck");
}

TEST_F(Deliveries, of_a_removed_consumer_must_be_claimed_first) {
  publish(1);
  engine->deliver(ANN, 1, SIZE_MAX).value();
  EXPECT_EQ(engine->remove_consumer(ANN).error().code, ErrorCode::conflict);
  engine->claim(BOB, Duration{0}, StreamId::min(), 1).value();
  EXPECT_TRUE(engine->remove_consumer(ANN).has_value());
  EXPECT_EQ(engine->remove_consumer(ANN).error().code, ErrorCode::not_found);
  engine.reopen();
  EXPECT_EQ(engine->groups("orders").value().at(0).consumers.size(), 1u);
}

// Each start of a service has a consumer of its own: without this there were more of them with each, all alike seen
// just now.
TEST_F(Deliveries, of_processes_that_have_ended_name_their_consumer_only_while_they_are_pending) {
  publish(2);
  engine->deliver(ANN, 1, SIZE_MAX).value();
  const auto handed_over = engine->deliver(BOB, 1, SIZE_MAX).value();
  engine->acknowledge("orders", "billing", {&handed_over.deliveries[0].id, 1}).value();
  engine.clock().advance(Duration{5'000});
  engine.reopen_after_crash();
  const auto consumers = engine->groups("orders").value().at(0).consumers;
  ASSERT_EQ(consumers.size(), 1u);
  EXPECT_EQ(consumers[0].name, ANN.consumer);
  EXPECT_EQ(consumers[0].pending, 1u);
  EXPECT_EQ(consumers[0].idle, Duration{5'000});
  engine->claim(BOB, Duration{0}, StreamId::min(), 1).value();
  engine.reopen();
  EXPECT_EQ(engine->groups("orders").value().at(0).consumers.at(0).name, BOB.consumer);
  EXPECT_EQ(engine->groups("orders").value().at(0).consumers.size(), 1u);
}

TEST_F(Deliveries, end_with_their_group_and_a_group_of_that_name_begins_anew) {
  publish(3);
  engine->deliver(ANN, 2, SIZE_MAX).value();
  engine->remove_group("orders", "billing").value();
  EXPECT_EQ(engine->deliver(ANN, 1, SIZE_MAX).error().code, ErrorCode::not_found);
  engine->declare_group("orders", "billing", StreamId::min()).value();
  engine.reopen();
  EXPECT_EQ(pending(), 0u);
  EXPECT_EQ(engine->deliver(ANN, 10, SIZE_MAX).value().deliveries.size(), 3u);
}

TEST_F(Deliveries, end_with_their_topic_and_a_topic_of_that_name_is_empty) {
  publish(3);
  engine->deliver(ANN, 2, SIZE_MAX).value();
  engine->remove_topic("orders").value();
  EXPECT_EQ(engine->deliver(ANN, 1, SIZE_MAX).error().code, ErrorCode::not_found);
  engine->declare_group("orders", "billing", StreamId::min()).value();
  engine.reopen();
  EXPECT_EQ(engine->topic("orders").value().entries_added, 0u);
  EXPECT_TRUE(engine->deliver(ANN, 10, SIZE_MAX).value().deliveries.empty());
}

TEST_F(Deliveries, start_after_the_id_that_a_new_group_names) {
  publish(2);
  const auto last = engine->topic("orders").value().last_id;
  publish(2);
  engine->declare_group("orders", "late", last).value();
  EXPECT_EQ(engine->deliver({"orders", "late", "ann"}, 10, SIZE_MAX).value().deliveries.size(), 2u);
  engine->declare_group("orders", "late", StreamId::min()).value();  // there is one: it stays as it is
  EXPECT_TRUE(engine->deliver({"orders", "late", "ann"}, 10, SIZE_MAX).value().deliveries.empty());
}

}  // namespace
}  // namespace tidemark::engine
