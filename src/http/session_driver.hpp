// Drives a session without a socket: what it makes of some input, and all that it writes.
#pragma once
#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "http/session.hpp"

namespace tidemark::http {

inline constexpr std::string_view DATE = "Sun, 06 Nov 1994 08:49:37 GMT";

// What a session made of some input: the requests in a readable form, and all that it wrote.
struct Outcome {
  std::vector<std::string> requests;
  std::string written;
  bool finished = false;
  int refused_with = 0;
  bool operator==(const Outcome&) const = default;
};

inline void put(Session& session, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto room = session.prepare();
    const std::size_t count = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), count);
    session.received(count);
    bytes.remove_prefix(count);
  }
}

inline std::string take_output(Session& session) {
  std::string all;
  std::array<std::string_view, 4> pieces;
  while (session.has_output()) {
    const std::size_t count = session.gather(pieces);
    std::size_t size = 0;
    for (std::size_t i = 0; i < count; ++i) {
      all += pieces[i];
      size += pieces[i].size();
    }
    session.written(size);
  }
  return all;
}

inline std::string described(const Request& request) {
  std::string text{to_string(request.method)};
  text += ' ' + request.path + '?' + request.raw_query;
  for (const auto& header : request.headers) text += '|' + header.name + '=' + header.value;
  return text + '|' + request.body;
}

// Answers each request at once with its path as the body.
inline void serve(Session& session, Outcome& outcome) {
  while (auto incoming = session.next(DATE)) {
    outcome.requests.push_back(described(incoming->request));
    session.answer(incoming->ticket, Response::text(incoming->request.path), DATE);
  }
  outcome.written += take_output(session);
}

inline Outcome run(const std::vector<std::string_view>& parts, const SessionLimits& limits = {}) {
  Session session{limits};
  Outcome outcome;
  for (const auto part : parts) {
    if (!session.wants_input()) break;
    put(session, part);
    serve(session, outcome);
  }
  outcome.finished = session.finished();
  outcome.refused_with = session.refused_with();
  return outcome;
}

inline std::string answer_with(std::string_view path, std::string_view more = "") {
  return "HTTP/1.1 200 OK\r\nDate: " + std::string{DATE} +
         "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " + std::to_string(path.size()) + "\r\n" +
         std::string{more} + "\r\n" + std::string{path};
}

}  // namespace tidemark::http
