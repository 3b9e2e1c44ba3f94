// Endpoint: runs an endpoint's function for a request, commits, and answers when that is durable.
#pragma once
#include "http/handler.hpp"
#include "kit/run/idempotency.hpp"
#include "kit/run/run_watch.hpp"
#include "kit/run/runtime.hpp"
#include "kit/run/transaction_state.hpp"
#include "kit/service/location.hpp"
#include "kit/service/spec.hpp"

namespace tidemark::kit {

class Endpoint {
 public:
  // Throws Invalid for a spec whose location is none of the service's paths.
  Endpoint(Runtime& runtime, IdempotencyGate& gate, const detail::ServiceSpec& service,
           const detail::EndpointSpec& spec);

  // On the request's fiber. What the function threw becomes a problem with the id of the trace, once what it was based
  // on is durable; only fiber::Cancelled is let pass.
  Response operator()(Request& request) const;

 private:
  Reach reach_of(const Request& request, const std::optional<IdempotentRequest>& idempotent) const;
  std::optional<std::string> key_of(const Request& request) const;
  void tell(RunWatch& watch, const Request& request, const Response& response, const std::exception_ptr& thrown) const;
  Response answer_in_time(const Request& request, RunWatch& watch) const;
  Response answer(const Request& request, RunWatch& watch) const;
  Response run(const Request& request, const std::optional<IdempotentRequest>& idempotent, const Reach& reach,
               RunWatch& watch) const;
  std::optional<Response> run_once(const Request& request, const std::optional<IdempotentRequest>& idempotent,
                                   const Cause& cause, TimePoint began, bool first, RunWatch& watch) const;
  Response finish(detail::Answer& answer, const Request& request) const;
  std::optional<Response> stored(const IdempotentRequest& request, const Reach& reach) const;

  Runtime& runtime_;
  IdempotencyGate& gate_;
  const detail::EndpointSpec& spec_;
  DocumentLocation location_;
  std::string route_;  // "POST /orders"
  std::string key_;    // the parameter that says the partition, if there is one
  bool key_in_path_;
  telemetry::Histogram& commit_seconds_;
};

}  // namespace tidemark::kit
