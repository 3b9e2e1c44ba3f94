// The HTTP front without its sockets against any bytes of a client: session, parser, router, and what reads headers.
// However the bytes are split, the same requests come out of them; every request and every refusal has one answer,
// which a client can read; and nothing that a client says becomes a line of an answer's head.
//
// The first byte of an input says how the rest is split: 0 not at all, n into pieces of n bytes.
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.hpp"
#include "fuzz_target.hpp"
#include "http/compression.hpp"
#include "http/conditional.hpp"
#include "http/cors.hpp"
#include "http/problem.hpp"
#include "http/router.hpp"
#include "http/session_driver.hpp"

namespace tidemark::http {
namespace {

// Small, so that inputs of some hundred bytes reach them.
constexpr SessionLimits LIMITS{.target_bytes_max = 60,
                               .header_bytes_max = 300,
                               .header_count_max = 6,
                               .body_bytes_max = 80,
                               .pipelined_max = 4,
                               .running_max = 2,
                               .output_bytes_max = 4096};
constexpr std::string_view CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view ETAG = "\"1-a\"";

// Says back what it was told, in the head and in the body.
Response echo(Request& request) {
  std::string text = request.path_parameters.empty() ? request.path : request.path_parameters.front().second;
  text += request.query("q").value_or("");
  auto response = Response::text(text + request.body);
  response.with("Location", text);
  return conditional(std::move(response), request, ETAG);
}

Response change(Request& request) {
  request.require_match(ETAG);
  return echo(request);
}

const Router& router() {
  static const Router ROUTER = [] {
    Router made;
    made.get("/items/{id}", echo);
    made.put("/items/{id}", change);
    made.post("/items", echo);
    made.get("/items/{id}/parts/{part}", echo);
    return made;
  }();
  return ROUTER;
}

Response respond(Request& request) {
  static const CorsOptions CORS{.origins = {"http://own"}};
  Response response;
  try {
    if (auto preflight = answer_preflight(request, CORS)) return std::move(*preflight);
    response = router()(request);
  } catch (...) {
    response = problem_of(std::current_exception());
  }
  TIDEMARK_ASSERT(response.status < 500, "a client made an error of the server's out of ", described(request));
  allow_origin(response, request, CORS);
  compress(response, request, {.bytes_min = 8});
  return response;
}

struct Exchange {
  std::vector<std::string> requests;
  std::vector<bool> are_head;
  std::string written;
  int refused_with = 0;
  bool finished = false;
};

// Two requests may be under way; the later one is answered first.
void serve_backwards(Session& session, Exchange& exchange) {
  std::vector<Session::Incoming> running;
  do {
    running.clear();
    while (auto incoming = session.next(DATE)) running.push_back(std::move(*incoming));
    for (const auto& incoming : running) {
      exchange.requests.push_back(described(incoming.request));
      exchange.are_head.push_back(incoming.request.method == Method::head);
    }
    for (auto incoming = running.rbegin(); incoming != running.rend(); ++incoming)
      session.answer(incoming->ticket, respond(incoming->request), DATE);
    exchange.written += take_output(session);
  } while (!running.empty());
}

Exchange exchange_of(std::string_view bytes, std::size_t piece) {
  Session session{LIMITS};
  Exchange exchange;
  while (!bytes.empty() && session.wants_input()) {
    const auto part = bytes.substr(0, piece == 0 ? bytes.size() : piece);
    put(session, part);
    bytes.remove_prefix(part.size());
    serve_backwards(session, exchange);
  }
  session.received_end();
  serve_backwards(session, exchange);
  exchange.refused_with = session.refused_with();
  exchange.finished = session.finished();
  return exchange;
}

// Whether a client is invited to send its body depends on whether that is there already.
std::string without_invitations(std::string text) {
  for (auto at = text.find(CONTINUE); at != text.npos; at = text.find(CONTINUE, at)) text.erase(at, CONTINUE.size());
  return text;
}

std::string_view header_of(std::string_view head, std::string_view name) {
  const auto at = head.find("\r\n" + std::string{name} + ": ");
  if (at == head.npos) return {};
  const auto begin = at + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

// A head's lines are those that the front writes: a name of its own, a colon and a value without a line break.
void check_head(std::string_view head) {
  static constexpr std::array NAMES{"Date",         "Content-Type", "Content-Encoding", "Location",   "ETag",
                                    "Vary",         "Allow",        "Content-Length",   "Connection", "Retry-After",
                                    "Cache-Control"};
  auto at = head.find("\r\n");
  while (at < head.size()) {
    const auto line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    if (line.empty()) return;
    const auto name = line.substr(0, line.find(": "));
    TIDEMARK_ASSERT(name.starts_with("Access-Control-") || std::ranges::find(NAMES, name) != NAMES.end(),
                    "a line of the answer that nobody wrote: ", line);
    TIDEMARK_ASSERT(line.find_first_of(std::string_view{"\r\n\0", 3}) == line.npos, "a torn line: ", line);
    at += 2 + line.size();
  }
}

// Reads the answers as a client does, each for one request, and returns how many there are.
std::size_t count_answers(std::string_view rest, const std::vector<bool>& are_head) {
  std::size_t count = 0;
  for (; !rest.empty(); ++count) {
    TIDEMARK_ASSERT(rest.starts_with("HTTP/1.1 "), "no answer: ", rest);
    const auto end = rest.find("\r\n\r\n");
    TIDEMARK_ASSERT(end != rest.npos, "half an answer: ", rest);
    const auto head = rest.substr(0, end + 4);
    check_head(head);
    const auto length = header_of(head, "Content-Length");
    std::size_t size = 0;
    std::from_chars(length.data(), length.data() + length.size(), size);
    if (count < are_head.size() && are_head[count]) size = 0;
    rest.remove_prefix(head.size());
    TIDEMARK_ASSERT(size <= rest.size(), "a body that is shorter than it says");
    rest.remove_prefix(size);
  }
  return count;
}

void check(std::string_view bytes, std::size_t piece) {
  Exchange whole = exchange_of(bytes, 0);
  const Exchange split = exchange_of(bytes, piece);
  TIDEMARK_ASSERT(split.requests == whole.requests, "a split changes the requests");
  TIDEMARK_ASSERT(split.refused_with == whole.refused_with, "a split changes ", whole.refused_with, " to ",
                  split.refused_with);
  TIDEMARK_ASSERT(whole.refused_with < 500 || whole.refused_with == 501 || whole.refused_with == 505,
                  "a client made a ", whole.refused_with);
  whole.written = without_invitations(std::move(whole.written));
  TIDEMARK_ASSERT(without_invitations(split.written) == whole.written, "a split changes the answers");
  TIDEMARK_ASSERT(split.finished && whole.finished, "the client has ended, and the session has not");
  TIDEMARK_ASSERT(
      count_answers(whole.written, whole.are_head) == whole.requests.size() + (whole.refused_with != 0 ? 1u : 0u),
      "not one answer for each request");
}

}  // namespace
}  // namespace tidemark::http

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  tidemark::http::check({reinterpret_cast<const char*>(data) + 1, size - 1}, data[0]);
  return 0;
}
