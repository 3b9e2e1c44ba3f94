// Span: a piece of work in a trace, as it is exported. Names and attributes follow OpenTelemetry's semantic
// conventions (opentelemetry.io/docs/specs/semconv).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "telemetry/trace_context.hpp"

namespace tidemark::telemetry {

struct Attribute {
  std::string_view name;  // a literal: it is not copied
  std::variant<std::string, std::int64_t> value;
};

struct Span {
  enum class Kind : std::uint8_t {
    internal = 1,
    server = 2,
    client = 3,
    producer = 4,
    consumer = 5
  };  // OTLP's numbers
  // Something that happened at one moment within the span.
  struct Event {
    Moment at{};
    std::string_view name;  // a literal
    std::vector<Attribute> attributes;
  };

  TraceContext context;  // its span is this one
  SpanId parent;         // zero: none
  Kind kind = Kind::internal;
  std::string service;
  std::string name;
  Moment start{}, end{};
  std::vector<Attribute> attributes;
  std::vector<Event> events;
  std::uint32_t events_dropped = 0;  // of which only the number is told
  bool failed = false;
  std::string error;  // of one that failed
};

}  // namespace tidemark::telemetry
