#include "fiber/context.hpp"

#include <gtest/gtest.h>

#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace tidemark::fiber {
namespace {

constexpr std::size_t BYTES = 256 * 1024;

// Runs a function on a context; the function gets the context to suspend itself by.
class Script {
 public:
  explicit Script(std::function<void(Context&)> body) : body_{std::move(body)} {
    context_.prepare([](void* self) { static_cast<Script*>(self)->run(); }, this);
  }
  bool resume() { return context_.resume(); }

 private:
  void run() { body_(context_); }

  Context context_{BYTES};
  std::function<void(Context&)> body_;
};

TEST(Context, SuspendsAndGoesOnWhereItWas) {
  std::vector<int> steps;
  Script script{[&](Context& context) {
    steps.push_back(1);
    context.suspend();
    steps.push_back(3);
  }};
  EXPECT_FALSE(script.resume());
  steps.push_back(2);
  EXPECT_TRUE(script.resume());
  EXPECT_EQ(steps, (std::vector{1, 2, 3}));
}

TEST(Context, RunsOneBodyAfterAnotherOnOneStack) {
  Context context{BYTES};
  int runs = 0;
  for (int i = 0; i < 100; ++i) {
    context.prepare([](void* count) { ++*static_cast<int*>(count); }, &runs);
    EXPECT_TRUE(context.resume());
  }
  EXPECT_EQ(runs, 100);
}

TEST(Context, EndsUnused) { const Context context{BYTES}; }

TEST(Context, KeepsTheExceptionThatIsBeingHandledAcrossASwitch) {
  std::string rethrown;
  Script waits_while_handling{[&](Context& context) {
    try {
      throw std::runtime_error{"mine"};
    } catch (const std::exception&) {
      context.suspend();
      try {
        throw;
      } catch (const std::exception& error) {
        rethrown = error.what();
      }
    }
  }};
  Script throws_meanwhile{[](Context& context) {
    try {
      throw std::runtime_error{"another's"};
    } catch (const std::exception&) {
      context.suspend();
    }
  }};
  EXPECT_FALSE(waits_while_handling.resume());
  EXPECT_EQ(std::current_exception(), nullptr) << "what a suspended body handles is not ours";
  EXPECT_FALSE(throws_meanwhile.resume());
  EXPECT_TRUE(waits_while_handling.resume());  // the two handlers end in the order that they began
  EXPECT_TRUE(throws_meanwhile.resume());
  EXPECT_EQ(rethrown, "mine");
}

TEST(Context, CountsExceptionsOnTheirWayForEachSideAlone) {
  struct SuspendsWhileUnwinding {
    Context& context;
    int& seen;
    ~SuspendsWhileUnwinding() {
      context.suspend();
      seen = std::uncaught_exceptions();
    }
  };
  int seen = -1;
  Script script{[&](Context& context) {
    try {
      const SuspendsWhileUnwinding guard{context, seen};
      throw std::runtime_error{"on its way"};
    } catch (const std::exception&) {
    }
  }};
  EXPECT_FALSE(script.resume());
  EXPECT_EQ(std::uncaught_exceptions(), 0);
  EXPECT_TRUE(script.resume());
  EXPECT_EQ(seen, 1);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
[[gnu::noinline]] int descend(volatile int* previous, int depth) {  // NOLINT(misc-no-recursion)
  volatile int frame[1024];
  frame[0] = *previous + depth;
  return depth == 0 ? frame[0] : descend(frame, depth - 1) + frame[0];
}

TEST(ContextDeathTest, AnOverflowingStackCrashesInsteadOfDamagingItsNeighbour) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto overflow = [] {
    Script script{[](Context&) {
      volatile int start = 0;
      descend(&start, 1'000);  // about 4 MiB
    }};
    script.resume();
  };
  EXPECT_DEATH(overflow(), "");
}
#endif

}  // namespace
}  // namespace tidemark::fiber
