#include "engine/recent_entries.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tidemark::engine {
namespace {

class RecentEntriesTest : public testing::Test {
 protected:
  void append(std::size_t bytes = 1) {
    model::Fields fields;
    fields.add("number", std::to_string(stream_.entries_added() + 1));
    fields.add("filler", std::string(bytes, 'x'));
    Effects effects;
    stream_.append({stream_.entries_added() + 1, 7}, fields, effects);
    recent_.append(stream_, fields);
  }
  // The lowest ordinal from which on all are there.
  std::uint64_t first() const {
    std::uint64_t ordinal = stream_.entries_added() + 1;
    while (ordinal > 1 && recent_.reach(stream_, ordinal - 2)) --ordinal;
    return ordinal;
  }
  void expect_right_ones() const {
    for (auto ordinal = first(); ordinal <= stream_.entries_added(); ++ordinal) {
      EXPECT_EQ(recent_.at(ordinal).id, (StreamId{ordinal, 7}));
      EXPECT_EQ(recent_.at(ordinal).fields.find("number"), std::to_string(ordinal));
    }
  }

  Stream stream_{1};
  const std::shared_ptr<RecentEntries::Room> room_ = std::make_shared<RecentEntries::Room>();
  RecentEntries recent_{room_};
};

TEST_F(RecentEntriesTest, AreTheLastOnesOfTheStream) {
  EXPECT_FALSE(recent_.reach(stream_, 0));
  for (int i = 0; i < 1000; ++i) {
    append();
    EXPECT_EQ(first(), i < 128 ? 1 : i - 126);
  }
  expect_right_ones();
}

TEST_F(RecentEntriesTest, BeginBehindOneThatIsTooLarge) {
  append(), append();
  append(2000);
  EXPECT_EQ(first(), 4u);
  EXPECT_TRUE(recent_.reach(stream_, 3)) << "behind the last one there is nothing to be read";
  append();
  EXPECT_EQ(first(), 4u);
  expect_right_ones();
}

TEST_F(RecentEntriesTest, AreNoneOfAStreamThatHasLostSome) {
  append(), append(), append();
  Effects effects;
  stream_.erase({{StreamId{2, 7}}, 1, {1, 7}, 1, 0}, effects);
  EXPECT_FALSE(recent_.reach(stream_, 1));
  append();
  EXPECT_EQ(first(), 4u);
}

TEST_F(RecentEntriesTest, AreNoMoreThanTheTopicsHaveRoomFor) {
  room_->entries = 10;
  for (int i = 0; i < 9; ++i) append();
  EXPECT_EQ(first(), 1u);
  EXPECT_EQ(room_->entries, 0u);
  append();
  EXPECT_EQ(first(), 11u) << "there is no room for the tenth: its place is behind that of the ninth";
  for (int i = 0; i < 118; ++i) append();
  EXPECT_EQ(first(), 128u) << "but again for the one that takes the first place";
  expect_right_ones();
  recent_.clear();
  EXPECT_EQ(room_->entries, 10u);
  EXPECT_FALSE(recent_.reach(stream_, 100));
  append();
  expect_right_ones();
}

TEST_F(RecentEntriesTest, BeginAnewBehindThoseThatWereNotNoted) {
  append();
  Effects effects;
  model::Fields fields;
  fields.add("number", "2");
  stream_.append({2, 7}, fields, effects);
  EXPECT_FALSE(recent_.reach(stream_, 1));
  append();
  EXPECT_EQ(first(), 3u);
  expect_right_ones();
}

}  // namespace
}  // namespace tidemark::engine
