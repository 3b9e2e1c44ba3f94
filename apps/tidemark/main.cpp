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
  const bool wants_json = std::any_of(argv, argv + argc, [](std::string_view word) { return word == "--json"; });
  if (wants_json) tool.speak_json();
  const std::string first = argc > 1 ? argv[1] : "--help";
  const auto has_name = [&](const CLI::App* command) { return command->check_name(first); };
  if (!first.starts_with('-') && std::ranges::none_of(app.get_subcommands({}), has_name)) {
    return tool.failed(
        tidemark::fail(tidemark::ErrorCode::invalid, "there is no such command; tidemark --help lists them", first));
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0 || !wants_json) return app.exit(error) == 0 ? cli::DONE : cli::USAGE;
    return tool.failed(tidemark::fail(tidemark::ErrorCode::invalid, error.what(), "the flags"));
  }
  const int code = tool.run();
  if (std::cout.flush()) return code;
  std::cerr << "tidemark: the output can't be written: is the disk full?\n";
  return cli::REFUSED;
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
