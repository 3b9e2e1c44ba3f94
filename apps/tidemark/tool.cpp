#include "tidemark/tool.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>

namespace tidemark::cli {
namespace {

Exit exit_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::corrupt: return DAMAGED;
    case ErrorCode::in_use:
    case ErrorCode::unavailable:
    case ErrorCode::timeout: return TRY_LATER;
    case ErrorCode::invalid:
    case ErrorCode::malformed:
    case ErrorCode::not_found:
    case ErrorCode::already_exists:
    case ErrorCode::unauthorized:
    case ErrorCode::forbidden: return USAGE;
    default: return REFUSED;
  }
}

}  // namespace

CLI::App& Tool::command(CLI::App& app, const std::string& name, const std::string& about, std::function<int()> run) {
  auto& command = *app.add_subcommand(name, about);
  command.add_flag("--json", json_, "print one JSON value, for programs");
  command.callback([this, run = std::move(run)] { chosen_ = run; });
  return command;
}

int Tool::failed(const Failure& failure) const {
  if (json_) {
    json::Writer out;
    out.begin_object().key("error").begin_object().member("code", to_string(failure.code));
    out.member("about", failure.about).member("message", failure.message).end_object().end_object();
    give(std::move(out));
  } else {
    std::cerr << "tidemark: " << harmless(failure.text()) << "\n";
  }
  return exit_of(failure.code);
}

void Tool::say(const std::string& line) const {
  if (!json_) std::cout << harmless(line) << "\n";
}

void Tool::say_state(const std::string& line, const std::string& state) const {
  if (json_) return;
  std::cout << (::isatty(STDOUT_FILENO) == 1 ? colored(harmless(line), state) : harmless(line)) << "\n";
}

void Tool::give(json::Writer&& value) const { give(std::move(value).text()); }

void Tool::give(const std::string& json) const { std::cout << json << std::endl; }

std::string harmless(const std::string& text) {
  const auto byte_at = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0xFF; };
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = byte_at(at);
    // U+0080 to U+009F: some terminals obey them as they do ESC and what follows it.
    const bool is_c1 = byte == 0xC2 && byte_at(at + 1) >= 0x80 && byte_at(at + 1) <= 0x9F;
    byte < 0x20 || byte == 0x7F || is_c1 ? out.append("·") : out.append(1, text[at]);
    if (is_c1) ++at;
  }
  return out;
}

std::string colored(const std::string& text, const std::string& state) {
  const char* forbidden = std::getenv("NO_COLOR");
  if (forbidden != nullptr && *forbidden != '\0') return text;
  if (state == "failing" || state == "error") return "\x1b[31m" + text + "\x1b[0m";
  return state == "waiting" || state == "paused" ? "\x1b[33m" + text + "\x1b[0m" : text;
}

std::string readable_bytes(std::uint64_t bytes) {
  constexpr const char* UNITS[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < std::size(UNITS); ++unit) value /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", value, UNITS[unit]);
  return text;
}

}  // namespace tidemark::cli
