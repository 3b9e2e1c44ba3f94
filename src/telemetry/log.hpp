// Structured logs on standard error: a message that never varies, and what varies as named values.
//
//   log::info("listening", {{"service", name}, {"port", 8000}});
//
//   text  2026-01-31T12:00:00.000Z info listening service=inventory port=8000
//   json  {"time":"2026-01-31T12:00:00.000Z","level":"info","message":"listening","service":"inventory","port":8000}
//
// A line is written whole. Any thread may log and set up; below the level a call costs one relaxed load, the making
// of its arguments aside.
#pragma once
#include <atomic>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "telemetry/trace_context.hpp"

namespace tidemark::log {

enum class Level : std::uint8_t { trace, debug, info, warn, error, off };
enum class Format : std::uint8_t { text, json };

// A named value; both are views that live while the call does.
struct Field {
  Field(std::string_view field_name, std::string_view text) : name{field_name}, value{text} {}
  Field(std::string_view field_name, const char* text) : name{field_name}, value{std::string_view{text}} {}
  Field(std::string_view field_name, const std::string& text) : name{field_name}, value{std::string_view{text}} {}
  Field(std::string_view field_name, std::same_as<bool> auto flag) : name{field_name}, value{flag} {}
  Field(std::string_view field_name, double number) : name{field_name}, value{number} {}
  template <std::integral I>
  requires(!std::same_as<I, bool>) Field(std::string_view field_name, I number) : name{field_name} {
    if constexpr (std::signed_integral<I>) {
      value = static_cast<std::int64_t>(number);
    } else {
      value = static_cast<std::uint64_t>(number);
    }
  }

  std::string_view name;
  std::variant<std::string_view, bool, std::int64_t, std::uint64_t, double> value;
};

using Fields = std::initializer_list<Field>;

// From here on: lines of this level and above (the default is info), in this format (the default is text).
void set_level(Level level);
void set_format(Format format);

// "trace", "debug", "info", "warn", "error", "off"; nothing for other names.
std::optional<Level> level_named(std::string_view name);
// "text", "json"; nothing for other names.
std::optional<Format> format_named(std::string_view name);

// Sends the lines, each with its newline, to `sink` instead of standard error; an empty one restores that. The sink is
// called by one thread at a time and must not log.
void set_sink(std::function<void(std::string_view line)> sink);

// Asked, for each line that is written, which trace the calling code works for; null says none. A line of a trace has
// `trace_id` and `span_id` behind its own fields. The source must neither log nor throw; a null one is none.
using TraceSource = const telemetry::TraceContext* (*)();
void set_trace_source(TraceSource source);

namespace detail {
extern std::atomic<Level> threshold;
void write(Level level, std::string_view message, Fields fields);
}  // namespace detail

inline bool enabled(Level level) noexcept { return level >= detail::threshold.load(std::memory_order_relaxed); }

inline void write(Level level, std::string_view message, Fields fields = {}) {
  if (enabled(level)) detail::write(level, message, fields);
}

inline void trace(std::string_view message, Fields fields = {}) { write(Level::trace, message, fields); }
inline void debug(std::string_view message, Fields fields = {}) { write(Level::debug, message, fields); }
inline void info(std::string_view message, Fields fields = {}) { write(Level::info, message, fields); }
inline void warn(std::string_view message, Fields fields = {}) { write(Level::warn, message, fields); }
inline void error(std::string_view message, Fields fields = {}) { write(Level::error, message, fields); }

}  // namespace tidemark::log
