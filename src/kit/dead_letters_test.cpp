#include "kit/dead_letters.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace tidemark::kit
