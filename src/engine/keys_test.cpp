#include "engine/keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <memory>

#include "storage/test_directory.hpp"

namespace tidemark::engine {
namespace {

using model::Commit;
using model::KeyChange;
using model::Partition;

TimePoint at(std::int64_t ms) { return TimePoint{std::chrono::milliseconds{ms}}; }

KeyChange put(std::string key, std::string value, std::int64_t expires) {
  return {.key = std::move(key), .value = std::move(value), .expires = at(expires)};
}
KeyChange add(std::string key, std::string value, std::int64_t expires) {
  auto change = put(std::move(key), std::move(value), expires);
  change.must_be_absent = true;
  return change;
}
KeyChange gone(std::string key) { return {.key = std::move(key)}; }

class TestKeys {
 public:
  TestKeys() { reopen(); }
  void reopen() {
    keys_.reset();
    storage_.reset();
    storage_ = storage::Storage::open({.path = directory_.path(), .durability = {storage::Durability::Mode::never}})
                   .or_raise();
    keys_ = std::make_unique<Keys>(*storage_);
    keys_->load().or_raise();
  }
  Result<void> change(std::vector<KeyChange> changes, std::int64_t now, const Partition& partition = {"shop", 0}) {
    const Commit commit{.partition = partition, .keys = std::move(changes)};
    TIDEMARK_TRY(keys_->check(commit, at(now)));
    storage::Batch batch;
    keys_->apply(commit, batch);
    storage_->commit(batch);
    return {};
  }
  std::optional<std::string> find(std::string_view key, std::int64_t now, const Partition& partition = {"shop", 0}) {
    return keys_->find(partition, key, at(now)).value();
  }
  std::size_t expire(std::int64_t now, std::size_t limit = 1000) {
    storage::Batch batch;
    const auto expired = keys_->expire(at(now), limit, batch).value();
    storage_->commit(batch);
    return expired;
  }
  std::optional<TimePoint> next() const { return keys_->next_expiry(); }
  std::size_t stored() const {
    std::size_t count = 0;
    for (const char* space : {"k", "K"}) {
      auto at = storage_->cursor(space, std::string(1, static_cast<char>(*space + 1)));
      for (at.seek_first(); at.valid(); at.next()) ++count;
    }
    return count;
  }

