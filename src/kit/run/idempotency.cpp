#include "kit/run/idempotency.hpp"

#include <array>

#include "base/hash.hpp"
#include "json/json.hpp"
#include "tidemark/described.hpp"

namespace tidemark::kit {
namespace {

constexpr std::size_t KEY_BYTES_MAX = 255;
constexpr Duration KEPT = std::chrono::hours{24};
constexpr std::array REPLAYED_HEADERS{std::string_view{"ETag"}, std::string_view{"Location"}};

struct StoredHeader {
  std::string name, value;
};
BOOST_DESCRIBE_STRUCT(StoredHeader, (), (name, value))

struct StoredAnswer {
  std::string fingerprint;
  int status = 0;
  std::string content_type;
  std::vector<StoredHeader> headers;
  std::string body;
};
BOOST_DESCRIBE_STRUCT(StoredAnswer, (), (fingerprint, status, content_type, headers, body))

// 128 bits, so that two requests of one caller do not meet by chance.
std::string digest(std::string_view text) {
  std::string out;
  for (const std::uint64_t seed : {1ull, 2ull}) {
    char buffer[17];
    std::snprintf(buffer, sizeof buffer, "%016llx", static_cast<unsigned long long>(hash64(text, seed)));
    out += buffer;
  }
  return out;
}

}  // namespace

std::optional<IdempotentRequest> idempotent_request(const Request& request, std::string_view route) {
  if (request.method == Method::get || request.method == Method::head || request.method == Method::options)
    return std::nullopt;
  const auto key = request.header("Idempotency-Key");
  if (!key) return std::nullopt;
  if (key->empty() || key->size() > KEY_BYTES_MAX)
    throw Malformed{"Idempotency-Key: must have 1 to 255 characters, a UUID for example"};
  const std::string caller{request.header("Authorization").value_or("")};
  std::string target{to_string(request.method)};
  target.append(" ").append(request.path).append("?").append(request.raw_query);
  return IdempotentRequest{
      .name = "idempotency/" + digest(std::string{route} + '\n' + caller + '\n' + std::string{*key}),
      .fingerprint = digest(target + '\n' + request.body)};
}

model::KeyChange stored_answer(const IdempotentRequest& request, const Response& response, TimePoint now) {
  StoredAnswer stored{.fingerprint = request.fingerprint,
                      .status = response.status,
                      .content_type = response.content_type,
                      .body = response.body};
  for (const auto& header : response.headers)
    for (const auto name : REPLAYED_HEADERS)
      if (header.name == name) stored.headers.push_back({header.name, header.value});
  return {.key = request.name, .value = to_json(stored), .expires = now + KEPT, .must_be_absent = true};
}

Result<Response> replay(const IdempotentRequest& request, const std::string& stored) {
  auto answer = json::from_json<StoredAnswer>(stored);
  if (!answer) return answer.error();
  if (answer->fingerprint != request.fingerprint)
    return fail(ErrorCode::invalid, "was used for another request before; take a new one for each request",
                "Idempotency-Key");
  Response response;
  response.status = answer->status;
  response.content_type = std::move(answer->content_type);
  response.body = std::move(answer->body);
  for (auto& header : answer->headers) response.headers.push_back({std::move(header.name), std::move(header.value)});
  response.headers.push_back({"Idempotent-Replayed", "true"});
  return response;
}

IdempotencyGate::Turn IdempotencyGate::enter(const std::string& name) {
  for (;;) {
    const fiber::Completion<void> turn;
    {
      const std::scoped_lock lock{mutex_};
      const auto [at, is_free] = running_.try_emplace(name);
      if (is_free) return Turn{*this, name};
      at->second.push_back(turn);
    }
    turn.wait();
  }
}

void IdempotencyGate::leave(const std::string& name) {
  Waiters waiters;
  {
    const std::scoped_lock lock{mutex_};
    const auto at = running_.find(name);
    waiters = std::move(at->second);
    running_.erase(at);
  }
  for (const auto& waiter : waiters) waiter.set();
}

}  // namespace tidemark::kit
