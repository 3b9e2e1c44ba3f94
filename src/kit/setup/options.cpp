#include "kit/setup/options.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "kit/setup/open_store.hpp"
#include "telemetry/otlp/collector.hpp"

namespace tidemark::kit {
namespace {

Result<std::uint64_t> number(const std::string& text, std::uint64_t low, std::uint64_t high) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < low || value > high)
    return fail(ErrorCode::invalid, "expected a number from " + std::to_string(low) + " to " + std::to_string(high) +
                                        ", got \"" + text + "\"");
  return value;
}

template <class Target>
Option::Set set_number(Target target, std::uint64_t low, std::uint64_t high) {
  return [=](Settings& settings, const std::string& text) -> Result<void> {
    auto value = number(text, low, high);
    if (!value) return value.error();
    target(settings, *value);
    return {};
  };
}

Option::Set set_text(std::string Settings::*member) {
  return [member](Settings& settings, const std::string& text) -> Result<void> {
    if (text.empty()) return fail(ErrorCode::invalid, "must not be empty");
    settings.*member = text;
    return {};
  };
}

Option::Set set_choice(std::string Settings::*member, std::vector<std::string> choices) {
  return [member, choices = std::move(choices)](Settings& settings, const std::string& text) -> Result<void> {
    if (std::ranges::find(choices, text) == choices.end()) {
      std::string list;
      for (const auto& choice : choices) list += (list.empty() ? "" : ", ") + choice;
      return fail(ErrorCode::invalid, "expected one of " + list + ", got \"" + text + "\"");
    }
    settings.*member = text;
    return {};
  };
}

Result<void> set_store(Settings& settings, const std::string& url) {
  TIDEMARK_TRY(check_store_url(url));
  settings.store = url;
  return {};
}

Result<void> set_bind(Settings& settings, const std::string& address) {
  in6_addr parsed{};  // large enough for both kinds
  if (::inet_pton(AF_INET, address.c_str(), &parsed) != 1 && ::inet_pton(AF_INET6, address.c_str(), &parsed) != 1)
    return fail(ErrorCode::invalid, "expected an IP address to listen on, as 127.0.0.1 or ::, got \"" + address + "\"");
  settings.bind = address;
  return {};
}

// What goes into a header is printable and has no blanks.
Result<void> set_token(Settings& settings, const std::string& text) {
  const bool is_token = !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
  if (!is_token)
    return fail(ErrorCode::invalid,
                "must be a token of printable characters without blanks, such as what 'openssl rand "
                "-hex 32' prints");
  settings.admin_token = text;
  return {};
}

Result<void> set_token_from(Settings& settings, const std::string& path) {
  std::ifstream file{path};
  std::string token;
  if (std::error_code error; std::filesystem::is_directory(path, error) || !std::getline(file, token))
    return fail(ErrorCode::invalid, "can't read a token from the first line of '" + path + "'");
  if (token.ends_with('\r')) token.pop_back();
  return set_token(settings, token);
}

Result<void> set_origins(Settings& settings, const std::string& text) {
  settings.cors_origins.clear();
  for (std::size_t at = 0; at <= text.size();) {
    const auto comma = std::min(text.find(',', at), text.size());
    auto origin = text.substr(at, comma - at);
    if (!origin.empty()) settings.cors_origins.push_back(std::move(origin));
    at = comma + 1;
  }
  return {};
}

Result<void> set_otlp_endpoint(Settings& settings, const std::string& text) {
  TIDEMARK_TRY(otlp::Collector::parse(text));
  settings.otlp_endpoint = text;
  return {};
}

Result<void> set_trace_sample(Settings& settings, const std::string& text) {
  double ratio = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ratio);
  if (error != std::errc{} || end != text.data() + text.size() || !(ratio >= 0 && ratio <= 1))
    return fail(ErrorCode::invalid, "expected a number from 0 to 1, as in 0.05, got \"" + text + "\"");
  settings.trace_sample = ratio;
  return {};
}

}  // namespace

std::string Option::variable() const {
  std::string variable = "TIDEMARK_" + name;
  for (auto& c : variable) c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return variable;
}

