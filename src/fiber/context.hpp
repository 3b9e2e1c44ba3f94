// Context: a stack of its own, and the way onto it and back. It runs one body after another, so that a stack, once
// mapped, serves many fibers. AddressSanitizer, ThreadSanitizer and the C++ runtime's exception state follow each
// switch.
#pragma once
#include <cstddef>

namespace tidemark::fiber {

// One thread only. Bodies must not let exceptions out.
class Context {
 public:
  using Body = void (*)(void* argument);

  // Maps a stack of at least `stack_bytes` with a guard page below it, which turns an overflow into a crash instead of
  // silent damage. Throws Unavailable when the system refuses.
  explicit Context(std::size_t stack_bytes);
  // No body may be running.
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  // Sets what the next resume() runs. The body before must have returned.
  void prepare(Body body, void* argument) noexcept;
  // From outside: runs the body until it suspends or returns. Returns whether it has returned.
  bool resume();
  // From within the body: back to resume(), until the next one.
  void suspend();

 private:
  struct Machine;  // stands at the top of the stack

  void* mapping_;
  std::size_t mapping_bytes_;
  Machine* machine_;
};

}  // namespace tidemark::fiber
