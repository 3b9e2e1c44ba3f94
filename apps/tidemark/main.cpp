// tidemark: what an operator does with data directories, and with the processes that have them.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "tidemark/commands.hpp"

namespace {

int run(int argc, char** argv) {
  CLI::App app{"Looks after Tidemark's data directories. Exit codes: 0 done, 1 damaged, 2 usage, 3 in use, 4 refused."};
  app.name("tidemark");
  app.set_version_flag("--version", "tidemark " TIDEMARK_VERSION);
  app.require_subcommand(1);
  tidemark::cli::Tool tool;
  for (const auto add :
       {tidemark::cli::add_check, tidemark::cli::add_backup, tidemark::cli::add_backups, tidemark::cli::add_restore})
    add(app, tool);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? tidemark::cli::DONE : tidemark::cli::USAGE;
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
