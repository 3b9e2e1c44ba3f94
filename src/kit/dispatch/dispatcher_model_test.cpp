// Random events, failures, delays and restarts, and what must hold whatever they are: each event takes effect once or
// is among the dead letters, in the order of its key, after as many attempts as it may have.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <random>

#include "kit/dispatch/dead_letters.hpp"
#include "kit/testing/test_bench.hpp"
#include "kit/testing/test_service.hpp"

namespace tidemark::kit {
namespace {

constexpr std::uint32_t ATTEMPTS = 3;
constexpr int KEYS = 4;

// What is to become of one event.
struct Fate {
  std::string key;
  int number = 0;
  std::uint32_t failures = 0;
  bool readable = true;
  Duration takes{};

  bool is_buried() const { return !readable || failures >= ATTEMPTS; }
  std::uint32_t attempts_when_buried() const { return readable ? ATTEMPTS : 1; }
};

class Model {
 public:
  explicit Model(std::uint32_t seed) : random_{seed} {
    service_
        .on<Noted>("noted", [this](Transaction& tx,
                                   const Noted& event) { run(tx, fates_.at(static_cast<std::size_t>(event.number))); })
        .retry({.attempts = ATTEMPTS, .first = Duration{100}, .at_most = Duration{1000}})
        .concurrency(static_cast<std::uint32_t>(pick(1, 8)))
        .parked_at_most(static_cast<std::uint32_t>(pick(1, 8)));
  }

  void play() {
    dispatcher_ = std::make_unique<BenchDispatcher>(bench_);
    for (int step = 0; step < 60; ++step) {
      switch (pick(0, 9)) {
        case 0: restart(); break;
        case 1:
        case 2: bench_.loop.advance(Duration{pick(1, 3000)}); break;
        default: append();
      }
    }
    for (int hour = 0; hour < 10 && !is_quiet(); ++hour) bench_.loop.advance(std::chrono::hours{1});
  }

  void check() {
    ASSERT_TRUE(is_quiet());
    std::map<std::string, std::vector<int>> expected;
    std::map<std::string, std::uint32_t> buried;
    for (const auto& fate : fates_) {
      if (fate.is_buried())
        buried[std::to_string(fate.number)] = fate.attempts_when_buried();
      else
        expected[fate.key].push_back(fate.number);
    }
    EXPECT_EQ(taken_, expected);
    std::map<std::string, std::uint32_t> letters;
    bench_.loop.run("look", [&] {
      const auto list = DeadLetters{bench_.store, bench_.placement()}.list({}, 1000).or_raise();
      EXPECT_EQ(list.size(), buried.size());
      for (const auto& letter : list) letters[number_of(letter)] = letter.attempts;
    });
    EXPECT_EQ(letters, buried);
    for (const auto& fate : fates_)
      EXPECT_EQ(failed_[fate.number], fate.readable ? std::min(fate.failures, ATTEMPTS) : 0);
  }

 private:
  int pick(int least, int most) { return std::uniform_int_distribution{least, most}(random_); }

  void append() {
    Fate fate{.key = std::to_string(pick(0, KEYS - 1)), .number = static_cast<int>(fates_.size())};
    if (pick(0, 3) == 0) fate.failures = static_cast<std::uint32_t>(pick(1, 4));
    fate.readable = pick(0, 9) > 0;
    if (pick(0, 2) == 0) fate.takes = Duration{pick(1, 2500)};
    fates_.push_back(fate);
    bench_.append("noted", {{"key", fate.key}, {"number", (fate.readable ? "" : "x") + std::to_string(fate.number)}});
  }
  void restart() {
    dispatcher_.reset();  // stops what is not done within its second
    dispatcher_ = std::make_unique<BenchDispatcher>(bench_);
  }
  void run(Transaction& tx, const Fate& fate) {
    if (fate.takes > Duration{0}) this_fiber::sleep_for(fate.takes);
    tx.put(Note{fate.key, {}, fate.number});
    tx.after_durable([this, &fate] { taken_[fate.key].push_back(fate.number); });
    EXPECT_EQ(tx.attempt(), failed_[fate.number] + 1) << "of event " << fate.number;
    if (tx.attempt() > fate.failures) return;
    ++failed_[fate.number];
    throw std::runtime_error{"as it must"};
  }
  bool is_quiet() {
    std::size_t pending = 0;
    bench_.loop.run("look", [&] {
      pending = bench_.store.pending("noted", "notes", StreamId::min(), 1000).or_raise().size();
      for (const auto& group : bench_.store.groups("noted").or_raise()) pending += group.lag;
    });
    return pending == 0;
  }
  static std::string number_of(const DeadLetter& letter) {
    std::string number{letter.event.find("number").value()};
    return number.front() == 'x' ? number.substr(1) : number;
  }

  std::mt19937 random_;
  std::deque<Fate> fates_;
  std::map<std::string, std::vector<int>> taken_;
  std::map<int, std::uint32_t> failed_;
  Service service_{"notes"};
  Bench bench_{service_};
  std::unique_ptr<BenchDispatcher> dispatcher_;
};

TEST(DispatcherModel, HoldsWhateverFailsAndStops) {
  const char* given = std::getenv("TIDEMARK_SEED");
  std::random_device device;
  for (int i = 0; i < (given ? 1 : 25); ++i) {
    const auto seed = given ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10)) : device();
    SCOPED_TRACE("repeat it with TIDEMARK_SEED=" + std::to_string(seed));
    Model model{seed};
    model.play();
    model.check();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace tidemark::kit
