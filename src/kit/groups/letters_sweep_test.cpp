#include "kit/groups/letters_sweep.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "kit/testing/test_bench.hpp"
#include "kit/testing/test_service.hpp"

namespace tidemark::kit {
namespace {

// Notes how many bytes of fields each look at a topic gave.
class WeighingStore final : public DelegatingStore {
 public:
  using DelegatingStore::DelegatingStore;
  Result<std::vector<model::Entry>> read(std::string_view topic, StreamId after, std::uint32_t count) override {
    auto entries = DelegatingStore::read(topic, after, count);
    if (!entries) return entries;
    std::size_t bytes = 0;
    for (const auto& entry : *entries) bytes += entry.fields.bytes().size();
    read_bytes.push_back(bytes);
    return entries;
  }
  std::vector<std::size_t> read_bytes;
};

// Dead letters of a handler that nobody runs.
class Letters {
 public:
  Letters() {
    service_.on<Noted>("noted", [](Transaction&, const Noted&) {});
  }

  void add(int count, std::size_t bytes = 10) {
    for (int i = 0; i < count; ++i) bench_.append(dead_topic(), {{"key", std::string(bytes, 'x')}, {"dl_id", "1-0"}});
  }
  std::uint64_t left() {
    std::uint64_t left = 0;
    bench_.loop.run("count", [&] { left = letters_.count().or_raise(); });
    return left;
  }
  SweepProgress discard(const LettersSweep::Wish& wish = {}) {
    SweepProgress progress;
    bench_.loop.run("sweep", [&] {
      bool done = false;
      auto other = fiber::Loop::current()->spawn("other", [&] {
        for (; !done; this_fiber::yield()) ++turns_of_others;
      });
      LettersSweep sweep{letters_, bench_.clock};
      progress = sweep
                     .run(
                         wish, [](DeadLetters& letters, LetterId id) { return letters.discard(id); },
                         [](const SweepProgress&) {})
                     .or_raise();
      done = true;
      other.join();
    });
    return progress;
  }
  const std::vector<std::size_t>& read_bytes() const { return store_.read_bytes; }

  int turns_of_others = 0;  // while a sweep was at work

 private:
  std::string dead_topic() const { return placement_.dead_topic(0); }

  Service service_ = make_notes();
  Bench bench_{service_};
  WeighingStore store_{bench_.inner};
  Placement placement_{store_, "notes", 1, service_.spec().handlers.front()};
  DeadLetters letters_{store_, placement_};
};

TEST(LettersSweeps, LetOthersOfTheirThreadRunBetweenLetters) {
  Letters letters;
  letters.add(150);
  EXPECT_EQ(letters.discard().done, 150u);
  EXPECT_EQ(letters.left(), 0u);
  EXPECT_GE(letters.turns_of_others, 150);
}

TEST(LettersSweeps, LetOthersRunWhileTheyLookForOnesThatAreRare) {
  Letters letters;
  letters.add(1000);
  const LettersSweep::Wish none{.wanted = [](const DeadLetter&) { return false; }, .per_s = {}, .limit = {}};
  EXPECT_EQ(letters.discard(none).done, 0u);
  EXPECT_EQ(letters.left(), 1000u);
  EXPECT_GE(letters.turns_of_others, 5);
}

TEST(LettersSweeps, ReadLittleAtATimeHoweverLargeTheLettersAre) {
  constexpr std::size_t LETTER = 100 << 10;
  Letters letters;
  letters.add(30, LETTER);
  EXPECT_EQ(letters.discard().done, 30u);
  EXPECT_EQ(letters.left(), 0u);
  EXPECT_LE(*std::ranges::max_element(letters.read_bytes()), 5 * LETTER);
}

}  // namespace
}  // namespace tidemark::kit
