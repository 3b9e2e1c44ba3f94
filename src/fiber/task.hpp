// Task: a piece of work to run once or more; like std::function<void()>, but it need not be copyable, and closures of
// up to 48 bytes cost no allocation.
#pragma once
#include <concepts>
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "base/assert.hpp"

namespace tidemark::fiber {

class Task {
 public:
  Task() noexcept = default;

  template <class F>
  requires(!std::same_as<std::remove_cvref_t<F>, Task> && std::invocable<std::decay_t<F>&>)
      Task(F&& work) {  // NOLINT(google-explicit-constructor): a closure is a task
    using Closure = std::decay_t<F>;
    if constexpr (fits_inline<Closure>) {
      ::new (static_cast<void*>(storage_)) Closure(std::forward<F>(work));
    } else {
      ::new (static_cast<void*>(storage_)) Closure*(new Closure(std::forward<F>(work)));
    }
    operations_ = &operations_for<Closure>;
  }

  Task(Task&& other) noexcept { take(other); }
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() { reset(); }

  explicit operator bool() const noexcept { return operations_ != nullptr; }

  void operator()() {
    TIDEMARK_ASSERT(operations_ != nullptr, "an empty task was run");
    operations_->run(storage_);
  }

  // Destroys the closure; the task is empty afterwards.
  void reset() noexcept {
    if (operations_ != nullptr) std::exchange(operations_, nullptr)->destroy(storage_);
  }

 private:
  static constexpr std::size_t INLINE_BYTES = 48;

  struct Operations {
    void (*run)(void* storage);
    void (*move)(void* from, void* to) noexcept;  // leaves `from` without a closure
    void (*destroy)(void* storage) noexcept;
  };

  template <class Closure>
  static constexpr bool fits_inline =
      sizeof(Closure) <= INLINE_BYTES &&
      alignof(Closure) <= alignof(void*) && std::is_nothrow_move_constructible_v<Closure>;

  template <class Closure>
  static Closure& closure_in(void* storage) noexcept {
    if constexpr (fits_inline<Closure>) {
      return *std::launder(static_cast<Closure*>(storage));
    } else {
      return **std::launder(static_cast<Closure**>(storage));
    }
  }

  template <class Closure>
  static void move_closure(void* from, void* to) noexcept {
    if constexpr (fits_inline<Closure>) {
      Closure& closure = closure_in<Closure>(from);
      ::new (to) Closure(std::move(closure));
      closure.~Closure();  // NOLINT(bugprone-use-after-move): what was moved from still ends
    } else {
      ::new (to) Closure*(&closure_in<Closure>(from));
    }
  }

  template <class Closure>
  static void destroy_closure(void* storage) noexcept {
    if constexpr (fits_inline<Closure>) {
      closure_in<Closure>(storage).~Closure();
    } else {
      delete &closure_in<Closure>(storage);
    }
  }

  template <class Closure>
  static constexpr Operations operations_for = {[](void* storage) { closure_in<Closure>(storage)(); },
                                                &move_closure<Closure>, &destroy_closure<Closure>};

  void take(Task& other) noexcept {
    operations_ = std::exchange(other.operations_, nullptr);
    if (operations_ != nullptr) operations_->move(other.storage_, storage_);
  }

  alignas(void*) std::byte storage_[INLINE_BYTES];
  const Operations* operations_ = nullptr;
};

}  // namespace tidemark::fiber
