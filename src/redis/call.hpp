// Call: one request's way to its answer: finds its node, follows redirections, and goes again after what was not
// executed.
#pragma once
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "redis/client.hpp"
#include "redis/exchange.hpp"
#include "redis/nodes.hpp"
#include "redis/topology.hpp"

namespace tidemark::redis {

// On a fiber of the client's thread. Many may be sent before the first is finished.
class Call {
 public:
  // `follower`, if there is one, goes right behind it on the same connection, each time that it is sent.
  Call(Nodes& nodes, Topology& topology, Command command, std::optional<Command> follower = std::nullopt);
  // To this master and no other.
  Call(Nodes& nodes, Topology& topology, Command command, Endpoint master);

  // Sends it if there is a connection, otherwise finish() does. Waits for nothing.
  void send();
  // Waits for the answer, or for what ends the wait for it. Throws Cancelled and DeadlineExceeded.
  Reply finish();
  // After finish(): what came of the follower.
  Reply finish_follower();

 private:
  // Null when it is not known, or not to be reached: problem_ says why.
  Connection* connection();
  // Whether the outcome is the last word; if not, next_at_ says when to try again.
  bool is_final(const Outcome& outcome);
  bool is_final_failure(const Outcome& outcome);
  bool is_final_error(const resp::Value& error);
  bool redirect(const resp::Value& error, bool is_ask);
  void pause(const resp::Value& error);
  // Waits for the next attempt; false when there is to be none.
  bool wait_for_next();
  Reply answer(Outcome outcome);
  Reply no_answer(Outcome outcome);
  Reply give_up();

  Nodes& nodes_;
  Topology& topology_;
  const Command command_;
  const std::optional<Command> follower_;
  const Instant limit_;
  std::optional<Endpoint> master_;  // to this one alone
  std::optional<Endpoint> asked_;   // where ASK sends it, once

  Exchange exchange_, follower_exchange_;
  Endpoint sent_to_;
  std::uint64_t connection_id_ = 0;
  bool may_have_run_ = false;
  int pauses_ = 0, redirections_ = 0;
  Instant next_at_{};
  bool is_hopeless_ = false;  // what problem_ says is not mended by time
  bool has_waited_ = false;
  std::optional<Failure> problem_;  // why it has no answer yet
  resp::Value error_;               // the server's answer that made it wait last
};

}  // namespace tidemark::redis
