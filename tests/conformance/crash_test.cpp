// Crashes: what was durable is there afterwards, whole commits only; and what was running is known.
#include "base/random.hpp"
#include "conformance/store_test.hpp"

namespace tidemark::conformance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const store::Subscription FIRST{"orders", "stock", "first"};
const store::Subscription SECOND{"orders", "stock", "second"};

class Crash : public StoreTest {
 protected:
  Crash() {
    EXPECT_EQ(declare_documents(), ErrorCode::internal);
    declare_group(FIRST);
  }
  void make_all_durable() { wait_durable(store().seen()); }
};

TEST_F(Crash, TakesNothingThatWasDurable) {
  auto putting = commit_in();
  putting.documents.push_back(put("a", R"({"n":1})"));
  putting.publications.push_back(event("orders", "1"));
  putting.keys.push_back({.key = "key", .value = "value", .expires = clock_.now() + 1h});
  putting.timers.push_back({.name = "t", .due = clock_.now(), .topic = "timed", .fields = text_fields("t")});
  wait_durable(commit(putting).lsn);
  crash();
  EXPECT_EQ(find("a")->json, R"({"n":1})");
  EXPECT_EQ(find("a")->version, putting.documents[0].version);
  EXPECT_THAT(texts("orders"), ElementsAre("1"));
  EXPECT_EQ(find_key("key"), "value");
  maintain();
  EXPECT_THAT(texts("timed"), ElementsAre("t"));
}

// Each commit puts a document, publishes an event and, for every other one, acknowledges a delivery.
TEST_F(Crash, LeavesAPrefixOfWholeCommits) {
  const std::uint64_t seed = thread_random().next();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random{seed};
  std::uint64_t made = 0;
  for (int round = 0; round < 5; ++round) {
    std::uint64_t durable = made;
    for (std::uint64_t commits = 1 + random.below(60); commits > 0; --commits) {
      auto changing = commit_in();
      const std::string number = std::to_string(++made);
      changing.documents.push_back(put(number, "{}"));
      changing.publications.push_back(event("log", number));
      const Lsn lsn = commit(changing).lsn;
      if (random.below(10) == 0) {
        wait_durable(lsn);
        durable = made;
      }
    }
    crash();
    declare_topic("log");
    const auto log = texts("log");
    EXPECT_GE(log.size(), durable);
    EXPECT_LE(log.size(), made);
    for (std::size_t i = 0; i < log.size(); ++i) EXPECT_EQ(log[i], std::to_string(i + 1));
    for (std::uint64_t number = 1; number <= made; ++number) {
      EXPECT_EQ(find(std::to_string(number)).has_value(), number <= log.size()) << number << " of " << log.size();
    }
    made = log.size();
  }
}

TEST_F(Crash, LeavesAnEventEitherHandledOrPending) {
  for (int i = 0; i < 40; ++i) publish("orders", std::to_string(i));
  for (const auto& delivery : fetch(FIRST)) {
    auto handling = commit_in();
    handling.settlements.push_back(acknowledgement(FIRST, delivery));
    handling.documents.push_back(put(text_of(delivery.fields), "{}"));
    commit(handling);
    if (text_of(delivery.fields) == "20") make_all_durable();
  }
  crash();
  std::vector<bool> pending(40, false);
  for (const auto& delivery : claim(SECOND)) pending.at(std::stoul(text_of(delivery.fields))) = true;
  for (const auto& delivery : fetch(SECOND)) pending.at(std::stoul(text_of(delivery.fields))) = true;
  for (std::size_t i = 0; i < pending.size(); ++i) EXPECT_NE(pending[i], find(std::to_string(i)).has_value()) << i;
}

TEST_F(Crash, KeepsTheAttemptsThatWereRecorded) {
  publish("orders", "poison");
  auto delivery = fetch(FIRST).at(0);
  for (std::uint32_t attempt = 1; attempt <= 3; ++attempt) {
    EXPECT_EQ(record_attempt(FIRST, delivery, attempt), ErrorCode::internal);
    crash();
    delivery = claim(SECOND).at(0);
    EXPECT_EQ(delivery.attempts, attempt);
    delivery = claim(FIRST).at(0);
  }
}

