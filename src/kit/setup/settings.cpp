#include "kit/setup/settings.hpp"

#include <toml++/toml.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>

#include "telemetry/log.hpp"
#include "telemetry/otlp/collector.hpp"

namespace tidemark::kit {
namespace {

// One setting: its name in every source, and how its text is taken.
struct Option {
  std::string name;  // "log-level": --log-level, TIDEMARK_LOG_LEVEL, log-level = "…"
  std::string value_name;
  std::string help;
  std::function<Result<void>(Settings&, const std::string&)> set;
};

std::string variable_of(const std::string& name) {
  std::string variable = "TIDEMARK_" + name;
  for (auto& c : variable) c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return variable;
}

Result<std::uint64_t> number(const std::string& text, std::uint64_t low, std::uint64_t high) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < low || value > high)
    return fail(ErrorCode::invalid, "expected a number from " + std::to_string(low) + " to " + std::to_string(high) +
                                        ", got \"" + text + "\"");
  return value;
}

template <class Target>
std::function<Result<void>(Settings&, const std::string&)> set_number(Target target, std::uint64_t low,
                                                                      std::uint64_t high) {
  return [=](Settings& settings, const std::string& text) -> Result<void> {
    auto value = number(text, low, high);
    if (!value) return value.error();
    target(settings, *value);
    return {};
  };
}

std::function<Result<void>(Settings&, const std::string&)> set_text(std::string Settings::*member) {
  return [member](Settings& settings, const std::string& text) -> Result<void> {
    if (text.empty()) return fail(ErrorCode::invalid, "must not be empty");
    settings.*member = text;
    return {};
  };
}

std::function<Result<void>(Settings&, const std::string&)> set_choice(std::string Settings::*member,
                                                                      std::vector<std::string> choices) {
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

std::vector<Option> options_for(const Program& program) {
  std::vector<Option> options{
      {"store", "URL",
       "where topics and documents live: embedded:<directory>[?durability=always|interval=<ms>|never], or a Redis or "
       "Valkey: redis://…, rediss://… (TLS), redis+sentinel://host,host/master, redis+cluster://host,host",
       set_text(&Settings::store)},
      {"backups", "DIR", "the folder for backups of an embedded store (<its directory>.backups)",
       set_text(&Settings::backups)},
      {"bind", "ADDRESS", "the IP address to listen on; 0.0.0.0 for all, if you mean it", set_text(&Settings::bind)}};
  for (const auto& port : program.ports)
    options.push_back({program.ports.size() == 1 ? "port" : port.service + "-port", "PORT",
                       "the port of " + port.service + "; 0 for any free one (" + std::to_string(port.standard) + ")",
                       set_number(
                           [service = port.service](Settings& settings, std::uint64_t value) {
                             settings.ports[service] = static_cast<std::uint16_t>(value);
                           },
                           0, 65'535)});
  options.push_back(
      {"partitions", "N",
       "how many parts each service is divided into, for good and alike in all its processes; they share the parts (1)",
       set_number([](Settings& settings, std::uint64_t n) { settings.partitions = static_cast<std::uint16_t>(n); }, 1,
                  1024)});
  options.push_back(
      {"threads", "N", "I/O threads; 0 for one per core",
       set_number([](Settings& settings, std::uint64_t n) { settings.threads = static_cast<std::uint32_t>(n); }, 0,
                  256)});
  options.push_back({"log-level", "LEVEL", "the least that is logged: trace, debug, info, warn, error or off",
                     set_choice(&Settings::log_level, {"trace", "debug", "info", "warn", "error", "off"})});
  options.push_back({"log-format", "FORMAT", "text for people, json for machines",
                     set_choice(&Settings::log_format, {"text", "json"})});
  options.push_back(
      {"drain-seconds", "SECONDS", "how long a stop waits for what runs (10)",
       set_number([](Settings& settings, std::uint64_t s) { settings.drain = std::chrono::seconds{s}; }, 0, 3600)});
  options.push_back(
      {"body-bytes", "BYTES", "the largest request body (1048576)",
       set_number([](Settings& settings, std::uint64_t n) { settings.body_bytes_max = n; }, 1, 1u << 30)});
  options.push_back(
      {"recorder-bytes", "BYTES",
       "memory for the last runs, which the console's journeys are told from; 0 to remember none (33554432)",
       set_number([](Settings& settings, std::uint64_t n) { settings.recorder_bytes = n; }, 0, 1u << 30)});
  options.push_back({"otlp-endpoint", "URL",
                     "an OpenTelemetry collector that traces are exported to, by OTLP over HTTP: http://host:4318",
                     set_otlp_endpoint});
  options.push_back({"trace-sample", "RATIO",
                     "the part of new traces that is exported, from 0 to 1; a caller's own choice goes first (0.01)",
                     set_trace_sample});
  options.push_back({"admin-token-file", "FILE",
                     "a file whose first line is the token that the admin API and the console ask for; without a token "
                     "only this machine can use them, and only while --bind is a loopback address",
                     set_token_from});
  options.push_back({"admin-token", "TOKEN",
                     "the token itself; other users of the machine can see a flag: prefer the variable or "
                     "the file",
                     set_token});
  options.push_back(
      {"cors-origins", "ORIGINS", "other origins whose pages may call, comma-separated; * for all", set_origins});
  return options;
}

// The known name that is closest, if it is close: edit distance of at most a third of its length.
std::optional<std::string> closest(const std::string& name, const std::vector<Option>& options) {
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

Failure at(const std::string& source, const Failure& failure) {
  return fail(failure.code, failure.message, source + (failure.about.empty() ? "" : ": " + failure.about));
}

std::string text_of_number(double number) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, number).ptr};
}

std::optional<std::string> text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* integer = node.as_integer()) return std::to_string(integer->get());
  if (const auto* real = node.as_floating_point()) return text_of_number(real->get());
  if (const auto* list = node.as_array()) {
    std::string joined;
    for (const auto& item : *list) {
      const auto* text = item.as_string();
      if (!text) return std::nullopt;
      joined += (joined.empty() ? "" : ",") + text->get();
    }
    return joined;
  }
  return std::nullopt;
}

