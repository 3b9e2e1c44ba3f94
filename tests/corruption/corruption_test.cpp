// Flipped bits, cut and missing files. Whatever is done to a data directory's files, opening it gives all that was
// durable, or refuses and says which file is wrong and what to do; a read gives what was written or such an error.
//
// Each trial is a process of its own, so that a crash or a hang is a finding, too. TIDEMARK_SEED repeats a run.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "base/random.hpp"
#include "corruption/damaged_directory.hpp"

namespace tidemark::corruption {
namespace {

std::uint64_t seed() {
  const char* given = std::getenv("TIDEMARK_SEED");
  return given ? std::strtoull(given, nullptr, 10) : thread_random().next();
}

// Places where a format keeps its structure, and some more at random.
std::vector<std::uint64_t> offsets(const std::string& file, std::uint64_t size, std::size_t random_ones,
                                   Random& random) {
  std::vector<std::uint64_t> offsets;
  const auto take = [&](std::uint64_t at) {
    if (at < size) offsets.push_back(at);
  };
  for (std::uint64_t at = 0; at < 14; ++at) take(at);                     // a log's first two heads; magic numbers
  for (std::uint64_t back = 1; back <= 53; back += 4) take(size - back);  // a sorted file's footer has 53 bytes
  const bool is_log = file.ends_with(".log") || file.starts_with("MANIFEST");
  for (std::uint64_t block = 32 << 10; is_log && block < size; block += 32 << 10)  // the blocks of a log
    for (std::uint64_t at = block - 8; at < block + 8; at += 3) take(at);
  for (std::size_t i = 0; size > 0 && i < random_ones; ++i) take(random.below(size));
  return offsets;
}

class Corruption : public testing::Test {
 protected:
  Corruption() { RecordProperty("seed", std::to_string(seed_)); }

  void flip_bits(const std::string& file, std::size_t random_ones) {
    for (const auto offset : offsets(file, original_.size_of(file), random_ones, random_))
      judge({Mutation::Kind::flip, file, offset, static_cast<int>(random_.below(8))});
  }
  void cut(const std::string& file, std::size_t random_ones) {
    const auto size = original_.size_of(file);
    if (size == 0) return;
    judge({Mutation::Kind::cut, file, 0});
    judge({Mutation::Kind::cut, file, size - 1});
    for (std::size_t i = 0; i < random_ones; ++i) judge({Mutation::Kind::cut, file, random_.below(size)});
  }

  void judge(const Mutation& mutation) {
    const auto verdict = original_.damage(mutation);
    ++outcomes_[verdict.outcome];
    const bool right = verdict.outcome == Outcome::whole || verdict.outcome == Outcome::refused ||
                       verdict.outcome == Outcome::detected || verdict.outcome == Outcome::stopped;
    EXPECT_TRUE(right) << mutation.text() << " (seed " << seed_ << "): " << verdict.commits << " of "
                       << Original::COMMITS << " commits, " << verdict.message;
    if (verdict.outcome != Outcome::whole) {
      EXPECT_TRUE(verdict.found_by_check) << mutation.text() << ": unseen at rest; it opens with " << verdict.message;
    }
  }

  void TearDown() override {
    for (const auto& [outcome, count] : outcomes_)
      RecordProperty("outcome " + std::to_string(static_cast<int>(outcome)), std::to_string(count));
  }

