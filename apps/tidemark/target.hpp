// Target: whom a command asks, by its flags --url, --token-file or --data.
#pragma once
#include <CLI/App.hpp>
#include <functional>
#include <memory>
#include <string>

#include "tidemark/admin_client.hpp"
#include "tidemark/tool.hpp"

namespace tidemark::cli {

struct Target {
  std::string url = "http://127.0.0.1:3000", data, token, token_file;

  Result<std::unique_ptr<AdminClient>> open() const;
};

// What a command does with whom it asks; returns its exit code.
using Ask = std::function<int(AdminClient&)>;

// --token and --token-file. The target lives as long as the command.
void add_token_flags(CLI::App& command, Target& target);

// Adds a command that asks a process or a directory.
CLI::App& add_asking(CLI::App& app, Tool& tool, const std::string& name, const std::string& about, Ask run);

// Asks, and hands the answer's body to `show`, or prints it as it is with --json. Returns the exit code.
int ask_and_show(const Tool& tool, AdminClient& admin, const Question& question,
                 const std::function<void(const std::string&)>& show);

}  // namespace tidemark::cli
