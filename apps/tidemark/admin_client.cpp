#include "tidemark/admin_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <optional>

#include "json/json.hpp"

namespace tidemark::cli {
namespace {

struct Problem {
  std::optional<std::string> detail, code;
};
BOOST_DESCRIBE_STRUCT(Problem, (), (detail, code))

std::optional<std::uint16_t> port_of(std::string_view url) {
  for (const std::string_view host : {"http://127.0.0.1:", "http://localhost:"}) {
    if (!url.starts_with(host)) continue;
    url.remove_prefix(host.size());
    if (url.ends_with('/')) url.remove_suffix(1);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(url.data(), url.data() + url.size(), port);
    if (error == std::errc{} && end == url.data() + url.size() && port != 0) return port;
  }
  return std::nullopt;
}

class Connection {
 public:
  explicit Connection(std::uint16_t port) : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool connected() const { return connected_; }
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  std::string receive_all() {
    std::string answer;
    char buffer[16 * 1024];
    for (ssize_t got = 0; (got = ::recv(socket_, buffer, sizeof buffer, 0)) > 0;)
      answer.append(buffer, static_cast<std::size_t>(got));
    return answer;
  }

 private:
  int socket_;
  bool connected_ = false;
};

ErrorCode code_of(int status, std::string_view code) {
  if (code == to_string(ErrorCode::corrupt)) return ErrorCode::corrupt;
  switch (status) {
    case 403:
    case 404: return ErrorCode::not_found;
    case 409: return ErrorCode::in_use;
    case 429:
    case 503:
    case 504: return ErrorCode::unavailable;
    case 507: return ErrorCode::disk_full;
    default: return status < 500 ? ErrorCode::invalid : ErrorCode::io;
  }
}

Failure refusal(int status, std::string_view body, const std::string& url) {
  if (status == 404) {
    return fail(ErrorCode::not_found,
                "has no such endpoint: is it a service of Tidemark that listens on 127.0.0.1 only? Where it listens on "
                "other addresses, its operator's endpoints are off; stop it, and back up its directory with --data",
                url);
  }
  const auto problem = json::from_json<Problem>(body);
  const bool told = problem && problem->detail;
  return fail(code_of(status, problem && problem->code ? *problem->code : ""),
              told ? *problem->detail : "answered " + std::to_string(status), url);
}

}  // namespace

Result<std::string> post_to_process(const std::string& url, std::string_view path, std::string_view body) {
  const auto port = port_of(url);
  if (!port)
    return fail(ErrorCode::invalid, "expected http://127.0.0.1:<port>, the address of a service on this machine", url);
  Connection connection{*port};
  if (!connection.connected())
    return fail(ErrorCode::unavailable, "nobody answers there; is the process running?", url);
  std::string request =
      "POST " + std::string{path} + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(*port) +
      "\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\n\r\n";
  const std::string answer = connection.send(request.append(body)) ? connection.receive_all() : std::string{};
  const auto head_end = answer.find("\r\n\r\n");
  int status = 0;
  if (answer.starts_with("HTTP/1.1 ")) std::from_chars(answer.data() + 9, answer.data() + 12, status);
  if (status == 0 || head_end == answer.npos)
    return fail(ErrorCode::unavailable, "the connection ended before the answer was complete", url);
  auto content = answer.substr(head_end + 4);
  if (status < 200 || status > 299) return refusal(status, content, url);
  return content;
}

}  // namespace tidemark::cli