TEST_F(Crash, MakesWhatWasInFlightSuspect) {
  for (const char* text : {"1", "2"}) publish("orders", text);
  const auto deliveries = fetch(FIRST);
  auto settling = commit_in();
  settling.settlements.push_back(acknowledgement(FIRST, deliveries.at(0)));
  commit(settling);
  make_all_durable();
  crash();
  publish("orders", "3");
  const auto claimed = claim(SECOND);
  ASSERT_THAT(texts_of(claimed), ElementsAre("2"));
  EXPECT_TRUE(claimed[0].suspect) << "it may have killed the process";
  const auto fresh = fetch(SECOND);
  ASSERT_THAT(texts_of(fresh), ElementsAre("3"));
  EXPECT_FALSE(fresh[0].suspect);
}

// What was handed over but lost that with the crash may have been running all the same.
TEST_F(Crash, MakesWhatMayHaveBeenInFlightSuspect) {
  publish("orders", "1");
  make_all_durable();
  fetch(FIRST);
  crash();
  auto deliveries = claim(SECOND);
  if (deliveries.empty()) deliveries = fetch(SECOND);
  ASSERT_THAT(texts_of(deliveries), ElementsAre("1"));
  EXPECT_TRUE(deliveries[0].suspect);
}

TEST_F(Crash, IsNotWhatACleanStopIs) {
  publish("orders", "1");
  fetch(FIRST);
  reopen();
  EXPECT_FALSE(claim(SECOND).at(0).suspect);
}

TEST_F(Crash, ClearsASuspicionWithTheAttempt) {
  publish("orders", "1");
  fetch(FIRST);
  make_all_durable();
  crash();
  const auto suspect = claim(FIRST).at(0);
  ASSERT_TRUE(suspect.suspect);
  EXPECT_EQ(record_attempt(FIRST, suspect, 1), ErrorCode::internal);
  reopen();
  EXPECT_FALSE(claim(FIRST).at(0).suspect);
}

TEST_F(Crash, KeepsRetriesAndTheirTimes) {
  publish("orders", "1");
  const auto delivery = fetch(FIRST).at(0);
  const TimePoint at = clock_.now() + 1h;
  auto retrying = commit_in();
  retrying.settlements.push_back(retry(FIRST, delivery, at, 2, "not yet"));
  wait_durable(commit(retrying).lsn);
  crash();
  const auto claimed = claim(SECOND).at(0);
  EXPECT_EQ(claimed.retry_at, at);
  EXPECT_EQ(claimed.attempts, 2u);
  EXPECT_EQ(claimed.last_error, "not yet");
}

// A version that a crash took must not come back for another document: the counter may, the nonce does not.
TEST_F(Crash, GivesNoVersionTwice) {
  put_document("a", R"({"n":1})");
  make_all_durable();
  const auto version = find("a")->version;
  put_document("a", R"({"n":2})");
  const auto lost = find("a")->version;
  crash();
  if (find("a")->version == lost) return;  // it was durable by then
  EXPECT_EQ(find("a")->version, version);
  put_document("a", R"({"n":3})");
  auto changing = commit_in();
  changing.expected_documents.push_back(expect_version("a", lost));
  EXPECT_EQ(refused(changing), ErrorCode::conflict);
}

TEST_F(Crash, MayBeFollowedByAnotherBeforeAnythingIsDone) {
  publish("orders", "1");
  fetch(FIRST);
  make_all_durable();
  crash();
  crash();
  const auto claimed = claim(FIRST);
  ASSERT_THAT(texts_of(claimed), ElementsAre("1"));
  EXPECT_TRUE(claimed[0].suspect);
}

}  // namespace
}  // namespace tidemark::conformance
