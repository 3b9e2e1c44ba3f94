// Several waits at once: on this loop, and on another one.
#pragma once
#include <cstddef>
#include <functional>
#include <string_view>

#include "fiber/loop.hpp"

namespace tidemark::kit {

// Calls work(0) to work(count - 1), a bounded number of them at a time on fibers of this loop, and returns when all
// have ended. Throws the first that one threw; the others are cancelled then. On a fiber.
void side_by_side(std::string_view name, std::size_t count, const std::function<void(std::size_t)>& work);

// Runs `work` on a fiber of `loop`, which may be another thread's or this one's, and returns when it has ended, even
// when this fiber is cancelled meanwhile. Throws what it threw. On a fiber; the loop must not end before.
void run_on(fiber::Loop& loop, std::string_view name, const std::function<void()>& work);

}  // namespace tidemark::kit
