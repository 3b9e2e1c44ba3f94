// ConnectionTest: connections on a thread of their own, with what becomes of them to wait for.
#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fiber/completion.hpp"
#include "fiber/io_thread.hpp"
#include "redis/connection.hpp"

namespace tidemark::redis {

inline constexpr Instant NO_DEADLINE = Instant::max();

// A connection and what it called back. On fibers of its thread.
class Opened {
 public:
  Opened(fiber::IoThread& thread, const Endpoint& endpoint, const Options& options, Traffic* traffic = nullptr) {
    Connection::Callbacks callbacks;
    callbacks.ready = [ready = ready_] { ready.set(); };
    callbacks.broken = [broken = broken_](const Failure& why) { broken.set(why); };
    callbacks.pushed = [pushed = pushed_](resp::Value message) { pushed.set(std::move(message)); };
    connection = std::make_unique<Connection>(thread, endpoint, options, std::move(callbacks), traffic);
  }

  void wait_ready() { ready_.wait(); }
  Failure wait_broken() { return broken_.wait(); }
  resp::Value wait_pushed() { return pushed_.wait(); }
  bool was_ready() const { return ready_.ready(); }

  fiber::Completion<Outcome> send(const Command& command, Instant deadline = NO_DEADLINE) {
    fiber::Completion<Outcome> outcome;
    connection->send(command, deadline, [outcome](Outcome what) { outcome.set(std::move(what)); });
    return outcome;
  }
  Outcome ask(const Command& command, Instant deadline = NO_DEADLINE) { return send(command, deadline).wait(); }

  std::unique_ptr<Connection> connection;

 private:
  fiber::Completion<void> ready_;
  fiber::Completion<Failure> broken_;
  fiber::Completion<resp::Value> pushed_;
};

class ConnectionTest : public ::testing::Test {
 protected:
  // A failed request, in short: "unavailable, may have run".
  static std::string summary(const Outcome& outcome) {
    if (!outcome.failure) return outcome.value.text;
    return std::string{to_string(outcome.failure->code)} + (outcome.may_have_run ? ", may have run" : ", has not run");
  }

  void on_fiber(std::function<void()> work) { thread_.run("test", std::move(work)); }
  Instant soon(Duration after = Duration{30}) const { return thread_.loop().clock().instant() + after; }

  // The failure that ends an attempt to connect.
  Failure failure_of(const Endpoint& endpoint, const Options& options) {
    Failure failure;
    on_fiber([&] {
      Opened opened{thread_, endpoint, options};
      failure = opened.wait_broken();
      EXPECT_FALSE(opened.was_ready());
    });
    return failure;
  }

  fiber::IoThread thread_{"redis-test"};
  Options options_;
};

}  // namespace tidemark::redis
