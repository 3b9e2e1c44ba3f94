// The admin API of a running process, over HTTP.
#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <optional>

#include "tidemark/admin_client.hpp"

namespace tidemark::cli {
namespace {

struct Address {
  std::string host, port;
};

std::optional<Address> address_of(std::string_view url) {
  constexpr std::string_view SCHEME = "http://";
  if (!url.starts_with(SCHEME)) return std::nullopt;
  url.remove_prefix(SCHEME.size());
  if (url.ends_with('/')) url.remove_suffix(1);
  const auto colon = url.rfind(':');
  if (url.empty() || url.find('/') != url.npos || colon == 0) return std::nullopt;
  if (colon == url.npos) return Address{std::string{url}, "80"};
  const auto port = url.substr(colon + 1);
  if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != port.npos) return std::nullopt;
  return Address{std::string{url.substr(0, colon)}, std::string{port}};
}

class Connection {
 public:
  // Each wait for the other side takes at most so many seconds; 0: for ever.
  Connection(const Address& address, int silence_s_max) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const bool is_v6 = address.host.starts_with('[') && address.host.ends_with(']');
    const auto host = is_v6 ? address.host.substr(1, address.host.size() - 2) : address.host;
    if (::getaddrinfo(host.c_str(), address.port.c_str(), &hints, &found) != 0) return;
    for (const auto* at = found; at != nullptr && socket_ < 0; at = at->ai_next) {
      socket_ = ::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
      wait_at_most(silence_s_max);
      if (socket_ < 0 || ::connect(socket_, at->ai_addr, at->ai_addrlen) == 0) continue;
      ::close(socket_);
      socket_ = -1;
    }
    ::freeaddrinfo(found);
  }
  ~Connection() {
    if (socket_ >= 0) ::close(socket_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool is_connected() const { return socket_ >= 0; }
  bool has_timed_out() const { return has_timed_out_; }
  void wait_at_most(int seconds) {
    const timeval wait{.tv_sec = seconds, .tv_usec = 0};
    for (const int side : {SO_RCVTIMEO, SO_SNDTIMEO}) ::setsockopt(socket_, SOL_SOCKET, side, &wait, sizeof wait);
  }
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = repeated([&] { return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL); });
      if (sent <= 0) return note_failure();
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  // A line without its end; none when the connection has ended.
  std::optional<std::string> line() {
    auto end = received_.find('\n');
    for (; end == received_.npos; end = received_.find('\n'))
      if (!receive()) return std::nullopt;
    auto line = received_.substr(0, end);
    received_.erase(0, end + 1);
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }
  std::optional<std::string> bytes(std::size_t count) {
    while (received_.size() < count)
      if (!receive()) return std::nullopt;
    auto bytes = received_.substr(0, count);
    received_.erase(0, count);
    return bytes;
  }

 private:
  bool receive() {
    char buffer[16 * 1024];
    const auto got = repeated([&] { return ::recv(socket_, buffer, sizeof buffer, 0); });
    if (got < 0) return note_failure();
    received_.append(buffer, static_cast<std::size_t>(got));
    return got > 0;
  }
  // While signals interrupt it.
  template <class Call>
  static ssize_t repeated(const Call& call) {
    for (;;)
      if (const ssize_t count = call(); count >= 0 || errno != EINTR) return count;
  }
  bool note_failure() {
    has_timed_out_ = errno == EAGAIN || errno == EWOULDBLOCK;
    return false;
  }

  int socket_ = -1;
  bool has_timed_out_ = false;
  std::string received_;
};

struct Head {
  int status = 0;
  bool is_chunked = false;
  std::size_t length = 0;
};

std::size_t number_of(std::string_view text, int base) {
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number, base);
  return number;
}

std::optional<Head> read_head(Connection& connection) {
  const auto first = connection.line();
  if (!first || !first->starts_with("HTTP/1.1 ")) return std::nullopt;
  Head head{.status = static_cast<int>(number_of(std::string_view{*first}.substr(9, 3), 10))};
  for (auto line = connection.line(); line; line = connection.line()) {
    if (line->empty()) return head;
    for (char& c : *line) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (line->starts_with("content-length: ")) head.length = number_of(std::string_view{*line}.substr(16), 10);
    if (line->starts_with("transfer-encoding: chunked")) head.is_chunked = true;
  }
  return std::nullopt;
}

// The next piece of a chunked body: empty at its end, none when the connection broke.
std::optional<std::string> read_chunk(Connection& connection) {
  const auto size = connection.line();
  if (!size) return std::nullopt;
  auto chunk = connection.bytes(number_of(*size, 16));
  if (!chunk || !connection.line()) return std::nullopt;
  return chunk;
}