std::vector<Option> options_for(const Program& program) {
  std::vector<Option> options{
      {"store", "URL",
       "where topics and documents live: embedded:<directory>[?durability=always|interval=<ms>|never], or a Redis or "
       "Valkey: redis://…, rediss://… (TLS), redis+sentinel://host,host/master, redis+cluster://host,host",
       Settings{}.store, set_store},
      {"backups", "DIR", "the folder for backups of an embedded store", "<its directory>.backups",
       set_text(&Settings::backups)},
      {"bind", "ADDRESS", "the IP address to listen on; 0.0.0.0 for all, if you mean it", Settings{}.bind, set_bind}};
  for (const auto& port : program.ports)
    options.push_back({program.ports.size() == 1 ? "port" : port.service + "-port", "PORT",
                       "the port of " + port.service + "; 0 for any free one", std::to_string(port.standard),
                       set_number(
                           [service = port.service](Settings& settings, std::uint64_t value) {
                             settings.ports[service] = static_cast<std::uint16_t>(value);
                           },
                           0, 65'535)});
  options.push_back(
      {"partitions", "N",
       "how many parts each service is divided into, for good and alike in all its processes; they share the parts",
       std::to_string(Settings{}.partitions),
       set_number([](Settings& settings, std::uint64_t n) { settings.partitions = static_cast<std::uint16_t>(n); }, 1,
                  1024)});
  options.push_back(
      {"threads", "N", "I/O threads; 0 for one per core", std::to_string(Settings{}.threads),
       set_number([](Settings& settings, std::uint64_t n) { settings.threads = static_cast<std::uint32_t>(n); }, 0,
                  256)});
  options.push_back({"log-level", "LEVEL", "the least that is logged: trace, debug, info, warn, error or off",
                     Settings{}.log_level,
                     set_choice(&Settings::log_level, {"trace", "debug", "info", "warn", "error", "off"})});
  options.push_back({"log-format", "FORMAT", "text for people, json for machines", Settings{}.log_format,
                     set_choice(&Settings::log_format, {"text", "json"})});
  options.push_back(
      {"drain-seconds", "SECONDS", "how long a stop waits for what runs", "10",
       set_number([](Settings& settings, std::uint64_t s) { settings.drain = std::chrono::seconds{s}; }, 0, 3600)});
  options.push_back(
      {"body-bytes", "BYTES", "the largest request body", std::to_string(Settings{}.body_bytes_max),
       set_number([](Settings& settings, std::uint64_t n) { settings.body_bytes_max = n; }, 1, 1u << 30)});
  options.push_back(
      {"recorder-bytes", "BYTES",
       "memory for the last runs, which the console's journeys are told from; 0 to remember none",
       std::to_string(Settings{}.recorder_bytes),
       set_number([](Settings& settings, std::uint64_t n) { settings.recorder_bytes = n; }, 0, 1u << 30)});
  options.push_back({"otlp-endpoint", "URL",
                     "an OpenTelemetry collector that traces are exported to, by OTLP over HTTP: http://host:4318", "",
                     set_otlp_endpoint});
  options.push_back({"trace-sample", "RATIO",
                     "the part of new traces that is exported, from 0 to 1; a caller's own choice goes first", "0.01",
                     set_trace_sample});
  options.push_back({"admin-token-file", "FILE",
                     "a file whose first line is the token that the admin API and the console ask for; without a token "
                     "only this machine can use them, and only while --bind is a loopback address",
                     "", set_token_from});
  options.push_back({"admin-token", "TOKEN",
                     "the token itself; other users of the machine can see a flag: prefer the variable or "
                     "the file",
                     "", set_token});
  options.push_back(
      {"cors-origins", "ORIGINS", "other origins whose pages may call, comma-separated; * for all", "", set_origins});
  return options;
}

std::optional<std::string> closest_option(const std::string& name, const std::vector<Option>& options) {
  const auto distance = [&](const std::string& other) {
    std::vector<std::size_t> row(other.size() + 1);
    for (std::size_t j = 0; j <= other.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= name.size(); ++i) {
      std::size_t diagonal = row[0];
      row[0] = i;
      for (std::size_t j = 1; j <= other.size(); ++j) {
        const std::size_t replaced = diagonal + (name[i - 1] == other[j - 1] ? 0 : 1);
        diagonal = row[j];
        row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
      }
    }
    return row.back();
  };
  const Option* best = nullptr;
  for (const auto& option : options)
    if (!best || distance(option.name) < distance(best->name)) best = &option;
  if (!best || distance(best->name) > std::max<std::size_t>(2, best->name.size() / 3)) return std::nullopt;
  return best->name;
}

}  // namespace tidemark::kit
