// Power loss: what was durable is there afterwards, and what is there is a prefix of whole commits, however often the
// log was switched meanwhile and wherever the power failed: while the directory was made, while it was recovered, too.
#include <gtest/gtest.h>

#include <atomic>
#include <optional>

#include "base/random.hpp"
#include "storage/simulated_disk.hpp"
#include "storage/storage.hpp"

namespace tidemark::storage {
namespace {

using Operation = SimulatedDisk::Operation;
using Fault = SimulatedDisk::Fault;

// Commits 1, 2, 3, … each of which puts two keys, over power losses. It never ends by itself.
class Committer {
 public:
  Committer(std::uint64_t seed, Durability durability) : random_{seed}, durability_{durability} {}

  SimulatedDisk& disk() { return *disk_; }

  // Commits until the power fails, and opens what is left. Returns what is wrong with it; empty when nothing is.
  std::string lose_power() {
    std::atomic<Storage*> open{nullptr};
    std::uint64_t durable = recovered_;
    disk_->cut_power_after(1 + random_.below(300), [&] {
      const Storage* storage = open;
      if (storage && durability_.mode == Durability::Mode::always) durable = storage->durable().value / EFFECTS;
    });
    if (auto wrong = run(open); !wrong.empty()) return wrong;
    open = nullptr;
    disk_ = random_.below(5) ? disk_->after_power_loss(random_) : disk_->after_kill();
    auto wrong = check(durable);
    return wrong.empty() ? wrong : detail::concatenate(wrong, "; ", durable, " were durable");
  }

 private:
  static constexpr std::uint64_t EFFECTS = 2;  // of one commit, each of which has a number

  Result<std::unique_ptr<Storage>> open() const {
    return Storage::open({.path = "/data",
                          .durability = durability_,
                          .cache_bytes = 1 << 20,
                          .write_buffer_bytes = 16 << 10,
                          .env = &disk_->env()});
  }

  std::string run(std::atomic<Storage*>& open_storage) {
    const auto storage = open();
    if (!storage) return storage.error().text();
    open_storage = storage->get();
    for (auto number = recovered_ + 1; disk_->has_power(); ++number) {
      Batch batch;
      batch.put("left" + std::to_string(number), std::string(random_.below(2000), 'x'));
      batch.put("right" + std::to_string(number), std::to_string(number));
      const Lsn lsn = (*storage)->commit(batch);
      if (random_.below(10) == 0) (*storage)->wait_durable(lsn);
    }
    return {};
  }

  std::string check(std::uint64_t durable) {
    const auto storage = open();
    if (!storage) return storage.error().text();
    std::string value;
    std::uint64_t last = 0;
    while ((*storage)->get("left" + std::to_string(last + 1), value).value()) {
      ++last;
      if (!(*storage)->get("right" + std::to_string(last), value).value())
        return detail::concatenate("half of commit ", last);
    }
    auto behind = (*storage)->cursor("left", "left~");
    std::uint64_t count = 0;
    for (behind.seek_first(); behind.valid(); behind.next()) ++count;
    if (count != last) return detail::concatenate("commits behind a gap at ", last);
    if (last < durable) return detail::concatenate("only ", last, " commits are left");
    recovered_ = last;
    return {};
  }

  Random random_;
  const Durability durability_;
  std::unique_ptr<SimulatedDisk> disk_ = std::make_unique<SimulatedDisk>();
  std::uint64_t recovered_ = 0;
};

class PowerLoss : public testing::TestWithParam<const char*> {};

TEST_P(PowerLoss, LeavesWhatWasDurableAndAPrefixOfTheRest) {
  const std::uint64_t first = thread_random().next();
  for (std::uint64_t seed = first; seed < first + 100; ++seed) {
    Committer committer{seed, Durability::parse(GetParam()).value()};
    for (int round = 0; round < 3; ++round) ASSERT_EQ(committer.lose_power(), "") << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(EveryDurability, PowerLoss, testing::Values("always", "interval=2", "never"));

// A disk that says it has done what it has not breaks the promise, whatever the storage does: here, that the checks
// above notice.
class BrokenDisk : public testing::TestWithParam<std::pair<Operation, const char*>> {};

TEST_P(BrokenDisk, IsNoticed) {
  const auto [operation, path_part] = GetParam();
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Committer committer{seed, {}};
    committer.disk().fail(operation, 1, Fault::lost, path_part, 1'000'000);
    if (committer.lose_power().empty()) continue;
    EXPECT_EQ((Committer{seed, {}}.lose_power()), "") << "the disk is not to blame";
    return;
  }
  FAIL() << "300 power losses, and nothing was missed";
}

INSTANTIATE_TEST_SUITE_P(Loses, BrokenDisk,
                         testing::Values(std::pair{Operation::sync, ".log"}, std::pair{Operation::sync, "MANIFEST"},
                                         std::pair{Operation::sync, ".sst"}, std::pair{Operation::sync_directory, ""}));

}  // namespace
}  // namespace tidemark::storage
