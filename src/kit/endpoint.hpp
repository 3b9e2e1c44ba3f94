// Endpoint: runs an endpoint's function for a request, commits, and answers when that is durable.
#pragma once
#include "http/handler.hpp"
#include "kit/idempotency.hpp"
#include "kit/runtime.hpp"
#include "kit/spec.hpp"
#include "kit/transaction_state.hpp"

namespace tidemark::kit {

class Endpoint {
 public:
  Endpoint(Runtime& runtime, IdempotencyGate& gate, const detail::EndpointSpec& spec);

  // On the request's fiber. Throws what the function threw, once what that was based on is durable; http makes a
  // problem of it.
  Response operator()(Request& request) const;

 private:
  Reach reach_of(const Request& request, const std::optional<IdempotentRequest>& idempotent) const;
  std::optional<std::string> key_of(const Request& request) const;
  Response answer(const Request& request) const;
  Response run(const Request& request, const std::optional<IdempotentRequest>& idempotent, const Reach& reach) const;
  std::optional<Response> run_once(const Request& request, const std::optional<IdempotentRequest>& idempotent,
                                   const Cause& cause, TimePoint began, bool first) const;
  Response finish(detail::Answer& answer, const Request& request) const;
  std::optional<Response> stored(const IdempotentRequest& request, const Reach& reach) const;

  Runtime& runtime_;
  IdempotencyGate& gate_;
  const detail::EndpointSpec& spec_;
  std::string route_;  // "POST /orders"
  std::string key_;    // the parameter that says the partition, if there is one
  bool key_in_path_;
};

}  // namespace tidemark::kit
