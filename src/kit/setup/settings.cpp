#include "kit/setup/settings.hpp"

#include <toml++/toml.h>
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <optional>

#include "kit/setup/options.hpp"

namespace tidemark::kit {
namespace {

constexpr std::string_view VARIABLE_PREFIX = "TIDEMARK_";
constexpr std::string_view CONFIG_VARIABLE = "TIDEMARK_CONFIG";

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
      const auto meant = closest_option(name, options);
      return fail(ErrorCode::invalid,
                  meant ? "is no setting; did you mean '" + *meant + "'?" : "is no setting; --help lists them", source);
    }
    const auto text = text_of(node);
    if (!text) return fail(ErrorCode::invalid, "takes a text, a number or a list of texts; --help says which", source);
    if (auto set = option->set(settings, *text); !set) return at(source, set.error());
  }
  return {};
}

// "--prot=1", "--prot" or "extra": what no flag takes.
Failure unknown_argument(const std::string& argument, const std::vector<Option>& options) {
  if (!argument.starts_with("--"))
    return fail(ErrorCode::invalid, "is not expected here; settings are flags (--help lists them)", argument);
  const auto flag = argument.substr(0, argument.find('='));
  const auto meant = closest_option(flag.substr(2), options);
  return fail(ErrorCode::invalid,
              meant ? "is no flag; did you mean '--" + *meant + "'?" : "is no flag; --help lists them", flag);
}

// Another program's port, and what only the command `tidemark` and tests read, is not for us to know.
std::vector<std::string> unknown_variables(const Environment& environment, const std::vector<Option>& options) {
  std::vector<std::string> unknown;
  for (const auto& [variable, value] : environment) {
    if (variable == CONFIG_VARIABLE || std::ranges::find(options, variable, &Option::variable) != options.end())
      continue;
    std::string name = variable.substr(VARIABLE_PREFIX.size());
    for (auto& c : name) c = c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const auto meant = closest_option(name, options);
    if (!meant && name.ends_with("-port")) continue;
    unknown.push_back(variable);
    if (!meant) continue;
    unknown.back() += " (did you mean " + std::ranges::find(options, *meant, &Option::name)->variable() + "?)";
  }
  return unknown;
}

std::string with_standard(const Option& option) {
  return option.standard.empty() ? option.help : option.help + " (" + option.standard + ")";
}

std::string help_text(const Program& program, CLI::App& app) {
  return app.help() +
         "\nEach flag can also be an environment variable (--log-level: TIDEMARK_LOG_LEVEL) or a key of the "
         "configuration file\n(log-level = \"debug\"). Flags win over variables, variables over the file.\n"
         "Served beside the endpoints of " +
         program.name + ": /docs, /openapi.json, /metrics, /health/live, /health/ready.\n";
}

}  // namespace

Environment tidemark_environment() {
  Environment found;
  for (char** variable = ::environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const auto equals = text.find('=');
    if (text.starts_with(VARIABLE_PREFIX) && equals != text.npos)
      found.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return found;
}

Result<std::variant<Settings, PrintAndExit>> read_settings(const Program& program,
                                                           const std::vector<std::string>& arguments,
                                                           const Environment& environment) {
  const auto options = options_for(program);
  CLI::App app{program.about, program.name};
  app.set_help_flag("-h,--help", "print this");
  std::string config;
  bool version = false;
  app.add_option("--config", config, "a TOML file with settings")->type_name("FILE");
  app.add_flag("--version", version, "print the version");
  std::vector<std::optional<std::string>> given(options.size());
  for (std::size_t i = 0; i < options.size(); ++i)
    app.add_option("--" + options[i].name, given[i], with_standard(options[i]))->type_name(options[i].value_name);
  app.allow_extras();
  try {
    std::vector<std::string> reversed{arguments.rbegin(), arguments.rend()};  // CLI11 takes them from the back
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    return std::variant<Settings, PrintAndExit>{PrintAndExit{help_text(program, app)}};
  } catch (const CLI::ParseError& error) {
    return fail(ErrorCode::invalid, std::string{error.what()} + " (--help lists the flags)");
  }
  if (const auto extras = app.remaining(); !extras.empty()) return unknown_argument(extras.front(), options);
  if (version) return std::variant<Settings, PrintAndExit>{PrintAndExit{program.name + " " TIDEMARK_VERSION "\n"}};

  Settings settings;
  for (const auto& port : program.ports) settings.ports[port.service] = port.standard;
  if (const auto file = environment.find(CONFIG_VARIABLE); config.empty() && file != environment.end())
    config = file->second;
  if (!config.empty()) TIDEMARK_TRY(apply_file(config, options, settings));
  for (const auto& option : options) {
    const auto variable = environment.find(option.variable());
    if (variable == environment.end()) continue;
    if (auto set = option.set(settings, variable->second); !set) return at(variable->first, set.error());
  }
  settings.unknown_variables = unknown_variables(environment, options);
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (!given[i]) continue;
    if (auto set = options[i].set(settings, *given[i]); !set) return at("--" + options[i].name, set.error());
  }
  return std::variant<Settings, PrintAndExit>{std::move(settings)};
}

}  // namespace tidemark::kit
