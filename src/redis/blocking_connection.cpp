#include "redis/blocking_connection.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "redis/slots.hpp"

namespace tidemark::redis {
namespace {

// UNBLOCK may overtake the request that it is to end, on its way to the server: then it is sent again after this long.
constexpr Duration UNBLOCK_AGAIN{5};
constexpr int MOVES_AT_MOST = 5;  // in one call; past it the nodes disagree

// The node is not, or not any more, the one to wait at; or it can't answer for a while.
bool is_refusal(std::string_view code) {
  return code == "MOVED" || code == "ASK" || code == "TRYAGAIN" || code == "LOADING" || code == "READONLY" ||
         code == "MASTERDOWN" || code == "CLUSTERDOWN" || code == "UNBLOCKED";
}

}  // namespace

// While it lives, a call waits. What ends it by an exception leaves a request on the connection, which ends, too.
class BlockingLine::Waiting {
 public:
  explicit Waiting(BlockingLine& line) : line_{line} {
    TIDEMARK_ASSERT(!line.is_waiting_, "a blocking connection carries one request at a time");
    line.is_waiting_ = true;
    line.is_unblocked_ = false;
    ++line.calls_;
  }
  ~Waiting() {
    line_.is_waiting_ = false;
    line_.again_.cancel();
    if (!ended_) line_.close();
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  void end() noexcept { ended_ = true; }

 private:
  BlockingLine& line_;
  bool ended_ = false;
};

BlockingLine::BlockingLine(Nodes& nodes, Topology& topology, std::string key)
    : nodes_{nodes},
      topology_{topology},
      key_{std::move(key)},
      backoff_{nodes.options().retry_first, nodes.options().retry_at_most, nodes.random()},
      again_{nodes.thread().loop(), [this] { send_unblock(); }} {}

BlockingLine::~BlockingLine() {
  *self_ = nullptr;
  close();
}

Reply BlockingLine::call(Command command, Duration at_most) {
  this_fiber::check();
  Waiting waiting{*this};
  const Instant limit = at_most > Instant::max() - nodes_.now() ? Instant::max() : nodes_.now() + at_most;
  Reply reply;
  for (int moves = 0; moves < MOVES_AT_MOST && connect(limit, reply); ++moves) {
    reply = exchange(command, limit);
    if (!reply.failure || !follow(reply)) break;
  }
  waiting.end();
  return reply;
}

bool BlockingLine::connect(Instant limit, Reply& reply) {
  for (bool has_waited = false;; has_waited = true) {
    reply = {};
    if (is_unblocked_) return false;
    if (nodes_.is_closed()) {
      reply.failure = fail(ErrorCode::unavailable, "the client was closed");
      return false;
    }
    const Endpoint* endpoint = topology_.route(key_);
    if (endpoint == nullptr) topology_.look_again();
    if (endpoint != nullptr && connection_ && !connection_->is_broken() && endpoint_ == *endpoint) return true;
    if (endpoint != nullptr && nodes_.now() >= retry_at_) {
      open(*endpoint);
      return true;
    }
    const bool is_in_vain = has_waited && endpoint == nullptr && is_hopeless(topology_.why_unknown(key_));
    if (nodes_.now() >= limit || is_in_vain) {
      reply.failure = endpoint == nullptr ? topology_.why_unknown(key_)
                                          : failure_.value_or(fail(ErrorCode::timeout, "no connection in time"));
      return false;
    }
    static_cast<void>(nodes_.changed().wait_until(endpoint == nullptr ? limit : std::min(limit, retry_at_)));
  }
}

void BlockingLine::open(const Endpoint& endpoint) {
  close();
  endpoint_ = endpoint;
  connection_ = std::make_unique<Connection>(nodes_.thread(), endpoint_, nodes_.options(),
                                             Connection::Callbacks{.ready =
                                                                       [this] {
                                                                         is_counted_ = true;
                                                                         nodes_.counters().connections.add();
                                                                         backoff_.reset();
                                                                       },
                                                                   .broken = nullptr,
                                                                   .pushed = nullptr},
                                             &nodes_.traffic());
  connection_->send(Command{"CLIENT", "ID"}, Instant::max(), [self = self_](const Outcome& outcome) {
    if (*self == nullptr || outcome.failure) return;
    (*self)->client_id_ = outcome.value.is_error() ? NOT_TOLD : outcome.value.number;
    if ((*self)->is_unblocked_) (*self)->send_unblock();
  });
}

Reply BlockingLine::exchange(const Command& command, Instant limit) {
  Exchange exchange;
  exchange.send(*connection_, command, limit, nodes_.counters());
  Outcome outcome = exchange.wait();
  Reply reply;
  reply.connection = connection_ ? connection_->id() : 0;
  if (!outcome.failure && is_refusal(outcome.value.error_code())) {
    outcome.failure = fail(ErrorCode::unavailable, outcome.value.text, endpoint_.text());
  }
  if (outcome.failure) {
    note_failure();
    if (is_unblocked_) return reply;  // it was ended in the only way that was left
    failure_ = outcome.failure;
    reply.failure = std::move(outcome.failure);
    reply.may_have_run = outcome.may_have_run;
  }
  reply.value = std::move(outcome.value);
  return reply;
}

// Whether a node said who has the key instead of it.
bool BlockingLine::follow(const Reply& reply) {
  if (reply.value.error_code() != "MOVED") return false;
  const auto redirection = read_redirection(reply.value.text, endpoint_);
  if (!redirection || !topology_.moved(redirection->slot, redirection->to)) return false;
  retry_at_ = nodes_.now();
  nodes_.counters().redirections.add();
  return true;
}

void BlockingLine::note_failure() {
  close();
  retry_at_ = nodes_.now() + backoff_.next();
  topology_.look_again(&endpoint_);
}

void BlockingLine::leave_former_node() {
  const Endpoint* endpoint = topology_.route(key_);
  if (connection_ && endpoint != nullptr && *endpoint != endpoint_) connection_->close();
}

void BlockingLine::close() {
  client_id_ = UNKNOWN;
  if (!connection_) return;
  connection_->close();
  connection_.reset();
  if (std::exchange(is_counted_, false)) nodes_.counters().connections.add(-1);
}

void BlockingLine::unblock() {
  if (!is_waiting_ || std::exchange(is_unblocked_, true)) return;
  if (client_id_ != UNKNOWN) send_unblock();
  nodes_.changed().notify_all();  // it may be waiting for a connection
}

void BlockingLine::send_unblock() {
  if (!is_waiting_ || !connection_ || client_id_ == UNKNOWN) return;
  if (client_id_ == NOT_TOLD) return connection_->close();
  Connection* other = nodes_.is_closed() ? nullptr : nodes_.at(endpoint_).connection();
  if (other == nullptr) return again_.arm(nodes_.now() + UNBLOCK_AGAIN);
  other->send(Command{"CLIENT", "UNBLOCK", client_id_}, nodes_.now() + nodes_.options().request_timeout,
              [self = self_, call = calls_](const Outcome& outcome) {
                if (*self == nullptr || !(*self)->is_waiting_ || (*self)->calls_ != call) return;
                (*self)->on_unblocked(outcome);
              });
}

void BlockingLine::on_unblocked(const Outcome& outcome) {
  const bool is_hung = outcome.failure && outcome.failure->code == ErrorCode::timeout;
  if (outcome.value.is_error() || is_hung) {
    connection_->close();  // not permitted, or not possible: the connection's end ends the wait, too
  } else if (outcome.failure || outcome.value.number == 0) {
    again_.arm(nodes_.now() + UNBLOCK_AGAIN);
  }
}

}  // namespace tidemark::redis
