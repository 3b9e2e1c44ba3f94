// The commands of `tidemark`, each in a file of its own name.
#pragma once
#include "tidemark/tool.hpp"

namespace tidemark::cli {

void add_check(CLI::App& app, Tool& tool);
void add_backup(CLI::App& app, Tool& tool);
void add_backups(CLI::App& app, Tool& tool);
void add_restore(CLI::App& app, Tool& tool);

// Inspects a data directory at rest and reports: `tidemark check --data`, and the end of a restore.
int check_directory(const Tool& tool, const std::string& directory);

}  // namespace tidemark::cli
