// Tool: what all commands of `tidemark` share: how they report, to people and (--json) to programs, and how they end.
// docs/cli.md describes the commands and the codes.
#pragma once
#include <CLI/App.hpp>
#include <functional>
#include <string>

#include "base/result.hpp"
#include "json/writer.hpp"

namespace tidemark::cli {

// Also a contract for scripts.
enum Exit : int {
  DONE = 0,       // all is well
  DAMAGED = 1,    // something stored is not as it was written
  USAGE = 2,      // flags, or what they name, are not what the command needs
  TRY_LATER = 3,  // a process holds the directory, or can't be reached
  REFUSED = 4,    // the operating system did: a full disk, missing rights, an I/O error
};

class Tool {
 public:
  // Each command adds itself, and says what to do when it is chosen.
  CLI::App& command(CLI::App& app, const std::string& name, const std::string& about, std::function<int()> run);
  // What was chosen; its exit code.
  int run() { return chosen_(); }
  bool json() const { return json_; }
  // As --json has it, before the flags are read: what is wrong with them is said so, too.
  void speak_json() { json_ = true; }

  // Prints the failure, for people on the error output; returns the exit code that fits it.
  int failed(const Failure& failure) const;
  // Prints a line for people; nothing with --json. Control characters, which a terminal would obey, become a dot.
  void say(const std::string& line) const;
  // The same in the colour of a state ("failing", "waiting"), on a terminal without NO_COLOR.
  void say_state(const std::string& line, const std::string& state) const;
  // Prints the one JSON value that a command gives with --json.
  void give(json::Writer&& value) const;
  void give(const std::string& json) const;

 private:
  bool json_ = false;
  std::function<int()> chosen_;
};

// Without control characters: a dot stands for each.
std::string harmless(const std::string& text);
// In the colour of a state, for a terminal: failing things are red, waiting ones yellow. As it is with NO_COLOR.
std::string colored(const std::string& text, const std::string& state);

std::string readable_bytes(std::uint64_t bytes);  // "34.2 MiB"

}  // namespace tidemark::cli
