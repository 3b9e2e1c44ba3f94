// tidemark: what an operator does with processes, and with their data directories.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <iostream>

#include "tidemark/commands.hpp"

namespace {

int run(int argc, char** argv) {
  CLI::App app{
      "Sees and steers Tidemark's processes and data directories. "
      "Exit codes: 0 done, 1 damaged or failing, 2 usage, 3 try later, 4 refused."};
  app.name("tidemark");
  app.set_version_flag("--version", "tidemark " TIDEMARK_VERSION);
  app.require_subcommand(1);
  tidemark::cli::Tool tool;
  namespace cli = tidemark::cli;
  for (const auto add : {cli::add_topics, cli::add_groups, cli::add_dead_letters, cli::add_documents, cli::add_journeys,
                         cli::add_observing, cli::add_top, cli::add_descriptions, cli::add_check, cli::add_backup,
                         cli::add_backups, cli::add_restore, cli::add_new, cli::add_completion})
    add(app, tool);
  const std::string first = argc > 1 ? argv[1] : "--help";
  const auto has_name = [&](const CLI::App* command) { return command->check_name(first); };
  if (!first.starts_with('-') && std::ranges::none_of(app.get_subcommands({}), has_name)) {
    std::cerr << "tidemark: there is no command '" << cli::harmless(first) << "'; tidemark --help lists them\n";
    return cli::USAGE;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? cli::DONE : cli::USAGE;
  }
  return tool.run();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "tidemark: " << error.what() << "\n";
    return tidemark::cli::REFUSED;
  }
}
