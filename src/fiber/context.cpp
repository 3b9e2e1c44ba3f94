#include "fiber/context.hpp"

#include <cxxabi.h>
#include <sys/mman.h>
#include <unistd.h>

#include <boost/context/fiber.hpp>
#include <boost/context/preallocated.hpp>
#include <boost/context/stack_context.hpp>
#include <cerrno>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "base/assert.hpp"
#include "tidemark/error.hpp"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace tidemark::fiber {
namespace {

// What the Itanium C++ ABI (2.2.2) keeps for each thread: the exceptions being handled, and how many are on their way.
// A fiber that waits in a catch block must find its own when it comes back.
struct ExceptionState {
  void* caught = nullptr;
  unsigned int uncaught = 0;
};

ExceptionState& exceptions_of_this_thread() noexcept {
  return *reinterpret_cast<ExceptionState*>(abi::__cxa_get_globals());
}

// The mapping belongs to the Context and outlives what Boost keeps in it.
struct KeepStack {
  boost::context::stack_context allocate() { return {}; }
  void deallocate(boost::context::stack_context&) noexcept {}
};

std::size_t page_bytes() {
  static const auto bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

}  // namespace

// One side of each switch leaves (leave_…), the other arrives (arrive_…); between the two stands the jump.
struct Context::Machine {
  boost::context::fiber other;  // of the two sides, the one that does not run
  Body body = nullptr;
  void* argument = nullptr;
  bool ending = false;
  ExceptionState exceptions;
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

  boost::context::fiber main(boost::context::fiber&& outer);
  void switch_in();
  void switch_out();
  void leave_for_good();
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
  other = std::move(other).resume();
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(outer_fake_stack, nullptr, nullptr);
#endif
  std::swap(current, exceptions);
}

void Context::Machine::switch_out() {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&fake_stack, outer_bottom, outer_bytes);
#endif
#if defined(__SANITIZE_THREAD__)
  __tsan_switch_to_fiber(tsan_outer, 0);
#endif
  other = std::move(other).resume();
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(fake_stack, &outer_bottom, &outer_bytes);
#endif
}

void Context::Machine::leave_for_good() {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(nullptr, outer_bottom, outer_bytes);
#endif
#if defined(__SANITIZE_THREAD__)
  __tsan_switch_to_fiber(tsan_outer, 0);
#endif
}

boost::context::fiber Context::Machine::main(boost::context::fiber&& outer) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(nullptr, &outer_bottom, &outer_bytes);
#endif
  other = std::move(outer);
  while (!ending) {
    body(argument);
    body = nullptr;
    switch_out();
  }
  leave_for_good();
  return std::move(other);
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

  boost::context::stack_context stack;
  stack.sp = top;
  stack.size = static_cast<std::size_t>(top - bottom);
#if defined(__SANITIZE_ADDRESS__)
  machine_->stack_bottom = bottom;
  machine_->stack_bytes = stack.size;
#endif
#if defined(__SANITIZE_THREAD__)
  // Boost enters the new stack once while it sets it up; those calls belong to the new fiber's history.
  machine_->tsan_fiber = __tsan_create_fiber(0);
  void* outer = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(machine_->tsan_fiber, 0);
#endif
  machine_->other = boost::context::fiber{
      std::allocator_arg, boost::context::preallocated{stack.sp, stack.size, stack}, KeepStack{},
      [machine = machine_](boost::context::fiber&& caller) { return machine->main(std::move(caller)); }};
#if defined(__SANITIZE_THREAD__)
  __tsan_switch_to_fiber(outer, 0);
#endif
}

Context::~Context() {
  TIDEMARK_ASSERT(machine_->body == nullptr, "a context was destroyed while its body runs");
  machine_->ending = true;
  machine_->switch_in();
#if defined(__SANITIZE_THREAD__)
  __tsan_destroy_fiber(machine_->tsan_fiber);
#endif
  machine_->~Machine();
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
