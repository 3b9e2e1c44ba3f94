#include "tidemark/target.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fstream>

namespace tidemark::cli {

Result<std::unique_ptr<AdminClient>> Target::open() const {
  if (!data.empty()) return ask_directory(data);
  std::string known = token;
  if (!token_file.empty()) {
    std::ifstream file{token_file};
    if (!std::getline(file, known))
      return fail(ErrorCode::not_found, "no token can be read from this file", token_file);
  }
  if (known.find_first_of("\r\n") != known.npos) return fail(ErrorCode::invalid, "a token is one line", "the token");
  return ask_process(url, std::move(known));
}

void add_token_flags(CLI::App& command, Target& target) {
  command
      .add_option("--token", target.token,
                  "the admin token; others on this machine can read it here, so better --token-file")
      ->envname("TIDEMARK_ADMIN_TOKEN")
      ->type_name("TOKEN");
  command.add_option("--token-file", target.token_file, "a file that holds the admin token")->type_name("FILE");
}

CLI::App& add_asking(CLI::App& app, Tool& tool, const std::string& name, const std::string& about, Ask run) {
  const auto target = std::make_shared<Target>();
  auto& command = tool.command(app, name, about, [&tool, target, run = std::move(run)] {
    const auto admin = target->open();
    return admin ? run(**admin) : tool.failed(admin.error());
  });
  auto* url =
      command.add_option("--url", target->url, "a process, by any of its services; " + target->url)->type_name("URL");
  command.add_option("--data", target->data, "a data directory that no process has")->type_name("DIR")->excludes(url);
  add_token_flags(command, *target);
  return command;
}

int ask_and_show(const Tool& tool, AdminClient& admin, const Question& question,
                 const std::function<void(const std::string&)>& show) {
  const auto answer = admin.ask(question);
  if (!answer) return tool.failed(answer.error());
  if (tool.json())
    tool.give(*answer);
  else
    show(*answer);
  return DONE;
}

}  // namespace tidemark::cli
