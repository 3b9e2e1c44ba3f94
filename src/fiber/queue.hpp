// Queue<T>: a bounded queue between fibers of one loop. A full one makes its producers wait, so that it never grows.
#pragma once
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "base/assert.hpp"
#include "fiber/sync.hpp"

namespace tidemark::fiber {

// All calls on the loop's thread; push and pop on a fiber. They throw Cancelled and DeadlineExceeded.
template <class T>
class Queue {
 public:
  explicit Queue(std::size_t capacity) : capacity_{capacity} {
    TIDEMARK_ASSERT(capacity > 0, "a queue without room never takes anything");
  }

  // Waits for room. False when the queue is closed; the value is then dropped.
  [[nodiscard]] bool push(T value) {
    room_.wait([this] { return closed_ || items_.size() < capacity_; });
    return try_push(std::move(value));
  }
  // False when the queue is full or closed; `value` is left alone then.
  [[nodiscard]] bool try_push(T&& value) {
    if (closed_ || items_.size() >= capacity_) return false;
    items_.push_back(std::move(value));
    filled_.notify_one();
    return true;
  }
  [[nodiscard]] bool try_push(const T& value) { return try_push(T{value}); }

  // Waits for the oldest value. None when the queue is closed and empty.
  [[nodiscard]] std::optional<T> pop() {
    filled_.wait([this] { return closed_ || !items_.empty(); });
    return try_pop();
  }
  // None also when `limit` passes first.
  [[nodiscard]] std::optional<T> pop_until(Instant limit) {
    if (!filled_.wait_until(limit, [this] { return closed_ || !items_.empty(); })) return std::nullopt;
    return try_pop();
  }
  [[nodiscard]] std::optional<T> try_pop() {
    if (items_.empty()) return std::nullopt;
    std::optional<T> value{std::move(items_.front())};
    items_.pop_front();
    room_.notify_one();
    return value;
  }

  // Nothing more goes in; what is in can still be taken out.
  void close() noexcept {
    closed_ = true;
    room_.notify_all();
    filled_.notify_all();
  }

  bool closed() const noexcept { return closed_; }
  bool empty() const noexcept { return items_.empty(); }
  std::size_t size() const noexcept { return items_.size(); }
  std::size_t capacity() const noexcept { return capacity_; }

 private:
  std::size_t capacity_;
  bool closed_ = false;
  std::deque<T> items_;
  Signal room_, filled_;
};

}  // namespace tidemark::fiber
