// Discovery: the fiber of a topology that finds out how things are, when somebody asks for it; again and again, with
// growing pauses, as long as it fails and there is hope.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "fiber/fiber.hpp"
#include "redis/backoff.hpp"
#include "redis/nodes.hpp"

namespace tidemark::redis {

// All calls on the client's thread.
class Discovery {
 public:
  // `look` is one attempt, on the fiber.
  Discovery(Nodes& nodes, std::string name, std::function<Result<void>()> look);
  // close() must have been called, or the thread's loop have ended.
  ~Discovery() = default;

  // Has it look, once more if it is looking at this moment, but not within AT_REST of the last time.
  void start();
  // Why the last attempt failed; none when it did not.
  const std::optional<Failure>& failure() const noexcept { return failure_; }
  // Ends the fiber. On a fiber, unless none runs.
  void close();

 private:
  static constexpr Duration AT_REST{100};

  void run();
  bool attempt();

  Nodes& nodes_;
  const std::string name_;
  const std::function<Result<void>()> look_;
  Backoff backoff_;
  Instant next_at_{};
  bool wanted_ = false;
  std::optional<Failure> failure_;
  fiber::FiberHandle fiber_;
};

}  // namespace tidemark::redis
