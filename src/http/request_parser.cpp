#include "http/request_parser.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <limits>
#include <optional>

#include "base/assert.hpp"
#include "http/chunked_body.hpp"
#include "http/header_values.hpp"
#include "http/percent.hpp"
#include "json/utf8.hpp"

namespace tidemark::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;
using Text = beast::string_view;
using Verb = beast::http::verb;
using Field = beast::http::field;
using ParseError = beast::http::error;

std::string_view view(Text text) { return {text.data(), text.size()}; }

std::optional<Method> method_of(Verb verb) {
  switch (verb) {
    case Verb::get: return Method::get;
    case Verb::head: return Method::head;
    case Verb::post: return Method::post;
    case Verb::put: return Method::put;
    case Verb::patch: return Method::patch;
    case Verb::delete_: return Method::erase;
    case Verb::options: return Method::options;
    default: return std::nullopt;
  }
}

// The path and query of a request target; nothing for a target that is neither a path nor an http URL.
std::optional<std::string_view> origin_form(std::string_view target, Method method) {
  if (target.starts_with('/') || (target == "*" && method == Method::options)) return target;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equals_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    const auto slash = target.find_first_of("/?", scheme.size());
    if (slash == std::string_view::npos || target[slash] == '?') return "/";
    return target.substr(slash);
  }
  return std::nullopt;
}

Refusal target_too_long(const SessionLimits& limits) {
  return {414, "the request target is longer than the " + std::to_string(limits.target_bytes_max) +
                   " bytes that it may have"};
}

// Fills a request as Beast finds its parts.
class MessageParser final : public beast::http::basic_parser<true> {
 public:
  explicit MessageParser(const SessionLimits& limits) : limits_{limits} {
    header_limit(std::numeric_limits<std::uint32_t>::max());  // what gets here has been measured
    body_limit(limits.body_bytes_max);
    eager(false);  // so that the header's bytes can be told from the body's
  }

  ParsedRequest parsed;
  std::optional<Refusal> refusal;
  bool expects_continue = false;

 private:
  void refuse(int status, std::string detail, error_code& error) {
    refusal = Refusal{status, std::move(detail)};
    error = ParseError::bad_value;
  }

  void on_request_impl(Verb verb, Text name, Text target, int version, error_code& error) override {
    parsed.is_http_1_0 = version == 10;
    const auto method = method_of(verb);
    if (!method) return refuse(501, "the method " + std::string{view(name)} + " is not known here", error);
    if (target.size() > limits_.target_bytes_max) {
      refusal = target_too_long(limits_);
      error = ParseError::bad_value;
      return;
    }
    parsed.request.method = *method;
    const auto path_and_query = origin_form(view(target), *method);
    if (!path_and_query || path_and_query->find('#') != std::string_view::npos) {
      return refuse(400, "the request target must be a path that begins with a slash", error);
    }
    const auto [path, query] = split_at(*path_and_query, '?');
    parsed.request.raw_query = query;
    if (path.find('%') == std::string_view::npos) {
      parsed.request.path = path;
    } else {
      auto decoded = percent_decode(path);
      if (!decoded) return refuse(400, decoded.error().message, error);
      parsed.request.path = std::move(*decoded);
      parsed.request.raw_path = path;
    }
    if (!json::is_utf8(parsed.request.path)) return refuse(400, "the path is not UTF-8", error);
  }

  void on_field_impl(Field field, Text name, Text value, error_code& error) override {
    auto& headers = parsed.request.headers;
    if (headers.size() >= limits_.header_count_max) {
      return refuse(431, "more than the " + std::to_string(limits_.header_count_max) + " header fields that may be",
                    error);
    }
    if (headers.empty()) headers.reserve(8);
    headers.push_back({std::string{view(name)}, std::string{view(value)}});
    if (field == Field::host) {
      ++host_count_;
    } else if (field == Field::transfer_encoding) {
      if (parsed.is_http_1_0) return refuse(400, "HTTP/1.0 has no Transfer-Encoding", error);
      if (!equals_ignoring_case(view(value), "chunked")) {
        return refuse(501, "the only transfer coding known here is chunked", error);
      }
    } else if (field == Field::expect && !parsed.is_http_1_0) {
      if (!equals_ignoring_case(view(value), "100-continue")) return refuse(417, "Expect may be 100-continue", error);
      expects_continue = true;
    }
  }

