// Processes that share a service's partitions: they divide them, take over from each other, and lose, repeat or reorder
// nothing meanwhile.
#include "kit/dispatch/partition_keeper.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <random>

#include "kit/testing/test_process.hpp"
#include "kit/testing/test_service.hpp"
#include "telemetry/log.hpp"

namespace tidemark::kit {
namespace {

using namespace std::chrono_literals;
using Numbers = std::vector<std::uint16_t>;

TEST(Shares, CoverAllPartitionsAndDifferByOneAtMost) {
  for (const std::uint16_t partitions : {1, 2, 4, 7, 64}) {
    std::vector<std::string> members;
    for (const auto* name : {"a", "b", "c", "d", "e"}) {
      members.emplace_back(name);
      std::vector<std::uint16_t> shares;
      for (const auto& member : members) shares.push_back(share_of(partitions, members, member));
      EXPECT_EQ(std::accumulate(shares.begin(), shares.end(), 0), partitions);
      EXPECT_LE(*std::ranges::max_element(shares) - *std::ranges::min_element(shares), 1);
    }
    EXPECT_EQ(share_of(partitions, members, "stranger"), 0);
  }
}

// What a handler did for an event, in its commit.
struct Handled {
  std::string key;
  int number = 0;
  std::string by;
};
BOOST_DESCRIBE_STRUCT(Handled, (), (key, number, by))

class SharedPartitions : public ::testing::Test {
 protected:
  static constexpr std::uint16_t PARTITIONS = 4;

  SharedPartitions() {
    service_
        .on<Noted>("noted",
                   [this](Transaction& tx, const Noted& event) {
                     if (takes_ > Duration{0}) this_fiber::sleep_for(takes_);
                     tx.publish(Handled{event.key, event.number, {}});
                   })
        .retry({.attempts = 3, .first = 100ms, .at_most = 1s});
  }

  std::unique_ptr<Process> start(const std::string& name) {
    return std::make_unique<Process>(bench_, name, partitions_);
  }
  // The next event of each of so many keys.
  void publish(int keys) {
    for (int key = 0; key < keys; ++key) publish_one(std::to_string(key));
  }
  void publish_one(const std::string& key) {
    bench_.append("noted", {{"key", key}, {"number", std::to_string(published_[key]++)}});
  }
  void advance(Duration by) { bench_.loop.advance(by); }