 private:
  storage::TestDirectory directory_;
  std::unique_ptr<storage::Storage> storage_;
  std::unique_ptr<Keys> keys_;
};

TEST(Keys, AreThereUntilTheyExpireAndAbsentAtOnceThen) {
  TestKeys keys;
  ASSERT_TRUE(keys.change({put("a", "1", 100)}, 0));
  EXPECT_EQ(keys.find("a", 99), "1");
  EXPECT_EQ(keys.find("a", 100), std::nullopt);
  EXPECT_EQ(keys.stored(), 2u) << "not swept yet";
  EXPECT_EQ(keys.find("b", 0), std::nullopt);
  EXPECT_EQ(keys.find("a", 0, {"shop", 1}), std::nullopt);
  EXPECT_EQ(keys.find("a", 0, {"other", 0}), std::nullopt);
}

TEST(Keys, OneThatMustBeAbsentIsTakenOnlyUntilItExpires) {
  TestKeys keys;
  ASSERT_TRUE(keys.change({add("a", "1", 100)}, 0));
  const auto again = keys.change({add("a", "2", 200)}, 99);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::already_exists);
  EXPECT_THAT(again.error().text(), testing::HasSubstr("'a'"));
  EXPECT_TRUE(keys.change({add("a", "2", 200)}, 100));
  EXPECT_EQ(keys.find("a", 150), "2");
  EXPECT_EQ(keys.expire(150), 0u) << "the time of the first life is forgotten";
  EXPECT_EQ(keys.find("a", 150), "2");
}

TEST(Keys, MustBeAbsentLooksAtEarlierChangesOfTheSameCommit) {
  TestKeys keys;
  EXPECT_FALSE(keys.change({put("a", "1", 100), add("a", "2", 100)}, 0));
  EXPECT_EQ(keys.stored(), 0u);
  ASSERT_TRUE(keys.change({put("a", "1", 100)}, 0));
  EXPECT_TRUE(keys.change({gone("a"), add("a", "2", 100)}, 0));
  EXPECT_EQ(keys.find("a", 0), "2");
}

TEST(Keys, AnErasedOneLeavesNothing) {
  TestKeys keys;
  ASSERT_TRUE(keys.change({put("a", "1", 100), put("b", "1", 100)}, 0));
  ASSERT_TRUE(keys.change({gone("a"), gone("b"), gone("c")}, 0));
  EXPECT_EQ(keys.stored(), 0u);
}

TEST(Keys, ExpireNoMoreThanAskedTheEarliestFirst) {
  TestKeys keys;
  ASSERT_TRUE(keys.change({put("c", "", 30), put("a", "", 10), put("b", "", 20)}, 0));
  EXPECT_EQ(keys.next(), at(10));
  EXPECT_EQ(keys.expire(9), 0u);
  EXPECT_EQ(keys.expire(25, 1), 1u);
  EXPECT_EQ(keys.next(), at(20));
  keys.reopen();
  EXPECT_EQ(keys.next(), at(20));
  EXPECT_EQ(keys.expire(25), 1u);
  EXPECT_EQ(keys.stored(), 2u);
  EXPECT_EQ(keys.find("c", 25), "");
}

TEST(Keys, RefuseWhatCannotBeAKey) {
  TestKeys keys;
  EXPECT_EQ(keys.change({put("", "1", 1)}, 0).error().code, ErrorCode::invalid);
  EXPECT_EQ(keys.change({put(std::string(1025, 'k'), "1", 1)}, 0).error().code, ErrorCode::invalid);
  EXPECT_TRUE(keys.change({put(std::string("\0\xff", 2), "1", 1)}, 0));
}

RC_GTEST_PROP(Keys, DoWhatAMapWithTimesDoes, ()) {
  TestKeys keys;
  std::map<std::string, std::pair<std::string, std::int64_t>> model;
  std::int64_t now = 0;
  const auto steps = *rc::gen::container<std::vector<std::tuple<int, int, int>>>(
      rc::gen::tuple(rc::gen::inRange(0, 8), rc::gen::inRange(0, 6), rc::gen::inRange(-5, 30)));
  for (const auto& [kind, which, offset] : steps) {
    const auto key = std::string(1, static_cast<char>('a' + which));
    const auto lives = [&](const std::string& name) { return model.count(name) > 0 && model[name].second > now; };
    now += which;
    if (kind < 3) {
      RC_ASSERT(keys.change({put(key, std::to_string(now), now + offset)}, now).has_value());
      model[key] = {std::to_string(now), now + offset};
    } else if (kind < 5) {
      const bool free = !lives(key);
      RC_ASSERT(keys.change({add(key, std::to_string(now), now + offset)}, now).has_value() == free);
      if (free) model[key] = {std::to_string(now), now + offset};
    } else if (kind == 5) {
      RC_ASSERT(keys.change({gone(key)}, now).has_value());
      model.erase(key);
    } else if (kind == 6) {
      const auto expired = std::erase_if(model, [&](const auto& entry) { return entry.second.second <= now; });
      RC_ASSERT(keys.expire(now) == expired);
    } else {
      keys.reopen();
    }
    for (char name = 'a'; name <= 'f'; ++name) {
      const std::string text(1, name);
      const auto expected = lives(text) ? std::optional{model[text].first} : std::nullopt;
      RC_ASSERT(keys.find(text, now) == expected);
    }
    RC_ASSERT(keys.stored() == 2 * model.size());
  }
}

}  // namespace
}  // namespace tidemark::engine
