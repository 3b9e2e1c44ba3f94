#include "kit/run/side_by_side.hpp"

#include <algorithm>
#include <exception>
#include <string>

#include "fiber/completion.hpp"
#include "fiber/task_group.hpp"

namespace tidemark::kit {
namespace {

constexpr std::size_t AT_ONCE = 32;

std::exception_ptr outcome_of(const std::function<void()>& work) {
  try {
    work();
  } catch (...) {
    return std::current_exception();
  }
  return nullptr;
}

}  // namespace

void side_by_side(std::string_view name, std::size_t count, const std::function<void(std::size_t)>& work) {
  if (count == 1) return work(0);
  std::size_t next = 0;
  fiber::TaskGroup group;
  for (std::size_t i = 0; i < std::min(count, AT_ONCE); ++i)
    group.spawn(name, [&] {
      while (next < count) work(next++);
    });
  group.wait();
}

void run_on(fiber::Loop& loop, std::string_view name, const std::function<void()>& work) {
  const fiber::Completion<std::exception_ptr> ended;
  loop.post([&loop, &work, ended, name = std::string{name}] {
    try {
      loop.spawn(name, [&work, ended] { ended.set(outcome_of(work)); });
    } catch (...) {
      ended.set(std::current_exception());
    }
  });
  const fiber::UncancellableScope to_the_end;
  if (const auto failure = ended.wait()) std::rethrow_exception(failure);
}

}  // namespace tidemark::kit
