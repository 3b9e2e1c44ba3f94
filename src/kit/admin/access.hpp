// Who may use the operator's endpoints (docs/admin-api.md, "Who may ask").
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "kit/setup/settings.hpp"
#include "tidemark/http.hpp"

namespace tidemark::kit {

class AdminAccess {
 public:
  explicit AdminAccess(const Settings& settings);

  // Whether anybody may: there is a token, or only this machine can ask.
  bool is_possible() const { return loopback_ || !token_.empty(); }

  // Nothing for those who may. 404 where there is no admin API: on another address than loopback, without a token. 403
  // for a page of another site, and for a Host by which one could have come in, 401 for a missing or wrong token.
  std::optional<Response> refuse(const Request& request) const;

 private:
  bool loopback_;
  std::string token_;
};

// Whether a Host header names a machine by its address, or is localhost. What comes under any other name may be sent by
// a page whose owner points that name to 127.0.0.1 (DNS rebinding).
bool is_address_or_localhost(std::string_view host);

// Whether only this machine can reach the address.
bool is_loopback(std::string_view address);

// Takes as long as `left` is, wherever the texts differ.
bool equal_in_constant_time(std::string_view left, std::string_view right);

}  // namespace tidemark::kit
