#include "kit/event_stream.hpp"

#include <gtest/gtest.h>

namespace tidemark::kit {
namespace {

TEST(EventStreamPosition, SurvivesItsText) {
  const std::vector<store::Position> positions{{"orders", {17, 3}}, {"stock", {0, 0}}};
  std::vector<store::Position> read{{"orders", {}}, {"stock", {5, 5}}, {"more", {1, 0}}};
  ASSERT_TRUE(apply_position(position_text(positions), read));
  EXPECT_EQ(read[0].after, (StreamId{17, 3}));
  EXPECT_EQ(read[1].after, (StreamId{0, 0}));
  EXPECT_EQ(read[2].after, (StreamId{1, 0})) << "a topic that the position does not name has moved";
}

TEST(EventStreamPosition, RefusesWhatIsNone) {
  std::vector<store::Position> positions{{"orders", {}}};
  for (const auto* text : {"orders", "orders=x", "orders=1-2,stock"}) {
    const auto applied = apply_position(text, positions);
    ASSERT_FALSE(applied) << text;
    EXPECT_EQ(applied.error().code, ErrorCode::malformed);
  }
}

}  // namespace
}  // namespace tidemark::kit
