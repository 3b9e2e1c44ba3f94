// Scene: a service and processes that run it on one store, for tests of what is done about a whole group.
#pragma once
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "kit/dispatch/pauses.hpp"
#include "kit/groups/group_cursor.hpp"
#include "kit/testing/test_process.hpp"
#include "kit/testing/test_service.hpp"

namespace tidemark::kit {

using namespace std::chrono_literals;

// What a handler did for an event, in its commit.
struct Handled {
  int number = 0;
};
BOOST_DESCRIBE_STRUCT(Handled, (), (number))

// A service whose one handler notes what it does, and processes that run it on one store.
class Scene {
 public:
  explicit Scene(std::uint16_t partitions = 1) : partitions_{partitions} {
    service_.on<Noted>("noted", [this](Transaction& tx, const Noted& event) { run(tx, event); })
        .retry({.attempts = 100, .first = 100ms, .at_most = 1s})
        .deadline(10min);
  }

  template <class Look>
  auto at_store(const Look& look) {
    std::optional<decltype(look(std::declval<store::Store&>()))> result;
    bench_.loop.run("look", [&] { result.emplace(look(*bench_.inner)); });
    return std::move(*result);
  }
  std::unique_ptr<Process> start(const std::string& name) {
    return std::make_unique<Process>(bench_, name, partitions_);
  }
  // The id of the event, whose number is unique.
  StreamId publish(const std::string& key, int number) {
    bench_.append("noted", {{"key", key}, {"number", std::to_string(number)}});
    return at_store([](store::Store& store) { return store.topic("noted").or_raise().last_id; });
  }
  // Gives the handler an event again.
  void redrive(const std::string& key, int number) {
    bench_.append(bench_.placement().redrive_topic(0), {{"key", key}, {"number", std::to_string(number)}});
  }
  const std::shared_ptr<store::Store>& inner() const { return bench_.inner; }
  Clock& clock() { return bench_.clock; }
  void advance(Duration by) { bench_.loop.advance(by); }
  TimePoint now() const { return bench_.clock.now(); }

  Pause pause(std::string reason = "to look at it") {
    return at_store([&](store::Store& store) {
      return Pauses{store, bench_.clock}.pause("noted", "notes", std::move(reason), "a test").or_raise();
    });
  }
  bool resume() {
    return at_store([&](store::Store& store) {
      return Pauses{store, bench_.clock}.resume("noted", "notes").or_raise();
    });
  }
  bool rests(const Pause& pause, std::uint16_t partition = 0) {
    return at_store([&](store::Store& store) {
      return Pauses{store, bench_.clock}.has_stopped("noted", "notes", partition, pause).or_raise();
    });
  }
  template <class Act>
  auto with_cursor(const Act& act) {
    return with_cursor(*bench_.inner, act);
  }
  template <class Act>
  auto with_cursor(store::Store& store, const Act& act) {
    return at_store([&](store::Store&) {
      const Placement placement{store, "notes", partitions_, service_.spec().handlers.front()};
      GroupCursor cursor{store, bench_.clock, "noted", "notes", placement};
      return act(cursor);
    });
  }
  Result<CursorMove> seek(const std::string& to) { return seek(*bench_.inner, to); }
  Result<CursorMove> seek(store::Store& store, const std::string& to) {
    return with_cursor(store, [&](GroupCursor& cursor) -> Result<CursorMove> {
      auto position = cursor.position(to);
      if (!position) return position.error();
      return cursor.move(*position);
    });
  }

  // The numbers of what took effect, in the order of the commits.
  std::vector<int> handled() {
    return at_store([](store::Store& store) {
      std::vector<int> numbers;
      const auto entries = store.read("handled", StreamId::min(), 100'000);
      if (!entries) return numbers;
      for (const auto& entry : *entries) numbers.push_back(std::stoi(std::string{*entry.fields.find("number")}));
      return numbers;
    });
  }
  std::vector<model::PendingInfo> pending() {
    return at_store(
        [](store::Store& store) { return store.pending("noted", "notes", StreamId::min(), 1000).or_raise(); });
  }

  Duration takes{};             // a run
  std::map<int, int> failures;  // so many of an event's next runs fail
  int begun = 0;                // runs
  std::vector<int> attempts;    // of each run

 private:
  void run(Transaction& tx, const Noted& event) {
    ++begun;
    attempts.push_back(static_cast<int>(tx.attempt()));
    EXPECT_TRUE(running_.insert(event.key).second) << "two events of one key at a time";
    struct Ended {
      std::set<std::string>& running;
      const std::string& key;
      ~Ended() { running.erase(key); }
    } const ended{running_, event.key};
    if (takes > Duration{0}) this_fiber::sleep_for(takes);
    if (failures[event.number] > 0) {
      --failures[event.number];
      throw std::runtime_error{"as it must"};
    }
    tx.publish(Handled{event.number});
  }

  const std::uint16_t partitions_;
  std::set<std::string> running_;
  Service service_{"notes"};
  Bench bench_{service_};
};

inline void look(Scene& scene, Process& process) {
  scene.at_store([&](store::Store&) { return bool{process.keeper().look_at_pauses()}; });
}

}  // namespace tidemark::kit
