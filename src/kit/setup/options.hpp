// The settings that there are: one table for flags, environment variables and the TOML file.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kit/setup/settings.hpp"

namespace tidemark::kit {

// One setting: its name in every source, and how its text is taken.
struct Option {
  // `invalid` says what the text may be.
  using Set = std::function<Result<void>(Settings&, const std::string& text)>;

  std::string name;  // "log-level": --log-level, TIDEMARK_LOG_LEVEL, log-level = "…"
  std::string value_name;
  std::string help;
  std::string standard;  // what it is when nothing is said, for the help; empty: nothing
  Set set;

  std::string variable() const;  // "TIDEMARK_LOG_LEVEL"
};

std::vector<Option> options_for(const Program& program);

// The known name that is closest, if it is close: an edit distance of at most a third of its length.
std::optional<std::string> closest_option(const std::string& name, const std::vector<Option>& options);

}  // namespace tidemark::kit
