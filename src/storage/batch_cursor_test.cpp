#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "base/random.hpp"
#include "storage/storage.hpp"
#include "storage/test_directory.hpp"

namespace tidemark::storage {
namespace {

class BatchCursorTest : public testing::Test {
 protected:
  void commit(const std::function<void(Batch&)>& fill) {
    Batch batch;
    fill(batch);
    storage_->commit(batch);
  }
  std::string keys_in(std::string_view first, std::string_view end) const {
    std::string keys;
    Cursor cursor = storage_->exact_cursor(first, end);
    for (cursor.seek_first(); cursor.valid(); cursor.next()) keys += cursor.key();
    EXPECT_TRUE(cursor.status());
    return keys;
  }

  TestDirectory directory_;
  std::unique_ptr<Storage> storage_ =
      Storage::open({.path = directory_.path(), .durability = {.mode = Durability::Mode::never}}).or_raise();
};

TEST_F(BatchCursorTest, ALaterEffectOfABatchWinsOverAnEarlierOne) {
  commit([](Batch& batch) {
    batch.put("a", "1");
    batch.put("a", "2");
    batch.put("b", "1");
    batch.erase("b");
    batch.put("c", "1");
    batch.erase_range("c", "d");
    batch.put("c", "2");
  });
  EXPECT_EQ(keys_in("a", "z"), "ac");
  std::string value;
  ASSERT_TRUE(storage_->get("c", value).value());
  EXPECT_EQ(value, "2");
}

TEST_F(BatchCursorTest, ABatchKnowsWhetherItIsEmpty) {
  Batch batch;
  EXPECT_TRUE(batch.empty());
  batch.erase_range("b", "b");
  batch.erase_range("c", "b");
  EXPECT_TRUE(batch.empty()) << "an empty range erases nothing";
  const std::size_t before = batch.bytes();
  batch.put("a", "1");
  EXPECT_FALSE(batch.empty());
  EXPECT_GT(batch.bytes(), before);
  batch.clear();
  EXPECT_TRUE(batch.empty());
}

TEST_F(BatchCursorTest, ErasesARangeWithoutItsEnd) {
  commit([](Batch& batch) {
    for (const char* key : {"a", "b", "c", "d", "e"}) batch.put(key, "");
  });
  commit([](Batch& batch) { batch.erase_range("b", "d"); });
  EXPECT_EQ(keys_in("a", "z"), "ade");
}

TEST_F(BatchCursorTest, ACursorStaysWithinItsRange) {
  commit([](Batch& batch) {
    for (const char* key : {"a", "b", "c", "d", "e"}) batch.put(key, "");
  });
  Cursor cursor = storage_->exact_cursor("b", "d");
  cursor.seek_first();
  EXPECT_EQ(cursor.key(), "b");
  cursor.previous();
  EXPECT_FALSE(cursor.valid());
  cursor.seek_last();
  EXPECT_EQ(cursor.key(), "c");
  cursor.next();
  EXPECT_FALSE(cursor.valid());
  cursor.seek("a");
  EXPECT_EQ(cursor.key(), "b") << "from below the range to its lowest key";
  cursor.seek("d");
  EXPECT_FALSE(cursor.valid());
  cursor.seek_back("z");
  EXPECT_EQ(cursor.key(), "c") << "from above the range to its highest key";
  cursor.seek_back("a");
  EXPECT_FALSE(cursor.valid());
  EXPECT_TRUE(cursor.status());
}

TEST_F(BatchCursorTest, ACursorSeesTheMomentInWhichItWasMade) {
  commit([](Batch& batch) { batch.put("a", "1"); });
  Cursor cursor = storage_->exact_cursor("a", "z");
  commit([](Batch& batch) {
    batch.put("a", "2");
    batch.put("b", "2");
  });
  cursor.seek_first();
  EXPECT_EQ(cursor.value(), "1");
  cursor.next();
  EXPECT_FALSE(cursor.valid());
}

// Random batches against a std::map: after each, every seek gives what the map gives.
TEST_F(BatchCursorTest, AgreesWithAnOrderedMap) {
  const std::uint64_t seed = thread_random().next();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random{seed};
  std::map<std::string, std::string, std::less<>> model;
  const auto any_key = [&] { return std::to_string(random.below(60)); };
  for (int round = 0; round < 200; ++round) {
    Batch batch;
    for (std::uint64_t effects = random.below(6); effects > 0; --effects) {
      const std::string key = any_key();
      switch (random.below(4)) {
        case 0: {
          const std::string end = any_key();
          batch.erase_range(key, end);
          if (key < end) model.erase(model.lower_bound(key), model.lower_bound(end));
          break;
        }
        case 1:
          batch.erase(key);
          model.erase(key);
          break;
        default: batch.put(key, std::to_string(round)); model.insert_or_assign(key, std::to_string(round));
      }
    }
    storage_->commit(batch);

    const std::string probe = any_key();
    Cursor cursor = storage_->exact_cursor("", "~");
    cursor.seek(probe);
    const auto above = model.lower_bound(probe);
    ASSERT_EQ(cursor.valid(), above != model.end());
    if (cursor.valid()) {
      EXPECT_EQ(cursor.key(), above->first);
      EXPECT_EQ(cursor.value(), above->second);
    }
    cursor.seek_back(probe);
    const auto past = model.upper_bound(probe);
    ASSERT_EQ(cursor.valid(), past != model.begin());
    if (cursor.valid()) {
      EXPECT_EQ(cursor.key(), std::prev(past)->first);
    }
  }
}

}  // namespace
}  // namespace tidemark::storage
