// Completion scripts for shells, made from the commands and flags that a program has.
#pragma once
#include <CLI/App.hpp>
#include <string>

namespace tidemark::cli {

std::string bash_completion(const CLI::App& app);
std::string zsh_completion(const CLI::App& app);
std::string fish_completion(const CLI::App& app);

}  // namespace tidemark::cli
