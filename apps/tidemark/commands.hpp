// The commands of `tidemark`, each in a file of its own name.
#pragma once
#include "tidemark/tool.hpp"

namespace tidemark::cli {

void add_check(CLI::App& app, Tool& tool);
void add_backup(CLI::App& app, Tool& tool);
void add_backups(CLI::App& app, Tool& tool);
void add_restore(CLI::App& app, Tool& tool);

// Those of several commands of one family.
void add_topics(CLI::App& app, Tool& tool);        // topics, tail, publish
void add_groups(CLI::App& app, Tool& tool);        // groups, pause, resume, seek, expire
void add_dead_letters(CLI::App& app, Tool& tool);  // dead-letters list, show, redrive, discard, try
void add_documents(CLI::App& app, Tool& tool);     // documents get, query; collections
void add_journeys(CLI::App& app, Tool& tool);      // journeys, journey
void add_observing(CLI::App& app, Tool& tool);     // timers, health
void add_descriptions(CLI::App& app, Tool& tool);  // openapi, asyncapi
void add_new(CLI::App& app, Tool& tool);           // new service
void add_top(CLI::App& app, Tool& tool);
// Of all commands that the app has when it is run.
void add_completion(CLI::App& app, Tool& tool);

// Inspects a data directory at rest and reports: `tidemark check --data`, and the end of a restore.
int check_directory(const Tool& tool, const std::string& directory);

}  // namespace tidemark::cli
