#include "telemetry/trace_context.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "base/random.hpp"

namespace tidemark::telemetry {
namespace {

constexpr std::string_view DIGITS = "0123456789abcdef";

void write_hex(char* to, std::uint64_t value, int digits) {
  for (int i = digits - 1; i >= 0; --i, value >>= 4) to[i] = DIGITS[value & 0xf];
}

std::string hex(std::uint64_t value) {
  std::string text(16, '0');
  write_hex(text.data(), value, 16);
  return text;
}

// Of at most 16 digits; capital letters are not taken.
std::optional<std::uint64_t> read_hex(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9')
      value = value << 4 | static_cast<std::uint64_t>(c - '0');
    else if (c >= 'a' && c <= 'f')
      value = value << 4 | static_cast<std::uint64_t>(c - 'a' + 10);
    else
      return std::nullopt;
  }
  return value;
}

std::uint64_t random_but_zero() {
  for (;;)
    if (const auto bits = thread_random().next()) return bits;
}

}  // namespace

std::string SpanId::text() const { return hex(value); }
SpanId SpanId::random() { return {random_but_zero()}; }

std::string TraceId::text() const { return hex(high) + hex(low); }

std::optional<TraceId> TraceId::parse(std::string_view text) {
  if (text.size() != 32) return std::nullopt;
  const auto high = read_hex(text.substr(0, 16)), low = read_hex(text.substr(16));
  if (!high || !low || (*high == 0 && *low == 0)) return std::nullopt;
  return TraceId{*high, *low};
}

TraceId TraceId::random() { return {thread_random().next(), random_but_zero()}; }

TraceId TraceId::derived_from(std::string_view text) {
  return {hash64(text, 1), std::max<std::uint64_t>(hash64(text, 2), 1)};
}

std::optional<TraceContext> TraceContext::parse(std::string_view traceparent) {
  if (traceparent.size() < Traceparent::LENGTH) return std::nullopt;
  const auto version = read_hex(traceparent.substr(0, 2));
  if (!version || *version == 0xff) return std::nullopt;
  const auto rest = traceparent.substr(Traceparent::LENGTH);
  if (!rest.empty() && (*version == 0 || rest.front() != '-')) return std::nullopt;
  if (traceparent[2] != '-' || traceparent[35] != '-' || traceparent[52] != '-') return std::nullopt;
  const auto trace = TraceId::parse(traceparent.substr(3, 32));
  const auto span = read_hex(traceparent.substr(36, 16));
  const auto flags = read_hex(traceparent.substr(53, 2));
  if (!trace || !span || *span == 0 || !flags) return std::nullopt;
  return TraceContext{*trace, {*span}, (*flags & 1) != 0};
}

Traceparent::Traceparent(const TraceContext& context) {
  auto* at = text_.data();
  const auto dash = [&] { *at++ = '-'; };
  const auto digits = [&](std::uint64_t value, int count) {
    write_hex(at, value, count);
    at += count;
  };
  digits(0, 2);
  dash();
  digits(context.trace.high, 16);
  digits(context.trace.low, 16);
  dash();
  digits(context.span.value, 16);
  dash();
  digits(context.sampled ? 1 : 0, 2);
}

Sampler::Sampler(double ratio)
    : threshold_{static_cast<std::uint64_t>(std::clamp(ratio, 0.0, 1.0) *
                                            static_cast<double>(std::uint64_t{1} << (64 - SHIFT)))} {}

}  // namespace tidemark::telemetry
