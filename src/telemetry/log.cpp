#include "telemetry/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <mutex>

namespace tidemark::log {

namespace detail {
std::atomic<Level> threshold{Level::info};
}

namespace {

constexpr std::array<std::string_view, 6> LEVEL_NAMES{"trace", "debug", "info", "warn", "error", "off"};
constexpr const char* TEXT_PATTERN = "%Y-%m-%dT%H:%M:%S.%eZ %v";
constexpr const char* JSON_PATTERN = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})";

// Hands whole lines to standard error, or to whoever asked for them.
class LineSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  void redirect(std::function<void(std::string_view)> to) {
    const std::lock_guard lock{mutex_};
    to_ = std::move(to);
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    if (to_) {
      to_({line.data(), line.size()});
    } else {
      std::fwrite(line.data(), 1, line.size(), stderr);
    }
  }
  void flush_() override { std::fflush(stderr); }

  std::function<void(std::string_view)> to_;
};

struct Output {
  std::shared_ptr<LineSink> sink = std::make_shared<LineSink>();
  spdlog::logger logger{"tidemark", sink};
  std::atomic<Format> format{Format::text};
  std::atomic<TraceSource> trace_source{nullptr};

  Output() {
    logger.set_level(spdlog::level::trace);
    use(Format::text);
  }
  void use(Format wanted) {
    sink->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        wanted == Format::json ? JSON_PATTERN : TEXT_PATTERN, spdlog::pattern_time_type::utc));
    format = wanted;
  }
};

// Never destroyed: what is logged while the process ends must not meet a dead logger.
Output& output() {
  static auto& the_output = *new Output;
  return the_output;
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (byte < 0x20 || byte == 0x7f) {
          std::array<char, 8> escape{};
          std::snprintf(escape.data(), escape.size(), "\\u%04x", byte);
          out += escape.data();
        } else {
          out += c;
        }
    }
  }
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text);
  out += '"';
}

bool is_bare_word(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '=' || c == '\\' || c == 0x7f) return false;
  }
  return true;
}

template <class Number>
void append_number(std::string& out, Number number) {
  std::array<char, 32> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end);
}

void append_value(std::string& out, const Field& field, Format format) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    if (format == Format::text && is_bare_word(*text)) {
      out += *text;
    } else {
      append_quoted(out, *text);
    }
  } else if (const auto* flag = std::get_if<bool>(&field.value)) {
    out += *flag ? "true" : "false";
  } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    append_number(out, *number);
  } else if (const auto* natural = std::get_if<std::uint64_t>(&field.value)) {
    append_number(out, *natural);
  } else {
    const double real = std::get<double>(field.value);
    if (format == Format::json && !std::isfinite(real)) {
      out += "null";
    } else {
      append_number(out, real);
    }
  }
}

// What a line says: its own fields, and then the trace.
template <class Add>
void for_each_field(Fields fields, const telemetry::TraceContext* trace, const Add& add) {
  for (const Field& field : fields) add(field);
  if (!trace) return;
  add(Field{"trace_id", trace->trace.text()});
  if (trace->span) add(Field{"span_id", trace->span.text()});
}

std::string text_line(std::string_view level, std::string_view message, Fields fields,
                      const telemetry::TraceContext* trace) {
  std::string line{level};
  line += ' ';
  append_escaped(line, message);
  for_each_field(fields, trace, [&](const Field& field) {
    line += ' ';
    line += field.name;
    line += '=';
    append_value(line, field, Format::text);
  });
  return line;
}

std::string json_line(std::string_view level, std::string_view message, Fields fields,
                      const telemetry::TraceContext* trace) {
  std::string line = R"("level":")";
  line += level;
  line += R"(","message":)";
  append_quoted(line, message);
  for_each_field(fields, trace, [&](const Field& field) {
    line += ',';
    append_quoted(line, field.name);
    line += ':';
    append_value(line, field, Format::json);
  });
  return line;
}

}  // namespace

void set_level(Level level) { detail::threshold = level; }
void set_format(Format format) { output().use(format); }
void set_trace_source(TraceSource source) { output().trace_source = source; }
void set_sink(std::function<void(std::string_view)> sink) { output().sink->redirect(std::move(sink)); }

std::optional<Level> level_named(std::string_view name) {
  for (std::size_t i = 0; i < LEVEL_NAMES.size(); ++i) {
    if (LEVEL_NAMES[i] == name) return static_cast<Level>(i);
  }
  return std::nullopt;
}

std::optional<Format> format_named(std::string_view name) {
  if (name == "text") return Format::text;
  if (name == "json") return Format::json;
  return std::nullopt;
}

void detail::write(Level level, std::string_view message, Fields fields) {
  if (level == Level::off) return;
  Output& to = output();
  const std::string_view name = LEVEL_NAMES[static_cast<std::size_t>(level)];
  const TraceSource source = to.trace_source;
  const auto* trace = source ? source() : nullptr;
  const std::string line =
      to.format == Format::json ? json_line(name, message, fields, trace) : text_line(name, message, fields, trace);
  to.logger.log(spdlog::level::info, spdlog::string_view_t{line.data(), line.size()});
}

}  // namespace tidemark::log
