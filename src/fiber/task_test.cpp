#include "fiber/task.hpp"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>

namespace tidemark::fiber {
namespace {

TEST(Task, RunsAClosureThatCannotBeCopied) {
  int sum = 0;
  Task task{[&sum, value = std::make_unique<int>(7)] { sum += *value; }};
  task();
  task();
  EXPECT_EQ(sum, 14);
}

TEST(Task, MovesSmallAndLargeClosuresAndDestroysEachOnce) {
  auto alive = std::make_shared<int>(0);
  int ran = 0;
  {
    Task small{[&ran, alive] { ++ran; }};
    Task large{[&ran, alive, ballast = std::array<char, 200>{}] { ran += 1 + ballast[0]; }};
    EXPECT_EQ(alive.use_count(), 3);
    Task moved{std::move(small)};
    EXPECT_FALSE(small);
    moved();
    moved = std::move(large);
    EXPECT_EQ(alive.use_count(), 2) << "the closure that was replaced is gone";
    moved();
  }
  EXPECT_EQ(ran, 2);
  EXPECT_EQ(alive.use_count(), 1);
}

TEST(Task, TakesAStdFunction) {
  int ran = 0;
  const std::function<void()> function = [&ran] { ++ran; };
  Task task{function};
  task();
  EXPECT_EQ(ran, 1);
}

}  // namespace
}  // namespace tidemark::fiber
