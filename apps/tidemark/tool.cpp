#include "tidemark/tool.hpp"

#include <cstdio>
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
    std::cerr << "tidemark: " << failure.text() << "\n";
  }
  return exit_of(failure.code);
}

void Tool::say(const std::string& line) const {
  if (!json_) std::cout << line << "\n";
}

void Tool::give(json::Writer&& value) const { give(std::move(value).text()); }

void Tool::give(const std::string& json) const { std::cout << json << std::endl; }

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
