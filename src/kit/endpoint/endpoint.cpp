#include "kit/endpoint/endpoint.hpp"

#include "base/random.hpp"
#include "base/ulid.hpp"
#include "fiber/fiber.hpp"
#include "http/conditional.hpp"
#include "http/header_values.hpp"
#include "http/problem.hpp"
#include "json/json.hpp"
#include "json/writer.hpp"
#include "kit/run/effects.hpp"

namespace tidemark {
namespace detail {

void Answer::document(const TypeInfo& type, const void* document, const std::string* document_id) {
  json::write(response.body, document, type).or_raise();
  response.content_type = "application/json";
  if (!document_id) return;
  id = *document_id;
  etag = state_.known_etag(type, *document_id);
}

void Answer::begin_page() {
  response.body = R"({"items":[)";
  response.content_type = "application/json";
}

void Answer::item(const TypeInfo& type, const void* item) {
  if (!std::exchange(first_item_, false)) response.body += ',';
  json::write(response.body, item, type).or_raise();
}

void Answer::end_page(const std::optional<std::string>& next) {
  response.body += R"(],"next":)";
  response.body += next ? json::quote(*next) : "null";
  response.body += '}';
}

void Answer::not_found() { throw NotFound{"there is nothing at " + request_.path}; }

void Answer::read_body(const TypeInfo& type, void* body) const {
  const auto content_type = request_.header("Content-Type").value_or("application/json");
  if (!http::is_json(content_type))
    throw UnsupportedMediaType{"Content-Type: expected application/json, got \"" + std::string{content_type} + "\""};
  const auto coding = request_.header("Content-Encoding").value_or("identity");
  if (!http::equals_ignoring_case(coding, "identity"))
    throw UnsupportedMediaType{"Content-Encoding: a body must come as it is, got \"" + std::string{coding} + "\""};
  json::read(request_.body, body, type, {.reject_unknown = true}).or_raise();
}

}  // namespace detail

namespace kit {
namespace {

// A request that is overtaken so often gives up and says so; each time at least one other request has got through.
constexpr int CONFLICTS_MAX = 1000;

bool is_safe(Method method) { return method == Method::get || method == Method::head; }

// The caller's trace, or a new one.
telemetry::TraceContext trace_of(const Request& request, const telemetry::Sampler& sampler) {
  const auto traceparent = request.header("traceparent");
  const auto context = traceparent ? telemetry::TraceContext::parse(*traceparent) : std::nullopt;
  return context ? *context : new_trace(sampler);
}

RunOutcome outcome_of(int status) {
  if (status >= 500) return RunOutcome::failed;
  return status >= 400 ? RunOutcome::rejected : RunOutcome::ok;
}

std::string text_of(const std::exception_ptr& thrown) {
  if (!thrown) return {};
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception of an unknown type";
  }
}

std::string first_parameter(const std::string& path) {
  const auto open = path.find('{');
  if (open == path.npos) return {};
  return path.substr(open + 1, path.find('}', open) - open - 1);
}

}  // namespace

Endpoint::Endpoint(Runtime& runtime, IdempotencyGate& gate, const detail::ServiceSpec& service,
                   const detail::EndpointSpec& spec)
    : runtime_{runtime},
      gate_{gate},
      spec_{spec},
      location_{service, spec},
      route_{std::string{to_string(spec.method)} + " " + spec.path},
      key_{spec.key.empty() ? first_parameter(spec.path) : spec.key},
      key_in_path_{spec.path.find("{" + key_ + "}") != std::string::npos},
      commit_seconds_{runtime.metrics.histogram(
          "tidemark_commit_seconds", "From a request's commit to its being as durable as the store makes it.",
          {{"service", runtime.service}})} {}

Response Endpoint::operator()(Request& request) const {
  RunWatch watch{runtime_, trace_of(request, runtime_.sampler)};
  const TraceScope logged_as{watch.trace()};
  Response response;
  std::exception_ptr thrown;
  try {
    response = answer_in_time(request, watch);
  } catch (const fiber::Cancelled&) {
    throw;
  } catch (...) {
    thrown = std::current_exception();
    response = http::problem_of(thrown, watch.trace().trace);
  }
  tell(watch, request, response, thrown);
  return response;
}

void Endpoint::tell(RunWatch& watch, const Request& request, const Response& response,
                    const std::exception_ptr& thrown) const {
  watch.end(outcome_of(response.status), text_of(thrown), [&](RunRecord& record) {
    record.kind = RunKind::request;
    record.name = route_;
    record.path = request.path;
    record.status = response.status;
    if (key_in_path_) record.key = request.path_parameter(key_);
  });
}

Response Endpoint::answer_in_time(const Request& request, RunWatch& watch) const {
  try {
    const fiber::DeadlineScope deadline{runtime_.clock.instant() + spec_.deadline};
    return answer(request, watch);
  } catch (const fiber::DeadlineExceeded&) {
    throw TimedOut{"the request took longer than the " + std::to_string(spec_.deadline.count()) +
                   " ms that it may; whether it took effect is not known"};
  }
}

std::optional<std::string> Endpoint::key_of(const Request& request) const {
  if (key_.empty()) return std::nullopt;
  if (key_in_path_) return request.path_parameter(key_);
  auto value = request.query(key_);
  if (!value || value->empty()) throw Invalid{key_ + ": is missing among the query parameters"};
  return value;
}

Reach Endpoint::reach_of(const Request& request, const std::optional<IdempotentRequest>& idempotent) const {
  const auto partitions = runtime_.partitions;
  const auto key = key_of(request);
  if (partitions == 1) return {};
  if (key) return {.partitions = partitions, .partition = model::partition_of(*key, partitions)};
  if (is_safe(spec_.method)) return {.partitions = partitions, .partition = std::nullopt};
  const auto chosen = idempotent ? model::partition_of(idempotent->name, partitions)
                                 : static_cast<std::uint16_t>(thread_random().below(partitions));
  return {.partitions = partitions, .partition = chosen, .by_chance = true};
}

Response Endpoint::answer(const Request& request, RunWatch& watch) const {
  const auto idempotent = idempotent_request(request, runtime_.service + " " + route_);
  const auto reach = reach_of(request, idempotent);
  if (!idempotent) return run(request, std::nullopt, reach, watch);
  const auto turn = gate_.enter(idempotent->name);
  if (auto answer = stored(*idempotent, reach)) return std::move(*answer);
  try {
    return run(request, idempotent, reach, watch);
  } catch (const AlreadyExists&) {
    // Another process answered the same key between our look and our commit; anything else is the function's own error.
    if (auto answer = stored(*idempotent, reach)) return std::move(*answer);
    throw;
  }
}

std::optional<Response> Endpoint::stored(const IdempotentRequest& request, const Reach& reach) const {
  const model::Partition partition{runtime_.service, *reach.partition};
  auto found = runtime_.store.find_key(partition, request.name).or_raise();
  runtime_.store.wait_durable(found.seen).or_raise();
  if (!found.value) return std::nullopt;
  return replay(request, *found.value).or_raise();
}

Response Endpoint::run(const Request& request, const std::optional<IdempotentRequest>& idempotent, const Reach& reach,
                       RunWatch& watch) const {
  const auto began = runtime_.clock.now();
  const Cause cause{.service = runtime_.service,
                    .scope = route_,
                    .reach = reach,
                    .id = idempotent ? idempotent->name : make_ulid(began, thread_random()),
                    .time = began,
                    .trace = watch.trace()};
  for (int conflicts = 0; conflicts < CONFLICTS_MAX; ++conflicts) {
    if (auto response = run_once(request, idempotent, cause, began, conflicts == 0, watch)) return std::move(*response);
    if (auto* record = watch.wanted()) ++record->conflicts;
    this_fiber::yield();
  }
  throw Conflict{"others keep changing what this request reads; try again"};
}

// None when somebody else has changed what it had read.
std::optional<Response> Endpoint::run_once(const Request& request, const std::optional<IdempotentRequest>& idempotent,
                                           const Cause& cause, TimePoint began, bool first, RunWatch& watch) const {
  detail::TransactionState state{runtime_.store, runtime_.catalog, cause, began, runtime_.nonce};
  if (first) state.trust_new_ids();
  if (auto* record = watch.wanted()) state.note_in(*record);
  try {
    Transaction tx{state};
    detail::Answer answer{state, request};
    spec_.erased.run(tx, request, answer);
    watch.returned();
    this_fiber::check();
    if (auto* record = watch.wanted(); record && answer.id) record->key = *answer.id;
    Response response = finish(answer, request);
    std::vector<model::KeyChange> keys;
    if (idempotent) keys.push_back(stored_answer(*idempotent, response, began));
    const bool sets_timers = state.publishes_timers();
    const auto commit_began = std::chrono::steady_clock::now();
    auto committed = state.commit(std::nullopt, std::move(keys), true);
    if (!committed && committed.error().code == ErrorCode::conflict) return std::nullopt;
    // What it was refused for may be newer than all that it has read.
    if (!committed) runtime_.store.wait_durable(runtime_.store.seen()).or_raise();
    const Lsn lsn = std::move(committed).or_raise();
    if (sets_timers) runtime_.timer_set();
    runtime_.store.wait_durable(lsn).or_raise();
    if (!is_safe(spec_.method))
      commit_seconds_.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - commit_began).count());
    call_effects(state.take_effects(), route_);
    return response;
  } catch (const fiber::Cancelled&) {
    throw;
  } catch (...) {
    // A refusal says something about what it read, so it waits for that, too.
    runtime_.store.wait_durable(state.seen()).or_raise();
    throw;
  }
}

Response Endpoint::finish(detail::Answer& answer, const Request& request) const {
  Response response = std::move(answer.response);
  const bool authors_own =
      !spec_.erased.result && (response.status != 200 || !response.content_type.empty() || response.events);
  if (!authors_own) {
    response.status = spec_.status                   ? spec_.status
                      : !spec_.erased.result         ? 204
                      : spec_.method == Method::post ? 201
                                                     : 200;
  }
  if (response.status == 201 && answer.id && location_.known())
    response.headers.push_back({"Location", location_.of(request, *answer.id)});
  if (!answer.etag) return response;
  if (is_safe(request.method)) return http::conditional(std::move(response), request, *answer.etag);
  response.headers.push_back({"ETag", *answer.etag});
  return response;
}

}  // namespace kit
}  // namespace tidemark