  void on_header_impl(error_code& error) override {
    if (host_count_ > 1 || (host_count_ == 0 && !parsed.is_http_1_0)) {
      return refuse(400, "a request must have one Host header", error);
    }
    parsed.keep_alive = keep_alive();
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& size, error_code&) override {
    constexpr std::uint64_t TRUSTED_BYTES_MAX = 64 * 1024;  // memory is had for bytes that came, not for promises
    if (size) parsed.request.body.reserve(std::min(*size, TRUSTED_BYTES_MAX));
  }
  std::size_t on_body_impl(Text bytes, error_code&) override { return append(bytes); }
  // Chunks never come here: ChunkedBody takes them.
  void on_chunk_header_impl(std::uint64_t, Text, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text bytes, error_code&) override { return bytes.size(); }
  void on_finish_impl(error_code&) override {}
  void on_response_impl(int, Text, int, error_code&) override {}

  std::size_t append(Text bytes) {
    parsed.request.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }

  const SessionLimits& limits_;
  int host_count_ = 0;
};

Refusal body_too_long(const SessionLimits& limits) {
  return {413, "the body is longer than the " + std::to_string(limits.body_bytes_max) + " bytes that it may have"};
}

Refusal refusal_for(const error_code& error, std::string_view rest, const SessionLimits& limits) {
  if (error == ParseError::body_limit) return body_too_long(limits);
  if (error == ParseError::bad_version && rest.substr(0, rest.find('\r')).find(" HTTP/") != std::string_view::npos) {
    return {505, "this server speaks HTTP/1.1 and 1.0"};
  }
  return {400, "this is not HTTP/1.1: " + error.message()};
}

}  // namespace

class RequestParser::Impl {
 public:
  explicit Impl(const SessionLimits& limits) : limits_{limits} {}

  std::size_t feed(std::string_view bytes) {
    std::size_t consumed = 0;
    if (state_ == State::idle) {
      consumed = skip_empty_lines(bytes);
      if (const auto rest = bytes.substr(consumed); rest.empty() || rest == "\r") return consumed;
      begin();
    }
    if (state_ == State::header) consumed += feed_header(bytes.substr(consumed));
    while (state_ == State::body && consumed < bytes.size()) {
      const std::size_t step = feed_body(bytes.substr(consumed));
      consumed += step;
      if (step == 0) break;
    }
    return consumed;
  }

  State state() const noexcept { return state_; }
  const Refusal& refusal() const noexcept { return refusal_; }
  std::size_t body_bytes() const noexcept { return state_ == State::body ? parser_->parsed.request.body.size() : 0; }
  bool wants_continue() const noexcept {
    return state_ == State::body && parser_->expects_continue && !has_body_bytes_;
  }

  ParsedRequest take() {
    TIDEMARK_ASSERT(state_ == State::complete);
    state_ = State::idle;
    return std::move(parser_->parsed);
  }

 private:
  // A client may send a line break behind a body (RFC 9112, 2.2).
  static std::size_t skip_empty_lines(std::string_view bytes) {
    std::size_t skipped = 0;
    while (bytes.substr(skipped, 2) == "\r\n") skipped += 2;
    return skipped;
  }

  void begin() {
    state_ = State::header;
    scanned_ = 0;
    has_body_bytes_ = false;
  }

  // Beast gets the header in one piece: so it is parsed once, and what is wrong with it does not depend on the splits.
  std::size_t feed_header(std::string_view bytes) {
    const std::size_t size = find_header_end(bytes);
    if (size == 0) return 0;
    parser_.emplace(limits_);
    chunks_.reset();
    error_code error;
    const std::size_t consumed = parser_->put(boost::asio::const_buffer{bytes.data(), size}, error);
    if (error) {
      refuse_for(error, bytes);
    } else {
      TIDEMARK_ASSERT(consumed == size, "Beast took ", consumed, " bytes of a header of ", size);
      state_ = parser_->is_done() ? State::complete : State::body;
      if (parser_->chunked()) chunks_.emplace(limits_.body_bytes_max, limits_.header_bytes_max);
    }
    return consumed;
  }