std::optional<std::string> read_body(Connection& connection, const Head& head) {
  if (!head.is_chunked) return connection.bytes(head.length);
  std::string body;
  for (auto chunk = read_chunk(connection); chunk; chunk = read_chunk(connection)) {
    if (chunk->empty()) return body;
    body += *chunk;
  }
  return std::nullopt;
}

// Puts server-sent events together from the lines of a stream.
class EventLines {
 public:
  explicit EventLines(const std::function<bool(const StreamEvent&)>& take) : take_{take} {}

  // False when no more are wanted.
  bool add(std::string_view bytes) {
    pending_ += bytes;
    for (auto end = pending_.find('\n'); end != pending_.npos; end = pending_.find('\n')) {
      const bool goes_on = add_line(std::string_view{pending_}.substr(0, end));
      pending_.erase(0, end + 1);
      if (!goes_on) return false;
    }
    return true;
  }

 private:
  bool add_line(std::string_view line) {
    if (line.empty()) {
      const bool goes_on = event_.data.empty() || take_(event_);
      event_ = {};
      return goes_on;
    }
    const auto value = [&](std::string_view name) -> std::optional<std::string_view> {
      if (!line.starts_with(name)) return std::nullopt;
      return line.substr(name.size());
    };
    if (const auto name = value("event: ")) event_.name = *name;
    if (const auto id = value("id: ")) event_.id = *id;
    if (const auto data = value("data: ")) event_.data.append(event_.data.empty() ? "" : "\n").append(*data);
    return true;
  }

  const std::function<bool(const StreamEvent&)>& take_;
  std::string pending_;
  StreamEvent event_;
};

class HttpAdmin final : public AdminClient {
 public:
  HttpAdmin(std::string url, Address address, std::string token)
      : url_{std::move(url)}, address_{std::move(address)}, token_{std::move(token)} {}

  Result<std::string> ask(const Question& question) override {
    Connection connection{address_, question.silence_s_max};
    const auto head = send(connection, question);
    if (!head) return head.error();
    auto body = read_body(connection, *head);
    if (!body) return broken(connection);
    if (head->status < 200 || head->status > 299) return problem_of(head->status, *body, url_);
    return std::move(*body);
  }

  Result<void> follow(const Question& question, const std::function<bool(const StreamEvent&)>& take) override {
    Connection connection{address_, question.silence_s_max};
    const auto head = send(connection, question);
    if (!head) return head.error();
    connection.wait_at_most(0);
    if (head->status < 200 || head->status > 299)
      return problem_of(head->status, read_body(connection, *head).value_or(""), url_);
    EventLines lines{take};
    while (true) {
      const auto piece = head->is_chunked ? read_chunk(connection) : connection.bytes(1);
      if (!piece) return broken(connection);
      if (piece->empty() || !lines.add(*piece)) return {};
    }
  }

  bool is_running() const override { return true; }

 private:
  Failure broken(const Connection& connection) const {
    if (connection.has_timed_out())
      return fail(ErrorCode::timeout, "the process says nothing: it hangs, or is stopped", url_);
    return fail(ErrorCode::unavailable, "the connection ended before the answer was complete", url_);
  }

  Result<Head> send(Connection& connection, const Question& question) {
    if (!connection.is_connected())
      return fail(ErrorCode::unavailable,
                  "nobody answers there; is the process running? --url names it, by any of its services", url_);
    std::string request = question.method + " " + question.path + " HTTP/1.1\r\nHost: " + address_.host + ":" +
                          address_.port + "\r\nConnection: close\r\n";
    if (!token_.empty()) request += "Authorization: Bearer " + token_ + "\r\n";
    if (!question.last_event_id.empty()) request += "Last-Event-ID: " + question.last_event_id + "\r\n";
    if (question.method != "GET")
      request += "Content-Type: application/json\r\nContent-Length: " + std::to_string(question.body.size()) + "\r\n";
    const auto head = connection.send(request + "\r\n" + question.body) ? read_head(connection) : std::nullopt;
    if (!head) return broken(connection);
    return *head;
  }

  std::string url_;
  Address address_;
  std::string token_;
};

}  // namespace

Result<std::unique_ptr<AdminClient>> ask_process(const std::string& url, std::string token) {
  auto address = address_of(url);
  if (!address) return fail(ErrorCode::invalid, "expected the address of a service: http://127.0.0.1:3000", url);
  return std::unique_ptr<AdminClient>{std::make_unique<HttpAdmin>(url, std::move(*address), std::move(token))};
}

}  // namespace tidemark::cli
