// Pipeline: the requests of one connection, in their order, without sockets: those that were handed to the socket and
// wait for their answers, and behind them those that are still to be.
//
// What it returns is to be called by the owner once it has put its own affairs in order: callbacks may add requests.
#pragma once
#include <cstddef>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "redis/command.hpp"
#include "redis/connection.hpp"

namespace tidemark::redis {

class Pipeline {
 public:
  using OnOutcome = Connection::OnOutcome;
  // A request that ended without an answer.
  struct Ended {
    OnOutcome on_outcome;
    bool was_sent = false;
  };

  void add(const Command& command, Instant deadline, OnOutcome on_outcome);
  bool has_unsent() const noexcept { return sent_ < requests_.size(); }
  // Swaps the bytes of all requests that were not sent into `bytes`, whose room serves the next ones: from now on they
  // are sent.
  void send_all(std::string& bytes);

  // Whether an answer is expected at all.
  bool awaits_answer() const noexcept { return sent_ > 0; }
  // The callback of the request that the next answer belongs to; none when its time has passed.
  OnOutcome take_answered();

  // Ends the requests whose deadlines have passed. One that was sent leaves its place, so that its answer is not taken
  // for another's; one that was not, never will be.
  std::vector<Ended> time_out(Instant now);
  // The earliest deadline of a request that has not ended; Instant::max() when there is none.
  Instant next_deadline() const;
  // The next answer belongs to a request whose time has passed.
  bool front_is_late() const noexcept { return sent_ > 0 && !requests_.front().on_outcome; }

  // Ends them all.
  std::vector<Ended> end_all();

  // Requests that have not ended, and the bytes of those that were not sent.
  std::size_t size() const noexcept { return requests_.size() - late_; }
  std::size_t unsent_bytes() const noexcept { return unsent_.size(); }

 private:
  struct Request {
    OnOutcome on_outcome;  // none: its time has passed
    Instant deadline;
    std::size_t bytes = 0;
  };

  void forget_unsent(Instant now, std::vector<Ended>& ended);

  std::deque<Request> requests_;  // the first sent_ were sent, the bytes of the others are unsent_
  std::size_t sent_ = 0;
  std::size_t late_ = 0;  // sent ones whose time has passed
  std::string unsent_;
};

}  // namespace tidemark::redis
