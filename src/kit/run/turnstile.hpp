// Turnstile: lets one fiber of a process pass at a time, in the order of their coming.
//
// The events that may have ended the process before go through it, so that the one that did is known: it is the only
// one that was running.
#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <utility>

#include "fiber/completion.hpp"

namespace tidemark::kit {

// Fibers of any loops. Must outlive the turns that it gives.
class Turnstile {
 public:
  // Ends with leave(), at the latest with its object. One thread at a time.
  class Turn {
   public:
    Turn() = default;
    explicit Turn(Turnstile& turnstile) : turnstile_{&turnstile} {}
    Turn(Turn&& other) noexcept : turnstile_{std::exchange(other.turnstile_, nullptr)} {}
    Turn& operator=(Turn&& other) noexcept {
      leave();
      turnstile_ = std::exchange(other.turnstile_, nullptr);
      return *this;
    }
    ~Turn() { leave(); }

    void leave() {
      if (auto* turnstile = std::exchange(turnstile_, nullptr)) turnstile->pass_on();
    }

   private:
    Turnstile* turnstile_ = nullptr;
  };

  // Suspends the fiber until it is its turn. Throws Cancelled and DeadlineExceeded.
  Turn enter();

 private:
  struct Waiter {
    fiber::Completion<void> turn;
    bool has_turn = false;
  };

  void pass_on();

  std::mutex mutex_;
  bool taken_ = false;
  std::deque<std::shared_ptr<Waiter>> waiting_;
};

}  // namespace tidemark::kit