  // By key, what took effect, in the order of the commits.
  std::map<std::string, std::vector<int>> handled() {
    std::map<std::string, std::vector<int>> numbers;
    bench_.loop.run("look", [&] {
      const auto entries = bench_.inner->read("handled", StreamId::min(), 100'000);
      if (!entries) return;
      for (const auto& entry : *entries)
        numbers[std::string{entry.fields.find("key").value()}].push_back(
            std::stoi(std::string{entry.fields.find("number").value()}));
    });
    return numbers;
  }
  std::map<std::string, std::vector<int>> all_published() const {
    std::map<std::string, std::vector<int>> numbers;
    for (const auto& [key, count] : published_) numbers[key] = first_numbers(count);
    return numbers;
  }
  static Numbers together(std::initializer_list<const Process*> processes) {
    Numbers all;
    for (const auto* process : processes) std::ranges::copy(process->held(), std::back_inserter(all));
    std::ranges::sort(all);
    return all;
  }

  std::uint16_t partitions_ = PARTITIONS;
  Duration takes_{};
  Service service_{"notes"};
  Bench bench_{service_};
  std::map<std::string, int> published_;
};

TEST_F(SharedPartitions, AreAllTakenAtOnceByAProcessThatIsAlone) {
  const auto alone = start("alone");
  EXPECT_EQ(alone->held(), (Numbers{0, 1, 2, 3}));
  publish(20);
  advance(1s);
  EXPECT_EQ(handled(), all_published());
}

TEST_F(SharedPartitions, AreDividedAmongThoseThatJoin) {
  const auto first = start("first");
  const auto second = start("second");
  for (int i = 0; i < 10; ++i) publish(20), advance(300ms);
  EXPECT_EQ(first->held().size(), 2u);
  EXPECT_EQ(second->held().size(), 2u);
  EXPECT_EQ(together({first.get(), second.get()}), (Numbers{0, 1, 2, 3}));
  const auto third = start("third");
  for (int i = 0; i < 10; ++i) publish(20), advance(300ms);
  EXPECT_EQ(third->held().size(), 1u);
  EXPECT_EQ(together({first.get(), second.get(), third.get()}), (Numbers{0, 1, 2, 3}));
  advance(1s);
  EXPECT_EQ(handled(), all_published());
}

TEST_F(SharedPartitions, GoToTheOthersAsSoonAsOneLeaves) {
  const auto first = start("first");
  auto second = start("second");
  advance(4s);
  publish(20);
  second.reset();
  advance(PartitionKeeper::BEAT * 2);
  EXPECT_EQ(first->held().size(), PARTITIONS);
  EXPECT_EQ(handled(), all_published());
}

TEST_F(SharedPartitions, GoToTheOthersWhenOneIsKilledInTheMiddleOfItsWork) {
  takes_ = 400ms;
  const auto first = start("first");
  auto second = start("second");
  advance(4s);
  publish(20);
  publish(20);
  advance(100ms);
  kill(second);
  advance(PartitionKeeper::LEASE + PartitionKeeper::BEAT * 2);
  EXPECT_EQ(first->held().size(), PARTITIONS);
  advance(5s);
  EXPECT_EQ(handled(), all_published());
}

TEST_F(SharedPartitions, AreNotWrittenToByAProcessThatHungAndWakesUp) {
  takes_ = 500ms;
  const auto first = start("first");
  const auto second = start("second");
  advance(4s);
  publish(20);
  advance(100ms);
  second->hang();
  publish(20);
  advance(PartitionKeeper::LEASE + PartitionKeeper::BEAT * 2);
  EXPECT_EQ(first->held().size(), PARTITIONS);
  advance(5s);
  EXPECT_EQ(handled(), all_published()) << "the other one's work was not taken over";
  second->go_on();
  advance(5s);
  EXPECT_EQ(first->held().size(), 2u);
  EXPECT_EQ(second->held().size(), 2u);
  publish(20);
  advance(2s);
  EXPECT_EQ(handled(), all_published());
}

TEST_F(SharedPartitions, StayWhereTheyAreThroughAnOutageOfTheStoreThatIsLongerThanTheLeases) {
  const auto first = start("first");
  const auto second = start("second");
  advance(4s);
  publish(20);
  for (auto* process : {first.get(), second.get()}) process->lose_store();
  publish(20);
  advance(PartitionKeeper::LEASE * 4);
  for (auto* process : {first.get(), second.get()}) process->go_on();
  advance(4s);
  EXPECT_EQ(together({first.get(), second.get()}), (Numbers{0, 1, 2, 3}));
  publish(20);
  advance(2s);
  EXPECT_EQ(handled(), all_published());
}

TEST_F(SharedPartitions, LoseNothingWhenEventsTakeLongerThanTheHandOverWaitsForThem) {
  takes_ = PartitionKeeper::GIVE_BACK * 2;
  const auto first = start("first");
  publish(20);
  advance(100ms);
  const auto second = start("second");
  publish(20);
  advance(60s);
  EXPECT_EQ(second->held().size(), 2u);
  EXPECT_EQ(handled(), all_published());
}

// Two forwarders, as after a lease was lost and not yet noticed, and one that starts from nothing in the middle.
TEST_F(SharedPartitions, GetEachEventOnceFromForwardersThatRunAtOnceAndStopAnywhere) {
  const auto process = start("process");
  const auto& spec = service_.spec().handlers.front();
  auto other = std::make_unique<InboxForwarder>(bench_.loop.loop(), process->runtime(), spec);
  other->start();
  publish(50);
  bench_.loop.run("stop", [&] { other->stop(); });
  publish(50);
  other = std::make_unique<InboxForwarder>(bench_.loop.loop(), process->runtime(), spec);
  other->start();
  publish(50);
  advance(2s);
  bench_.loop.run("stop", [&] { other->stop(); });
  EXPECT_EQ(handled(), all_published());
}

TEST_F(SharedPartitions, LetTheTopicsRetentionFollowBehindAllInboxes) {
  const auto process = start("process");
  publish(50);
  advance(3s);
  bench_.loop.run("look", [&] {
    const auto last = bench_.inner->topic("noted").or_raise().last_id;
    const auto groups = bench_.inner->groups("noted").or_raise();
    ASSERT_EQ(groups.size(), 1u);
    EXPECT_EQ(groups.front().cursor, last);
    EXPECT_EQ(groups.front().lag, 0u);
  });
}

// As after a fail-over that took the topic's last events, and not what was forwarded of them.
TEST_F(SharedPartitions, ReportATopicThatHasLostWhatWasForwardedFromIt) {
  std::vector<std::string> reports;
  log::set_sink([&](std::string_view line) {
    if (line.find("lost its last events") != std::string_view::npos) reports.emplace_back(line);
  });
  auto process = start("process");
  publish(50);
  advance(2s);
  EXPECT_TRUE(reports.empty());
  bench_.loop.run("look", [&] {
    const auto last = bench_.inner->topic("noted").or_raise().last_id;
    const Placement placement{process->runtime(), service_.spec().handlers.front()};
    const model::Forwarding beyond{.source = placement.source(),
                                   .target = placement.topic(0),
                                   .from = StreamId::min(),
                                   .to = StreamId{last.ms + 1000, 0},
                                   .entries = {}};
    bench_.inner->forward(beyond).or_raise();
  });
  process.reset();
  process = start("next");
  advance(5s);
  EXPECT_EQ(reports.size(), 1u) << "it must be said, and not again and again";
  bench_.clock.advance(10s);  // now ids are higher again
  publish(50);
  advance(5s);
  log::set_sink({});
  EXPECT_EQ(handled(), all_published());
}

// Without inboxes: the group reads the topic itself, whoever has the lease.
TEST_F(SharedPartitions, MoveAlsoWhereThereIsOnlyOne) {
  partitions_ = 1;
  takes_ = 300ms;
  auto first = start("first");
  auto second = start("second");
  for (int i = 0; i < 10; ++i) publish(10), advance(500ms);
  EXPECT_EQ(together({first.get(), second.get()}), Numbers{0});
  auto& holder = first->held().empty() ? second : first;
  auto& other = first->held().empty() ? first : second;
  holder->hang();
  publish(10);
  advance(PartitionKeeper::LEASE + PartitionKeeper::BEAT * 2);
  EXPECT_EQ(other->held(), Numbers{0});
  publish(10);
  holder->go_on();
  advance(5s);
  EXPECT_EQ(handled(), all_published());
}

// Random joins, ends, kills and hangs while events come.
TEST_F(SharedPartitions, HoldWhateverHappensToTheProcesses) {
  const char* given = std::getenv("TIDEMARK_SEED");
  const auto seed = given ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
  SCOPED_TRACE("repeat it with TIDEMARK_SEED=" + std::to_string(seed));
  std::mt19937 random{seed};
  const auto pick = [&](int least, int most) { return std::uniform_int_distribution{least, most}(random); };
  partitions_ = static_cast<std::uint16_t>(pick(0, 2) == 0 ? 1 : pick(2, 6));
  takes_ = Duration{pick(0, 1500)};
  std::vector<std::unique_ptr<Process>> processes;
  std::vector<std::unique_ptr<Process>> hung;
  int started = 0;
  const auto any = [&](auto& list) { return static_cast<std::ptrdiff_t>(pick(0, static_cast<int>(list.size()) - 1)); };
  for (int step = 0; step < 120; ++step) {
    switch (pick(0, 11)) {
      case 0:
        if (processes.size() < 4)
          processes.push_back(start(std::to_string(pick(0, 9)) + "-" + std::to_string(++started)));
        break;
      case 1:
        if (processes.empty())
          break;
        else {
          const auto at = processes.begin() + any(processes);
          if (pick(0, 1) == 0) kill(*at);
          processes.erase(at);
        }
        break;
      case 2:
        if (processes.empty())
          break;
        else {
          const auto at = processes.begin() + any(processes);
          (*at)->hang();
          hung.push_back(std::move(*at));
          processes.erase(at);
        }
        break;
      case 3:
        if (hung.empty())
          break;
        else {
          const auto at = hung.begin() + any(hung);
          (*at)->go_on();
          processes.push_back(std::move(*at));
          hung.erase(at);
        }
        break;
      case 4:
      case 5: advance(Duration{pick(1, 8000)}); break;
      default: publish_one(std::to_string(pick(0, 6)));
    }
  }
  for (auto& process : hung) process->go_on();
  if (processes.empty() && hung.empty()) processes.push_back(start("last"));
  for (int minute = 0; minute < 20 && handled() != all_published(); ++minute) advance(60s);
  EXPECT_EQ(handled(), all_published());
  processes.clear();
  hung.clear();
}

}  // namespace
}  // namespace tidemark::kit
