#include "kit/dispatch/dead_letters.hpp"

#include <gtest/gtest.h>

#include "kit/testing/test_bench.hpp"
#include "kit/testing/test_service.hpp"

namespace tidemark::kit {
namespace {

TEST(DeadLetter, KeepsTheEventAndSaysWhatWentWrong) {
  model::Fields event;
  event.add("order_id", "7");
  event.add("ce_id", "01J");
  const auto buried = bury(event, {17, 0}, "no such product", 5, TimePoint{});
  EXPECT_EQ(buried.find("order_id"), "7");
  EXPECT_EQ(buried.find("dl_id"), "17-0");
  EXPECT_EQ(buried.find("dl_error"), "no such product");
  EXPECT_EQ(buried.find("dl_attempts"), "5");
  EXPECT_EQ(exhume(buried), event);
}

TEST(DeadLetter, BuriedTwiceTellsOfTheLastTime) {
  model::Fields event;
  event.add("order_id", "7");
  const auto again = bury(bury(event, {17, 0}, "first", 5, TimePoint{}), {18, 0}, "second", 3, TimePoint{});
  EXPECT_EQ(again.find("dl_error"), "second");
  EXPECT_EQ(exhume(again), event);
}

// Has dead letters in each partition, and ends pages before they are full.
class EarlyPagesStore final : public DelegatingStore {
 public:
  using DelegatingStore::DelegatingStore;
  bool is_distributed() const noexcept override { return true; }
  Result<std::vector<model::Entry>> read(std::string_view topic, StreamId after, std::uint32_t count) override {
    return DelegatingStore::read(topic, after, std::min(count, 2u));
  }
};

// A page once left out what a partition had behind its own early end, because others had later letters.
TEST(DeadLettersOfPartitions, AreInOrderHoweverEarlyPagesEnd) {
  constexpr std::uint16_t PARTITIONS = 3;
  Service service = make_notes();
  service.on<Noted>("noted", [](Transaction&, const Noted&) {});
  Bench bench{service};
  EarlyPagesStore store{bench.inner};
  const Placement placement{store, "notes", PARTITIONS, service.spec().handlers.front()};
  for (std::uint64_t ms = 1; ms <= 20; ++ms) {
    const auto partition = static_cast<std::uint16_t>(ms <= 9 ? 0 : ms % PARTITIONS);
    bench.append(placement.dead_topic(partition), {{"key", "a"}}, StreamId{ms, 0});
  }
  DeadLetters letters{store, placement};
  for (const std::uint32_t count : {1u, 3u, 5u, 100u}) {
    std::vector<std::uint64_t> seen;
    bench.loop.run("list", [&] {
      LetterId after;
      for (auto page = letters.list(after, count).or_raise(); !page.empty();
           page = letters.list(after, count).or_raise()) {
        EXPECT_LE(page.size(), count);
        for (const auto& letter : page) seen.push_back(letter.id.id.ms);
        after = page.back().id;
      }
    });
    std::vector<std::uint64_t> expected;
    for (std::uint64_t ms = 1; ms <= 20; ++ms) expected.push_back(ms);
    EXPECT_EQ(seen, expected) << count;
  }
}

}  // namespace
}  // namespace tidemark::kit