  const std::uint64_t seed_ = seed();
  Random random_{seed_};
  Original original_;
  std::map<Outcome, std::uint64_t> outcomes_;
};

TEST_F(Corruption, OfTheLogLosesNothingSilently) {
  const auto log = original_.the_log();
  ASSERT_FALSE(log.empty());
  flip_bits(log, 40);
  cut(log, 20);
  judge({Mutation::Kind::remove, log});
  EXPECT_GT(outcomes_[Outcome::refused], 50u);
}

TEST_F(Corruption, OfASortedFileIsFoundWhenItIsOpenedOrRead) {
  std::vector<std::string> sorted;
  for (const auto& name : original_.files())
    if (name.ends_with(".sst") && original_.size_of(name) > 0) sorted.push_back(name);
  ASSERT_GE(sorted.size(), 2u);
  while (sorted.size() > 4) sorted.erase(sorted.begin() + static_cast<std::ptrdiff_t>(random_.below(sorted.size())));
  for (const auto& name : sorted) {
    flip_bits(name, 30 / sorted.size() + 3);
    cut(name, 3);
    judge({Mutation::Kind::remove, name});
  }
  EXPECT_GT(outcomes_[Outcome::detected] + outcomes_[Outcome::stopped], 10u);
}

TEST_F(Corruption, OfWhatNamesTheFilesIsRefused) {
  for (const auto& name : original_.files()) {
    if (!name.starts_with("MANIFEST") && name != "CURRENT") continue;
    flip_bits(name, 40);
    cut(name, 15);
    judge({Mutation::Kind::remove, name});
  }
  EXPECT_GT(outcomes_[Outcome::refused], 60u);
}

TEST_F(Corruption, OfAllOtherFilesDoesNoHarm) {
  for (const auto& name : original_.files()) {
    const bool other =
        !name.starts_with("MANIFEST") && name != "CURRENT" && !name.ends_with(".sst") && !name.ends_with(".log");
    if (!other || original_.size_of(name) == 0) continue;
    const auto size = original_.size_of(name);
    for (int i = 0; i < 4; ++i) judge({Mutation::Kind::flip, name, random_.below(size), i});
    judge({Mutation::Kind::cut, name, size / 2});
    judge({Mutation::Kind::remove, name});
  }
  EXPECT_EQ(outcomes_[Outcome::refused], 0u);
}

// The state file is not synced after each sync of the log, so a power loss may set its tidemark back. What then tells a
// damaged log from a torn one is that later commits say how far it had been synced.
TEST_F(Corruption, OfTheLogIsProvenByLaterCommitsWhereTheTidemarkIsLost) {
  original_.forget_tidemark();
  const auto log = original_.the_log();
  const auto size = original_.size_of(log);
  std::uint64_t unproven = 0;
  for (const auto offset : offsets(log, size, 40, random_)) {
    const Mutation mutation{Mutation::Kind::flip, log, offset, static_cast<int>(random_.below(8))};
    const auto verdict = original_.damage(mutation);
    if (verdict.outcome == Outcome::prefix && verdict.commits + 1 == Original::COMMITS) {
      ++unproven;  // in the very last commit: nothing was written after it
      EXPECT_GE(offset + 1000, size) << mutation.text();
      continue;
    }
    EXPECT_EQ(verdict.outcome, Outcome::refused)
        << mutation.text() << " (seed " << seed_ << "): " << verdict.commits << " commits, " << verdict.message;
  }
  RecordProperty("unproven", std::to_string(unproven));
}

// The state file also says how far the MANIFEST had been written. Without that, the damage of its last edits may be
// that of a power loss, unless the logs and the sorted files tell that more was there.
TEST_F(Corruption, OfTheManifestIsProvenByTheOtherFilesWhereItsMarkIsLost) {
  original_.forget_tidemark();
  for (const auto& name : original_.files()) {
    if (!name.starts_with("MANIFEST")) continue;
    flip_bits(name, 20);
    const auto size = original_.size_of(name);
    for (std::uint64_t back = 54; back <= std::min<std::uint64_t>(size, 800); back += 9)
      judge({Mutation::Kind::flip, name, size - back, static_cast<int>(random_.below(8))});
  }
  EXPECT_GT(outcomes_[Outcome::refused], 60u);
}

// A log that ends earlier, with nothing behind, looks like one whose end was never written. Without a tidemark that
// says more, what is left is a prefix of whole commits.
TEST_F(Corruption, ThatCutsTheLogWhereTheTidemarkIsLostLeavesAPrefix) {
  original_.forget_tidemark();
  const auto log = original_.the_log();
  std::uint64_t unproven = 0;
  for (int i = 0; i < 15; ++i) {
    const Mutation mutation{Mutation::Kind::cut, log, random_.below(original_.size_of(log))};
    const auto verdict = original_.damage(mutation);
    EXPECT_TRUE(verdict.outcome == Outcome::prefix || verdict.outcome == Outcome::refused)
        << mutation.text() << " (seed " << seed_ << "): " << verdict.message;
    unproven += verdict.outcome == Outcome::prefix ? 1 : 0;
  }
  RecordProperty("unproven", std::to_string(unproven));
}

}  // namespace
}  // namespace tidemark::corruption