Result<void> apply_file(const std::string& path, const std::vector<Option>& options, Settings& settings) {
  // A folder can be opened, and reads like an empty file.
  if (std::error_code error; std::filesystem::is_directory(path, error))
    return fail(ErrorCode::invalid, "is a folder; name a TOML file", path);
  toml::table table;
  try {
    table = toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    const auto line = error.source().begin.line;
    return fail(ErrorCode::invalid, std::string{error.description()}, path + (line ? ":" + std::to_string(line) : ""));
  }
  for (const auto& [key, node] : table) {
    const std::string name{key.str()};
    const std::string source = path + ":" + std::to_string(node.source().begin.line) + ": " + name;
    const auto option = std::ranges::find(options, name, &Option::name);
    if (option == options.end()) {
      const auto suggestion = closest(name, options);
      return fail(
          ErrorCode::invalid,
          suggestion ? "is no setting; did you mean '" + *suggestion + "'?" : "is no setting; --help lists them",
          source);
    }
    const auto text = text_of(node);
    if (!text) return fail(ErrorCode::invalid, "expected a text, a number or a list of texts", source);
    if (auto set = option->set(settings, *text); !set) return at(source, set.error());
  }
  return {};
}

std::string help_text(const Program& program, CLI::App& app) {
  return app.help() +
         "\nEach flag can also be an environment variable (--log-level: TIDEMARK_LOG_LEVEL) or a key of the "
         "configuration file\n(log-level = \"debug\"). Flags win over variables, variables over the file.\n"
         "Served beside the endpoints of " +
         program.name + ": /docs, /openapi.json, /metrics, /health/live, /health/ready.\n";
}

}  // namespace

Result<std::variant<Settings, PrintAndExit>> read_settings(const Program& program,
                                                           const std::vector<std::string>& arguments,
                                                           Environment environment) {
  const auto options = options_for(program);
  CLI::App app{program.about, program.name};
  app.set_help_flag("-h,--help", "print this");
  std::string config;
  bool version = false;
  app.add_option("--config", config, "a TOML file with settings")->type_name("FILE");
  app.add_flag("--version", version, "print the version");
  std::vector<std::optional<std::string>> given(options.size());
  for (std::size_t i = 0; i < options.size(); ++i)
    app.add_option("--" + options[i].name, given[i], options[i].help)->type_name(options[i].value_name);
  try {
    std::vector<std::string> reversed{arguments.rbegin(), arguments.rend()};  // CLI11 takes them from the back
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    return std::variant<Settings, PrintAndExit>{PrintAndExit{help_text(program, app)}};
  } catch (const CLI::ParseError& error) {
    return fail(ErrorCode::invalid, std::string{error.what()} + " (--help lists the flags)");
  }
  if (version) return std::variant<Settings, PrintAndExit>{PrintAndExit{program.name + " " TIDEMARK_VERSION "\n"}};

  Settings settings;
  for (const auto& port : program.ports) settings.ports[port.service] = port.standard;
  if (const char* file = environment("TIDEMARK_CONFIG"); config.empty() && file) config = file;
  if (!config.empty()) TIDEMARK_TRY(apply_file(config, options, settings));
  for (const auto& option : options) {
    const std::string variable = variable_of(option.name);
    const char* value = environment(variable.c_str());
    if (!value) continue;
    if (auto set = option.set(settings, value); !set) return at(variable, set.error());
  }
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (!given[i]) continue;
    if (auto set = options[i].set(settings, *given[i]); !set) return at("--" + options[i].name, set.error());
  }
  return std::variant<Settings, PrintAndExit>{std::move(settings)};
}

}  // namespace tidemark::kit
