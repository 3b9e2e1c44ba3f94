// TraceContext: which trace something belongs to, as W3C Trace Context has it (w3.org/TR/trace-context, level 1):
//
//   traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
//                │  │ trace id                       │ span id          └ flags; 01: sampled
//                └ version
//
// The trace is the whole story of an order, say; a span is one piece of work in it: a request, a run of a handler.
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidemark::telemetry {

// A span's 64 bits. Zero is no span.
struct SpanId {
  std::uint64_t value = 0;
  friend auto operator<=>(SpanId, SpanId) = default;

  explicit operator bool() const { return value != 0; }
  std::string text() const;  // 16 hexadecimal digits
  static SpanId random();
};

// A trace's 128 bits. All zero is no trace.
struct TraceId {
  std::uint64_t high = 0, low = 0;
  friend auto operator<=>(const TraceId&, const TraceId&) = default;

  explicit operator bool() const { return high != 0 || low != 0; }
  std::string text() const;  // 32 hexadecimal digits
  // Of 32 hexadecimal digits in lower case; nothing for other texts, and for all zeros.
  static std::optional<TraceId> parse(std::string_view text);
  static TraceId random();
  // The same id for the same text: for an event that came without a trace, so that all its runs share one.
  static TraceId derived_from(std::string_view text);
};

// A trace, and where in it: `span` is the span that this was received from or that it is handed on by.
struct TraceContext {
  TraceId trace;
  SpanId span;
  bool sampled = false;  // whoever records a part of the trace should record it
  friend bool operator==(const TraceContext&, const TraceContext&) = default;

  // Takes a later version, too, by what this one knows of it. Nothing for anything else that the recommendation calls
  // invalid: whoever gets that begins a trace of its own.
  static std::optional<TraceContext> parse(std::string_view traceparent);

  // A span of the same trace whose parent is this one's.
  TraceContext child() const { return {trace, SpanId::random(), sampled}; }
};

// A context as the text of a traceparent, without an allocation.
class Traceparent {
 public:
  static constexpr std::size_t LENGTH = 55;  // 2 + 32 + 16 + 2 digits and 3 dashes

  explicit Traceparent(const TraceContext& context);
  std::string_view view() const { return {text_.data(), text_.size()}; }

 private:
  std::array<char, LENGTH> text_;
};

// Decides for new traces whether they are sampled: the same for one trace in every process with the same ratio.
class Sampler {
 public:
  // From 0 (none) to 1 (all).
  explicit Sampler(double ratio = 0);
  bool samples(const TraceId& trace) const { return trace.low >> SHIFT < threshold_; }

 private:
  static constexpr int SHIFT = 8;  // 56 bits decide, as those of OpenTelemetry's consistent sampling
  std::uint64_t threshold_;
};

}  // namespace tidemark::telemetry
