// tidemark timers, health: what is to come, and how the process is.
#include <CLI/CLI.hpp>

#include "json/json.hpp"
#include "tidemark/commands.hpp"
#include "tidemark/table.hpp"
#include "tidemark/target.hpp"

namespace tidemark::cli {
namespace {

int health(const Tool& tool, AdminClient& admin) {
  const auto answer = admin.ask({.path = "/admin/v1/health"});
  if (!answer) return tool.failed(answer.error());
  const auto now = members_of(*answer);
  const auto state = text_of(now, "health");
  if (tool.json()) {
    tool.give(*answer);
    return state == "failing" ? DAMAGED : DONE;
  }
  tool.say(state);
  const auto reasons = json::from_json<std::vector<std::string>>(text_of(now, "why"));
  if (reasons)
    for (const auto& why : *reasons) tool.say("  " + why);
  const std::vector<Column> shown_members{{"commits in a second", "commits_per_s", Shown::number},
                                          {"commit p50", "commit_p50_ms", Shown::ms},
                                          {"commit p99", "commit_p99_ms", Shown::ms},
                                          {"requests in a second", "requests_per_s", Shown::number},
                                          {"failures in a second", "failures_per_s", Shown::number},
                                          {"disk used", "disk_used_bytes", Shown::bytes},
                                          {"disk free", "disk_free_bytes", Shown::bytes},
                                          {"memory", "memory_bytes", Shown::bytes}};
  for (const auto& column : shown_members)
    if (now.contains(column.member)) tool.say(column.title + ": " + shown(now, column, {}));
  return state == "failing" ? DAMAGED : DONE;
}

}  // namespace

void add_observing(CLI::App& app, Tool& tool) {
  const auto topic = std::make_shared<std::string>();
  auto& timers = add_asking(
      app, tool, "timers", "lists what is to be published later, soonest first", [&tool, topic](AdminClient& admin) {
        return ask_and_show(
            tool, admin, {.path = "/admin/v1/timers" + query_of({{"topic", *topic}})}, [&](const std::string& answer) {
              say_page(tool,
                       {{"AT", "at", Shown::time}, {"TOPIC", "topic"}, {"TYPE", "type"}, {"KEY", "key"}, {"ID", "id"}},
                       answer, "nothing is to be published later");
            });
      });
  timers.add_option("--topic", *topic, "only to this topic");

  add_asking(app, tool, "health", "says how the process and its store are",
             [&tool](AdminClient& admin) { return health(tool, admin); });
}

}  // namespace tidemark::cli
