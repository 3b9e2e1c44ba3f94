#include "telemetry/otlp/collector.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <charconv>

#include "fiber/completion.hpp"

namespace tidemark::otlp {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Tcp = asio::ip::tcp;

constexpr std::string_view SCHEME = "http://";
constexpr std::string_view TRACES = "/v1/traces";
constexpr std::size_t ANSWER_BYTES_MAX = 64 * 1024;
constexpr std::uint64_t UNTIL_THE_END = UINT64_MAX;  // the length of a body that does not say it
constexpr std::uint64_t RETRY_MAX_S = 3600;

Failure wrong(std::string_view url, std::string message) {
  return fail(ErrorCode::invalid, std::move(message), "\"" + std::string{url} + "\"");
}

std::string lower(std::string_view text) {
  std::string lowered{text};
  for (char& c : lowered)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lowered;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The value of a header in a head whose lines end with CRLF.
std::optional<std::string_view> header(std::string_view head, std::string_view name) {
  for (auto at = head.find("\r\n"); at != head.npos; at = head.find("\r\n", at + 2)) {
    auto line = head.substr(at + 2);
    line = line.substr(0, line.find("\r\n"));
    const auto colon = line.find(':');
    if (colon == line.npos || lower(line.substr(0, colon)) != name) continue;
    auto value = line.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    while (value.ends_with(' ')) value.remove_suffix(1);
    return value;
  }
  return std::nullopt;
}

// The same as a number; `otherwise` where it is none.
std::uint64_t header_number(std::string_view head, std::string_view name, std::uint64_t otherwise) {
  const auto text = header(head, name);
  return text ? number(*text).value_or(otherwise) : otherwise;
}

// One request on its way. Callbacks keep it alive; nothing happens any more once it is closed.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(asio::io_context& io, const Collector& collector, std::string body)
      : collector_{collector}, resolver_{io}, socket_{io} {
    const bool is_v6 = collector.host.find(':') != collector.host.npos;
    request_ = "POST " + collector.path +
               " HTTP/1.1\r\nHost: " + (is_v6 ? "[" + collector.host + "]" : collector.host) + ":" +
               std::to_string(collector.port) +
               "\r\nContent-Type: application/json\r\nConnection: close\r\nUser-Agent: tidemark\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + std::move(body);
  }

  void start() {
    resolver_.async_resolve(collector_.host, std::to_string(collector_.port), asio::ip::resolver_base::numeric_service,
                            [self = shared_from_this()](const error_code& error, const auto& addresses) {
                              if (self->is_over(error, "the collector's name can't be looked up")) return;
                              self->connect(addresses);
                            });
  }
  bool wait_until(Instant deadline) const { return done_.wait_until(deadline); }
  Result<Answer> answer() const { return done_.wait(); }
  void close() {
    closed_ = true;
    resolver_.cancel();
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  void connect(const Tcp::resolver::results_type& addresses) {
    asio::async_connect(socket_, addresses, [self = shared_from_this()](const error_code& error, const auto&) {
      if (self->is_over(error, "can't connect to the collector")) return;
      self->send();
    });
  }
  void send() {
    asio::async_write(socket_, asio::buffer(request_),
                      [self = shared_from_this()](const error_code& error, std::size_t) {
                        if (self->is_over(error, "can't send to the collector")) return;
                        self->receive();
                      });
  }
  void receive() {
    socket_.async_read_some(asio::buffer(chunk_),
                            [self = shared_from_this()](const error_code& error, std::size_t got) {
                              const bool has_ended = error == asio::error::eof;
                              if (!has_ended && self->is_over(error, "no answer of the collector")) return;
                              self->received_.append(self->chunk_.data(), got);
                              self->look_at_answer(has_ended);
                            });
  }
  void look_at_answer(bool has_ended) {
    auto answer = read_answer(received_, has_ended || received_.size() > ANSWER_BYTES_MAX);
    if (!answer) return finish(answer.error());
    if (!*answer) return receive();
    finish(std::move(**answer));
  }
  bool is_over(const error_code& error, std::string_view what) {
    if (closed_) return true;
    if (!error) return false;
    finish(fail(ErrorCode::unavailable, std::string{what} + ": " + error.message(),
                collector_.host + ":" + std::to_string(collector_.port)));
    return true;
  }
  void finish(Result<Answer> answer) {
    if (std::exchange(closed_, true)) return;
    done_.set(std::move(answer));
    close();
  }

  const Collector collector_;
  Tcp::resolver resolver_;
  Tcp::socket socket_;
  std::string request_, received_;
  std::array<char, 4096> chunk_{};
  fiber::Completion<Result<Answer>> done_;
  bool closed_ = false;
};

}  // namespace

Result<Collector> Collector::parse(std::string_view url) {
  if (lower(url).starts_with("https://"))
    return wrong(url,
                 "traces are exported over http:// only; let a collector beside the process (an OpenTelemetry "
                 "Collector, say) carry them on over TLS");
  if (!url.starts_with(SCHEME)) return wrong(url, "expected http://host:port, as in http://127.0.0.1:4318");
  auto rest = url.substr(SCHEME.size());
  auto authority = rest.substr(0, rest.find('/'));
  auto path = rest.substr(authority.size());
  if (path.find_first_of("?# \r\n\t") != path.npos) return wrong(url, "its path may have neither a query nor spaces");
  if (authority.find('@') != authority.npos) return wrong(url, "it may name neither a user nor a password");
  Collector collector;
  const bool is_v6 = authority.starts_with('[');
  const auto end = is_v6 ? authority.find(']') : authority.find(':');
  if (is_v6 && end == authority.npos) return wrong(url, "the bracket of its IPv6 address is not closed");
  collector.host = is_v6 ? authority.substr(1, end - 1) : authority.substr(0, end);
  auto port = end == authority.npos ? std::string_view{} : authority.substr(end + (is_v6 ? 1 : 0));
  if (collector.host.empty() || collector.host.find_first_of(" \r\n\t") != collector.host.npos)
    return wrong(url, "it names no host; expected http://host:port");
  if (!port.empty()) {
    const auto value = port.starts_with(':') ? number(port.substr(1)) : std::nullopt;
    if (!value || *value == 0 || *value > 65'535) return wrong(url, "its port must be a number from 1 to 65535");
    collector.port = static_cast<std::uint16_t>(*value);
  }
  while (path.ends_with('/')) path.remove_suffix(1);
  collector.path = path;
  if (!path.ends_with(TRACES)) collector.path += TRACES;
  return collector;
}

Result<std::optional<Answer>> read_answer(std::string_view bytes, bool has_ended) {
  const auto head_end = bytes.find("\r\n\r\n");
  if (head_end == bytes.npos && !has_ended) return std::optional<Answer>{};
  // "HTTP/1.1 200": the status stands behind nine characters.
  const auto status = bytes.size() >= 12 && bytes.starts_with("HTTP/1.") ? number(bytes.substr(9, 3)) : std::nullopt;
  if (head_end == bytes.npos || !status)
    return fail(ErrorCode::malformed, "the collector's answer is no HTTP; is it the port for OTLP over HTTP (4318)?");
  const auto head = bytes.substr(0, head_end);
  const auto body = bytes.substr(head_end + 4);
  const auto length = header_number(head, "content-length", UNTIL_THE_END);
  if (!has_ended && body.size() < length) return std::optional<Answer>{};
  Answer answer;
  answer.status = static_cast<int>(*status);
  if (!header(head, "transfer-encoding")) answer.body = body.substr(0, length);
  const auto seconds = header_number(head, "retry-after", RETRY_MAX_S + 1);
  if (seconds <= RETRY_MAX_S) answer.retry_after = std::chrono::seconds{seconds};
  return std::optional{std::move(answer)};
}

Result<Answer> post(fiber::IoThread& thread, const Collector& collector, std::string body, Instant deadline) {
  const auto exchange = std::make_shared<Exchange>(thread.io(), collector, std::move(body));
  struct Closing {
    Exchange& exchange;
    ~Closing() { exchange.close(); }
  } closing{*exchange};
  exchange->start();
  if (!exchange->wait_until(deadline))
    return fail(ErrorCode::timeout, "no answer of the collector in time",
                collector.host + ":" + std::to_string(collector.port));
  return exchange->answer();
}

}  // namespace tidemark::otlp