  // The size of the header with its empty line; 0 while there is no end, and for a header that is refused.
  std::size_t find_header_end(std::string_view bytes) {
    constexpr std::size_t METHOD_AND_VERSION = 32;
    const std::size_t line_bytes_max =
        std::min(limits_.target_bytes_max + METHOD_AND_VERSION, limits_.header_bytes_max);
    for (;;) {
      const auto newline = bytes.find('\n', scanned_);
      const std::size_t reached = newline == std::string_view::npos ? bytes.size() : newline + 1;
      const bool is_in_first_line = scanned_ == 0;
      if (is_in_first_line && reached > line_bytes_max) return refuse(target_too_long(limits_));
      if (reached > limits_.header_bytes_max) {
        return refuse({431, "the header is longer than the " + std::to_string(limits_.header_bytes_max) +
                                " bytes that it may have"});
      }
      if (newline == std::string_view::npos) break;
      if (newline == 0 || bytes[newline - 1] != '\r') {
        return refuse({400, "this is not HTTP/1.1: a line ends with a bare line feed"});
      }
      scanned_ = reached;
      if (bytes.substr(0, reached).ends_with("\r\n\r\n")) return reached;
    }
    return 0;
  }

  std::size_t feed_body(std::string_view bytes) {
    has_body_bytes_ = true;
    if (chunks_) return feed_chunks(bytes);
    error_code error;
    const std::size_t consumed = parser_->put(boost::asio::const_buffer{bytes.data(), bytes.size()}, error);
    if (error && error != ParseError::need_more) {
      refuse_for(error, bytes);
    } else if (parser_->is_done()) {
      state_ = State::complete;
    }
    return consumed;
  }

  // Not by Beast: a last chunk that comes in pieces ends the process in its assertions.
  std::size_t feed_chunks(std::string_view bytes) {
    const std::size_t consumed = chunks_->feed(bytes, parser_->parsed.request.body);
    switch (chunks_->state()) {
      case ChunkedBody::State::reading: break;
      case ChunkedBody::State::complete: state_ = State::complete; break;
      case ChunkedBody::State::malformed:
        refuse({400, "this is not HTTP/1.1: a chunk of the body, or the trailer behind it, is wrong or too long"});
        break;
      case ChunkedBody::State::too_large: refuse(body_too_long(limits_)); break;
    }
    return consumed;
  }

  void refuse_for(const error_code& error, std::string_view rest) {
    refuse(parser_->refusal ? std::move(*parser_->refusal) : refusal_for(error, rest, limits_));
  }

  std::size_t refuse(Refusal refusal) {
    refusal_ = std::move(refusal);
    state_ = State::refused;
    return 0;
  }

  const SessionLimits limits_;
  State state_ = State::idle;
  std::optional<MessageParser> parser_;
  std::optional<ChunkedBody> chunks_;  // where the body comes in chunks
  std::size_t scanned_ = 0;            // of the header: whole lines
  bool has_body_bytes_ = false;
  Refusal refusal_;
};

RequestParser::RequestParser(const SessionLimits& limits) : impl_{std::make_unique<Impl>(limits)} {}
RequestParser::~RequestParser() = default;
std::size_t RequestParser::feed(std::string_view bytes) { return impl_->feed(bytes); }
RequestParser::State RequestParser::state() const noexcept { return impl_->state(); }
bool RequestParser::wants_continue() const noexcept { return impl_->wants_continue(); }
std::size_t RequestParser::body_bytes() const noexcept { return impl_->body_bytes(); }
ParsedRequest RequestParser::take() { return impl_->take(); }
const Refusal& RequestParser::refusal() const noexcept { return impl_->refusal(); }

}  // namespace tidemark::http
