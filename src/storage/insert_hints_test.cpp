#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <string>

#include "base/random.hpp"
#include "storage/storage.hpp"
#include "storage/test_directory.hpp"

namespace tidemark::storage {
namespace {

std::string key_of(std::uint64_t kind, std::uint64_t number) {
  char key[24];
  std::snprintf(key, sizeof key, "%c0000000%06llu", static_cast<char>('a' + kind),
                static_cast<unsigned long long>(number));
  return key;
}

// Kinds of keys that rise, are rewritten, erased by themselves and in ranges, as streams, documents and groups are.
TEST(InsertHints, ChangeNothingButTheSpeed) {
  const std::uint64_t seed = thread_random().next();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random{seed};
  TestDirectory directory;
  std::map<std::string, std::string> model;
  for (int round = 0; round < 3; ++round) {
    const auto storage =
        Storage::open(
            {.path = directory.path(), .durability = {Durability::Mode::never}, .write_buffer_bytes = 1 << 18})
            .or_raise();
    std::uint64_t next = 0;
    for (int step = 0; step < 4000; ++step) {
      Batch batch;
      for (std::uint64_t changes = 1 + random.below(6); changes > 0; --changes) {
        const auto kind = random.below(4);
        const auto number = random.below(3) == 0 ? random.below(next + 1) : ++next;
        const auto key = key_of(kind, number);
        if (random.below(40) == 0) {
          const auto end = key_of(kind, number + random.below(50));
          batch.erase_range(key, end);
          if (key < end) model.erase(model.lower_bound(key), model.lower_bound(end));
        } else if (random.below(5) == 0) {
          batch.erase(key);
          model.erase(key);
        } else {
          const std::string value(random.below(200), static_cast<char>('a' + step % 26));
          batch.put(key, value);
          model[key] = value;
        }
      }
      storage->commit(batch);
      const auto looked_at = key_of(random.below(4), random.below(next + 1));
      std::string value;
      ASSERT_EQ(storage->get(looked_at, value).value(), model.contains(looked_at)) << looked_at;
    }
    for (const auto& [key, expected] : model) {
      std::string value;
      ASSERT_TRUE(storage->get(key, value).value()) << key;
      ASSERT_EQ(value, expected) << key;
    }
  }
}

}  // namespace
}  // namespace tidemark::storage
