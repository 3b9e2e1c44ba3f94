#include "tidemark/admin_client.hpp"

#include <boost/describe.hpp>
#include <optional>

#include "json/json.hpp"

namespace tidemark::cli {
namespace {

struct Problem {
  std::optional<std::string> title, detail, code;
};
BOOST_DESCRIBE_STRUCT(Problem, (), (title, detail, code))

ErrorCode code_of(int status, std::string_view code) {
  if (code == to_string(ErrorCode::corrupt)) return ErrorCode::corrupt;
  switch (status) {
    case 401: return ErrorCode::unauthorized;
    case 403: return ErrorCode::forbidden;
    case 404: return ErrorCode::not_found;
    case 409: return ErrorCode::in_use;
    case 429:
    case 503:
    case 504: return ErrorCode::unavailable;
    case 507: return ErrorCode::disk_full;
    default: return status < 500 ? ErrorCode::invalid : ErrorCode::io;
  }
}

}  // namespace

std::string encoded(std::string_view text) {
  constexpr std::string_view PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view DIGITS = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (PLAIN.find(c) != PLAIN.npos)
      out += c;
    else
      out.append({'%', DIGITS[byte >> 4], DIGITS[byte & 15]});
  }
  return out;
}

std::string query_of(const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::string query;
  for (const auto& [name, value] : parameters)
    if (!value.empty()) query.append(query.empty() ? "?" : "&").append(name).append("=").append(encoded(value));
  return query;
}

Failure problem_of(int status, std::string_view body, const std::string& about) {
  const auto problem = json::from_json<Problem>(body);
  if (status == 401)
    return fail(ErrorCode::unauthorized,
                "wants the admin token: --token-file FILE, or TIDEMARK_ADMIN_TOKEN in the environment", about);
  if (!problem || !problem->detail) {
    if (status == 404)
      return fail(ErrorCode::not_found,
                  "has no admin API: is it a process of Tidemark? One that listens on other addresses than 127.0.0.1 "
                  "has it only with an --admin-token",
                  about);
    return fail(code_of(status, ""), "answered " + std::to_string(status), about);
  }
  return fail(code_of(status, problem->code.value_or("")), *problem->detail, about);
}

}  // namespace tidemark::cli
