// EventStream: topics as server-sent events, for browsers and whoever else speaks HTTP.
//
// Each event goes out with its topic's name, its JSON, and as its id the position in all the topics, so that a client
// that comes back with Last-Event-ID goes on where it was.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "kit/run/runtime.hpp"
#include "kit/service/spec.hpp"
#include "tidemark/http.hpp"

namespace tidemark::kit {

// "orders=17-0,stock=16-3" and back. Topics that the text does not name stay as they are; `malformed` for other text.
std::string position_text(std::span<const store::Position> positions);
Result<void> apply_position(std::string_view text, std::span<store::Position> positions);

class EventStream {
 public:
  EventStream(Runtime& runtime, const detail::EventsSpec& spec) : runtime_{runtime}, spec_{spec} {}

  // On the request's fiber. Without Last-Event-ID the stream begins with what is published from now on.
  Response operator()(Request& request) const;

 private:
  std::vector<store::Position> start(const Request& request) const;
  void send(EventWriter& out, std::vector<store::Position>& positions) const;

  Runtime& runtime_;
  const detail::EventsSpec& spec_;
};

}  // namespace tidemark::kit
