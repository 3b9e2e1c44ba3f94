#include "fiber/context.hpp"

#include <cxxabi.h>
#include <sys/mman.h>
#include <unistd.h>

#include <boost/context/detail/fcontext.hpp>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <new>
#include <string>
#include <utility>

#include "base/assert.hpp"
#include "tidemark/error.hpp"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace tidemark::fiber {
namespace {

using boost::context::detail::fcontext_t;
using boost::context::detail::jump_fcontext;
using boost::context::detail::transfer_t;

// What the Itanium C++ ABI (2.2.2) keeps for each thread: the exceptions being handled, and how many are on their way.
// A fiber that waits in a catch block must find its own when it comes back.
struct ExceptionState {
  void* caught = nullptr;
  unsigned int uncaught = 0;
};

ExceptionState& exceptions_of_this_thread() noexcept {
  return *reinterpret_cast<ExceptionState*>(abi::__cxa_get_globals());
}

std::size_t page_bytes() {
  static const auto bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

}  // namespace

// Built on Boost.Context's fcontext, below its fiber class: that one enters a new stack once before anybody can tell
// the sanitizers, and leaves it by a way that they take for calls returning on the wrong stack.
struct Context::Machine {
  fcontext_t other = nullptr;  // of the two sides, where the one that does not run goes on
  Body body = nullptr;
  void* argument = nullptr;
  bool ending = false;
  ExceptionState exceptions;  // of the side that does not run
#if defined(__SANITIZE_ADDRESS__)
  const void* stack_bottom = nullptr;
  std::size_t stack_bytes = 0;
  const void* outer_bottom = nullptr;
  std::size_t outer_bytes = 0;
  void* fake_stack = nullptr;
#endif
#if defined(__SANITIZE_THREAD__)
  void* tsan_fiber = nullptr;
  void* tsan_outer = nullptr;
#endif

  static void enter(transfer_t from);
  [[noreturn]] void run_bodies();
  void switch_in();
  void switch_out();
};

void Context::Machine::switch_in() {
  ExceptionState& current = exceptions_of_this_thread();
  std::swap(current, exceptions);
#if defined(__SANITIZE_ADDRESS__)
  void* outer_fake_stack = nullptr;
  __sanitizer_start_switch_fiber(&outer_fake_stack, stack_bottom, stack_bytes);
#endif
#if defined(__SANITIZE_THREAD__)
  tsan_outer = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(tsan_fiber, 0);
#endif
  other = jump_fcontext(other, this).fctx;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(outer_fake_stack, nullptr, nullptr);
#endif
  std::swap(current, exceptions);
}

void Context::Machine::switch_out() {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(ending ? nullptr : &fake_stack, outer_bottom, outer_bytes);
#endif
#if defined(__SANITIZE_THREAD__)
  __tsan_switch_to_fiber(tsan_outer, 0);
#endif
  other = jump_fcontext(other, nullptr).fctx;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(fake_stack, &outer_bottom, &outer_bytes);
#endif
}

// The first thing on the new stack. Not instrumented, because it begins before AddressSanitizer knows where it is.
__attribute__((no_sanitize("address"))) void Context::Machine::enter(transfer_t from) {
  auto* machine = static_cast<Machine*>(from.data);
  machine->other = from.fctx;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(nullptr, &machine->outer_bottom, &machine->outer_bytes);
#endif
  machine->run_bodies();
}

void Context::Machine::run_bodies() {
  for (;;) {
    if (!ending) body(argument);
    body = nullptr;
    switch_out();
  }
}

Context::Context(std::size_t stack_bytes) {
  const std::size_t page = page_bytes();
  mapping_bytes_ = (stack_bytes + page - 1) / page * page + page;
  mapping_ = mmap(nullptr, mapping_bytes_, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (mapping_ == MAP_FAILED || mprotect(mapping_, page, PROT_NONE) != 0) {
    const int error = errno;
    if (mapping_ != MAP_FAILED) munmap(mapping_, mapping_bytes_);
    throw Unavailable{std::string{"no stack for another fiber: "} + std::strerror(error) +
                      "; raise vm.max_map_count or the limit on memory, or let fewer requests in at once"};
  }
  auto* bottom = static_cast<std::byte*>(mapping_) + page;
  std::byte* top = static_cast<std::byte*>(mapping_) + mapping_bytes_;
  top -= (sizeof(Machine) + 63) / 64 * 64;  // keeps the stack's top aligned
  machine_ = ::new (static_cast<void*>(top)) Machine;

  const auto usable_bytes = static_cast<std::size_t>(top - bottom);
  machine_->other = boost::context::detail::make_fcontext(top, usable_bytes, &Machine::enter);
#if defined(__SANITIZE_ADDRESS__)
  machine_->stack_bottom = bottom;
  machine_->stack_bytes = usable_bytes;
#endif
#if defined(__SANITIZE_THREAD__)
  machine_->tsan_fiber = __tsan_create_fiber(0);
#endif
}

Context::~Context() {
  TIDEMARK_ASSERT(machine_->body == nullptr, "a context was destroyed while its body runs");
  machine_->ending = true;
  machine_->switch_in();
#if defined(__SANITIZE_ADDRESS__)
  __asan_unpoison_memory_region(mapping_, mapping_bytes_);
#endif
#if defined(__SANITIZE_THREAD__)
  __tsan_destroy_fiber(machine_->tsan_fiber);
#endif
  // The frames left on the stack own nothing, so there is nothing to unwind.
  munmap(mapping_, mapping_bytes_);
}

void Context::prepare(Body body, void* argument) noexcept {
  TIDEMARK_ASSERT(machine_->body == nullptr, "a context runs one body at a time");
  machine_->body = body;
  machine_->argument = argument;
}

bool Context::resume() {
  TIDEMARK_ASSERT(machine_->body != nullptr, "a context without a body was resumed");
  machine_->switch_in();
  return machine_->body == nullptr;
}

void Context::suspend() { machine_->switch_out(); }

}  // namespace tidemark::fiber
