// Idempotency-Key: a repeated request gets the first one's answer and does nothing (the IETF's draft "The
// Idempotency-Key HTTP Header Field"; DESIGN.md, "Hard cases, decided").
//
// The answer is stored under the key in the commit of the request's effects, so that both are there or neither is.
#pragma once
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "fiber/completion.hpp"
#include "model/commit.hpp"
#include "tidemark/http.hpp"

namespace tidemark::kit {

// What identifies a request with a key: its service, route and caller, and the key.
struct IdempotentRequest {
  std::string name;         // of the stored key
  std::string fingerprint;  // of method, target and body: the same key with another one is a mistake
};

// Empty when the request has no Idempotency-Key or its method is safe. Throws Malformed for a key that is empty or
// longer than 255 bytes.
std::optional<IdempotentRequest> idempotent_request(const Request& request, std::string_view route);

// The stored form of an answer, to be committed with the request's effects.
model::KeyChange stored_answer(const IdempotentRequest& request, const Response& response, TimePoint now);
// The answer from its stored form. `invalid` when it was given to a request with another body.
Result<Response> replay(const IdempotentRequest& request, const std::string& stored);

// Lets one request for each name run at a time in this process; others of the same name wait for it.
class IdempotencyGate {
 public:
  class Turn {
   public:
    Turn(IdempotencyGate& gate, std::string name) : gate_{&gate}, name_{std::move(name)} {}
    Turn(Turn&& other) noexcept : gate_{std::exchange(other.gate_, nullptr)}, name_{std::move(other.name_)} {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (gate_) gate_->leave(name_);
    }

   private:
    IdempotencyGate* gate_;
    std::string name_;
  };

  // Suspends the fiber until nobody else of that name runs.
  Turn enter(const std::string& name);

 private:
  using Waiters = std::vector<fiber::Completion<void>>;
  void leave(const std::string& name);

  std::mutex mutex_;
  std::unordered_map<std::string, Waiters> running_;
};

}  // namespace tidemark::kit
