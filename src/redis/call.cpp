#include "redis/call.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "redis/backoff.hpp"
#include "redis/slots.hpp"

namespace tidemark::redis {
namespace {

// Redirections that are followed at once; past it, the nodes disagree and need a moment.
constexpr int REDIRECTIONS_AT_ONCE = 5;

// What an error of the server asks for. None of those but `answer` was executed.
enum class Course { answer, moved, ask, pause, look_again };

Course course_of(std::string_view code) {
  if (code == "MOVED") return Course::moved;
  if (code == "ASK") return Course::ask;
  if (code == "TRYAGAIN" || code == "LOADING" || code == "BUSY") return Course::pause;
  if (code == "READONLY" || code == "MASTERDOWN" || code == "CLUSTERDOWN") return Course::look_again;
  return Course::answer;
}

}  // namespace

Call::Call(Nodes& nodes, Topology& topology, Command command, std::optional<Command> follower)
    : nodes_{nodes},
      topology_{topology},
      command_{std::move(command)},
      follower_{std::move(follower)},
      limit_{nodes.now() + nodes.options().request_timeout} {}

Call::Call(Nodes& nodes, Topology& topology, Command command, Endpoint master)
    : Call{nodes, topology, std::move(command)} {
  master_ = std::move(master);
}

void Call::send() {
  Connection* connection = this->connection();
  if (connection == nullptr) return;
  const Instant deadline = std::min(limit_, this_fiber::deadline());
  if (std::exchange(asked_, std::nullopt)) connection->send(Command{"ASKING"}, deadline, [](const Outcome&) {});
  exchange_.send(*connection, command_, deadline, nodes_.counters());
  if (follower_) follower_exchange_.send(*connection, *follower_, deadline, nodes_.counters());
  connection_id_ = connection->id();
  problem_ = connection->is_ready() ? std::nullopt : nodes_.at(sent_to_).failure();
  next_at_ = Instant{};
}

Connection* Call::connection() {
  if (nodes_.is_closed()) return nullptr;
  const Endpoint* endpoint = asked_ ? &*asked_ : master_ ? &*master_ : topology_.route(command_.key());
  if (endpoint == nullptr) {
    problem_ = topology_.why_unknown(command_.key());
    is_hopeless_ = has_waited_ && is_hopeless(*problem_);
    next_at_ = Instant::max();
    topology_.look_again();
    return nullptr;
  }
  Node& node = nodes_.at(*endpoint);
  sent_to_ = *endpoint;
  Connection* connection = node.connection();
  if (connection != nullptr) return connection;
  asked_.reset();
  problem_ = node.failure();
  is_hopeless_ = problem_ && is_hopeless(*problem_);
  next_at_ = node.retry_at();
  return nullptr;
}

Reply Call::finish() {
  if (!exchange_.sent()) send();  // while others were finished, much may have changed
  for (;;) {
    if (exchange_.sent()) {
      Outcome outcome = exchange_.wait();
      if (!outcome.failure && !outcome.value.is_error()) return answer(std::move(outcome));
      if (is_final(outcome)) return outcome.failure ? no_answer(std::move(outcome)) : answer(std::move(outcome));
      follower_exchange_.abandon();
    }
    if (!wait_for_next()) return give_up();
    send();
  }
}

Reply Call::finish_follower() {
  if (follower_exchange_.sent()) {
    Outcome outcome = follower_exchange_.wait();
    return outcome.failure ? no_answer(std::move(outcome)) : answer(std::move(outcome));
  }
  Reply reply;
  reply.failure = fail(ErrorCode::unavailable, "not sent, because the request before it has no answer",
                       std::string{follower_ ? follower_->name() : ""});
  return reply;
}

bool Call::is_final(const Outcome& outcome) {
  may_have_run_ |= outcome.may_have_run;
  return outcome.failure ? is_final_failure(outcome) : is_final_error(outcome.value);
}

bool Call::is_final_failure(const Outcome& outcome) {
  if (outcome.failure->code == ErrorCode::timeout) {
    topology_.look_again(&sent_to_);
    this_fiber::check();  // its own deadline may have been what passed
  }
  if (outcome.failure->code != ErrorCode::unavailable) return true;
  problem_ = *outcome.failure;
  error_ = {};
  if (outcome.may_have_run && !command_.is_repeatable()) return true;
  next_at_ = nodes_.is_closed() ? nodes_.now() : nodes_.at(sent_to_).retry_at();
  return false;
}

bool Call::is_final_error(const resp::Value& error) {
  switch (course_of(error.error_code())) {
    case Course::answer: return true;
    case Course::moved: return !redirect(error, false);
    case Course::ask: return !redirect(error, true);
    case Course::look_again: topology_.look_again(&sent_to_); [[fallthrough]];
    case Course::pause: pause(error); return false;
  }
  return true;
}

// False when the answer is to be taken as it is: the node belongs to a cluster, but the URL did not say so.
bool Call::redirect(const resp::Value& error, bool is_ask) {
  if (nodes_.options().topology != Options::Topology::cluster || master_) return false;
  auto redirection = read_redirection(error.text, sent_to_);
  if (!redirection) return false;
  nodes_.counters().redirections.add();
  if (is_ask) {
    asked_ = std::move(redirection->to);
  } else {
    topology_.moved(redirection->slot, redirection->to);
  }
  if (++redirections_ > REDIRECTIONS_AT_ONCE) pause(error);
  return true;
}

void Call::pause(const resp::Value& error) {
  error_ = error;
  Backoff backoff{nodes_.options().retry_first, nodes_.options().retry_at_most, nodes_.random(), pauses_++};
  next_at_ = nodes_.now() + backoff.next();
}

bool Call::wait_for_next() {
  if (nodes_.is_closed() || is_hopeless_) return false;
  if (nodes_.now() < next_at_) {
    static_cast<void>(nodes_.changed().wait_until(std::min(next_at_, limit_)));
    has_waited_ = true;
  }
  return !nodes_.is_closed() && nodes_.now() < limit_;
}

Reply Call::answer(Outcome outcome) {
  nodes_.counters().answers.add();
  if (outcome.value.is_error()) nodes_.counters().errors.add();
  Reply reply;
  reply.value = std::move(outcome.value);
  reply.connection = connection_id_;
  return reply;
}

Reply Call::no_answer(Outcome outcome) {
  Reply reply;
  reply.may_have_run = may_have_run_ || outcome.may_have_run;
  reply.failure = std::move(outcome.failure);
  if (reply.failure->code == ErrorCode::timeout) {
    nodes_.counters().timeouts.add();
    // It was waiting for a connection all the time: why that was not to be had says more.
    if (!outcome.may_have_run && problem_) reply.failure = problem_;
  }
  if (reply.may_have_run) reply.failure->message += "; the server may have executed the request";
  reply.connection = connection_id_;
  return reply;
}

Reply Call::give_up() {
  Outcome outcome;
  if (nodes_.is_closed()) {
    outcome.failure = fail(ErrorCode::unavailable, "the client was closed", std::string{command_.name()});
  } else if (error_.is_error()) {
    outcome.failure = fail(ErrorCode::unavailable, "it kept answering " + error_.text, sent_to_.text());
  } else {
    outcome.failure = problem_.value_or(fail(ErrorCode::unavailable, "no connection in time", sent_to_.text()));
  }
  Reply reply = no_answer(std::move(outcome));
  reply.value = std::move(error_);
  return reply;
}

}  // namespace tidemark::redis
