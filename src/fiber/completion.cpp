#include "fiber/completion.hpp"

#include "fiber/mailbox.hpp"

namespace tidemark::fiber {

void CompletionState::claim() {
  TIDEMARK_ASSERT(!claimed_.exchange(true, std::memory_order_relaxed), "a completion was set twice");
}

void CompletionState::publish() {
  if (Loop::current() == loop_) {
    complete();
  } else {
    mailbox_->post([self = shared_from_this()] { self->complete(); });
  }
}

void CompletionState::complete() noexcept {
  done_ = true;
  waiting_.notify_all();
}

void CompletionState::wait() {
  this_fiber::check();
  while (!done_) waiting_.wait();
}

bool CompletionState::wait_until(Instant limit) {
  this_fiber::check();
  while (!done_) {
    if (!waiting_.wait_until(limit)) return done_;
  }
  return true;
}

}  // namespace tidemark::fiber
