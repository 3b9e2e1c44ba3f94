// IoThread: a thread that runs a Loop and the sockets of a boost::asio::io_context. Include Asio's own headers to use
// io(); this one stays free of them.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "fiber/loop.hpp"

namespace boost::asio {
class io_context;
}

namespace tidemark::fiber {

// Completion handlers of io() run on the thread, with Loop::current() set, but not on a fiber: they must not wait or
// throw.
class IoThread {
 public:
  // Starts the thread. The name is the thread's for debuggers (15 characters of it are shown there).
  explicit IoThread(std::string name, Clock& clock = Clock::system(), const LoopOptions& options = {});
  // stop(), join(). What uses io() (sockets, acceptors) must be gone before.
  ~IoThread();
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  // The one that this code runs on, or null.
  static IoThread* current() noexcept;

  Loop& loop() noexcept;
  const Loop& loop() const noexcept;
  boost::asio::io_context& io() noexcept;
  const std::string& name() const noexcept;

  // Any thread but this one: runs `work` on a fiber of the loop, waits for its end, and throws what it threw;
  // Unavailable when the thread stops first. For
  // starting and stopping, and for tests.
  void run(std::string_view fiber_name, std::function<void()> work);

  // Any thread. Cancels all fibers; the thread ends when they have. Returns at once. A fiber that has not ended 10 s
  // later ends the process with a message that names it, since leaving it would leak what it holds.
  void stop();
  // Any thread but this one. Returns when the thread has ended.
  void join();

  // Any thread. When the loop last came round; a thread that is alive does so at least once a second. By the real
  // monotonic clock, whatever clock the loop has.
  std::chrono::steady_clock::time_point last_turn() const noexcept;
  // Any thread. What the thread is running, for the log when last_turn() is too long ago; empty when no fiber is.
  std::string running_fiber() const { return loop().running_fiber(); }

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tidemark::fiber
