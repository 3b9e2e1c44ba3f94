#include "engine/recent_documents.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <charconv>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/random.hpp"
#include "storage/test_directory.hpp"

namespace tidemark::engine {
namespace {

class RecentDocumentsTest : public testing::Test {
 protected:
  using Stored = RecentDocuments::Stored;

  void commit(std::vector<Stored> changes) {
    storage::Batch batch;
    for (const auto& [key, value] : changes) value ? batch.put(key, *value) : batch.erase(key);
    recent_.announce(changes);
    storage_->commit(batch);
    recent_.take_over(changes);
  }
  std::string get(std::string_view key) {
    std::string value;
    return recent_.get(key, value).value() ? value : "absent";
  }

  storage::TestDirectory directory_;
  std::unique_ptr<storage::Storage> storage_ =
      storage::Storage::open({.path = directory_.path(), .durability = {storage::Durability::Mode::never}}).or_raise();
  RecentDocuments recent_{*storage_};
};

TEST_F(RecentDocumentsTest, AreWhatTheStorageHasWhateverWasReadAndChanged) {
  const std::uint64_t seed = thread_random().next();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random{seed};
  std::map<std::string, std::string> model;
  for (int step = 0; step < 20'000; ++step) {
    const auto key = "d" + std::to_string(random.below(500));
    if (random.below(2) == 0) {
      EXPECT_EQ(get(key), model.contains(key) ? model[key] : "absent");
    } else if (random.below(4) == 0) {
      commit({{key, std::nullopt}});
      model.erase(key);
    } else {
      const std::string value(random.below(20) == 0 ? 5000 : random.below(20), static_cast<char>('a' + step % 26));
      commit({{key, value}});
      model[key] = value;
    }
  }
}

// Two documents that always change together: who has seen the one sees the other no older.
TEST_F(RecentDocumentsTest, AreNeverOlderThanOthersOfTheirCommit) {
  constexpr int LAST = 20'000;
  const auto number = [&](std::string_view key) {
    const auto text = get(key);
    int value = -1;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  };
  commit({{"one", "0"}, {"other", "0"}});
  std::atomic<int> older{0};
  std::thread reader{[&] {
    for (int seen = 0; seen < LAST;) {
      seen = number("one");
      if (number("other") < seen) ++older;
    }
  }};
  for (int i = 1; i <= LAST; ++i) {
    const auto text = std::to_string(i);
    commit({{"one", text}, {"other", text}});
    // Pushes both out now and then, so that they are read from the storage, too.
    if (i % 64 == 0)
      for (int filler = 0; filler < 200; ++filler) get("filler" + std::to_string(i + filler));
  }
  reader.join();
  EXPECT_EQ(older, 0);
}

}  // namespace
}  // namespace tidemark::engine
