// tidemark completion: the script that teaches a shell the commands and flags.
#include <iostream>
#include <memory>

#include "tidemark/commands.hpp"
#include "tidemark/completion.hpp"

namespace tidemark::cli {
namespace {

std::string script_for(const CLI::App& app, const std::string& shell) {
  if (shell == "bash") return bash_completion(app);
  return shell == "zsh" ? zsh_completion(app) : fish_completion(app);
}

}  // namespace

void add_completion(CLI::App& app, Tool& tool) {
  const auto shell = std::make_shared<std::string>();
  auto& command =
      tool.command(app, "completion", "prints the script that completes its commands in a shell", [&app, &tool, shell] {
        const auto script = script_for(app, *shell);
        if (tool.json()) {
          json::Writer out;
          tool.give(std::move(out.begin_object().member("script", script).end_object()));
        } else {
          std::cout << script;
        }
        return DONE;
      });
  command.add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

}  // namespace tidemark::cli
