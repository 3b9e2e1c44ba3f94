// RequestParser: bytes → one request after another, by Beast's parser, with the rules that it leaves to us: limits, one
// Host, no transfer coding but chunked, a target that is a path.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "http/session_limits.hpp"
#include "tidemark/http.hpp"

namespace tidemark::http {

// What a client is told when its request can't be read on.
struct Refusal {
  int status = 400;
  std::string detail;
};

struct ParsedRequest {
  Request request;
  bool keep_alive = true;
  bool is_http_1_0 = false;
};

class RequestParser {
 public:
  enum class State { idle, header, body, complete, refused };

  explicit RequestParser(const SessionLimits& limits);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Reads on; returns how many of the bytes it has consumed, the others must come again, with more behind them. Stops
  // behind a request: state() is then complete, and take() has it. The result does not depend on how the bytes are
  // split.
  std::size_t feed(std::string_view bytes);

  State state() const noexcept;
  // Whether the client sent "Expect: 100-continue" and is waiting with its body.
  bool wants_continue() const noexcept;
  // How much of the present request's body has come.
  std::size_t body_bytes() const noexcept;

  // The complete request; the next one begins.
  ParsedRequest take();
  // Why state() is refused; for good.
  const Refusal& refusal() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::http
