#include "redis/exchange.hpp"

#include <memory>
#include <utility>

namespace tidemark::redis {

void Exchange::send(Connection& connection, const Command& command, Instant deadline, Counters& counters) {
  abandon();
  shared_ = new Shared{counters};
  counters.requests.add();
  counters.in_flight.add();
  // A plain pointer, so that the closure fits into a std::function without an allocation. A connection that is closed
  // before it is destroyed, as all of the client's are, drops no callback.
  connection.send(command, deadline, [shared = shared_](Outcome outcome) {
    shared->counters.in_flight.add(-1);
    if (shared->abandoned) {
      delete shared;
      return;
    }
    shared->outcome = std::move(outcome);
    shared->done = true;
    shared->arrived.notify_all();
  });
}

Outcome Exchange::wait() {
  shared_->arrived.wait([this] { return shared_->done; });
  const std::unique_ptr<Shared> done{std::exchange(shared_, nullptr)};
  return std::move(done->outcome);
}

void Exchange::abandon() noexcept {
  Shared* shared = std::exchange(shared_, nullptr);
  if (shared == nullptr) return;
  if (shared->done) {
    delete shared;
  } else {
    shared->abandoned = true;
  }
}

}  // namespace tidemark::redis
