// tidemark journeys, journey: what the process has done lately, and what became of an order.
#include <CLI/CLI.hpp>

#include "tidemark/commands.hpp"
#include "tidemark/table.hpp"
#include "tidemark/target.hpp"

namespace tidemark::cli {
namespace {

struct JourneysFlags {
  std::string text, outcome, service;
  std::uint32_t limit = 20;
  bool reads = false;
};

int list(const Tool& tool, AdminClient& admin, const JourneysFlags& flags) {
  const auto query = query_of({{"limit", std::to_string(flags.limit)},
                               {"text", flags.text},
                               {"outcome", flags.outcome},
                               {"service", flags.service},
                               {"reads", flags.reads ? "true" : ""}});
  return ask_and_show(tool, admin, {.path = "/admin/v1/journeys" + query}, [&](const std::string& answer) {
    say_table(tool,
              {{"STARTED", "started", Shown::time},
               {"NAME", "name"},
               {"SERVICE", "service"},
               {"STEPS", "steps", Shown::number},
               {"TOOK", "duration_ms", Shown::ms},
               {"OUTCOME", "outcome"},
               {"TRACE", "trace_id"}},
              items_of(answer),
              admin.is_running() ? "no such journey is remembered: a process remembers its newest only"
                                 : "only a running process remembers journeys; `tidemark journey ID` tells of one");
  });
}

void show_journey(const Tool& tool, const std::string& answer) {
  const auto journey = members_of(answer);
  tool.say("trace " + text_of(journey, "trace_id") + ": " + text_of(journey, "outcome"));
  say_table(tool,
            {{"AT", "offset_ms", Shown::ms},
             {"WHAT", "kind"},
             {"SERVICE", "service"},
             {"NAME", "name"},
             {"TOOK", "duration_ms", Shown::ms},
             {"ATTEMPT", "attempt", Shown::number},
             {"OUTCOME", "outcome"},
             {"ERROR", "error"}},
            elements_of(text_of(journey, "steps")), "no steps are known");
  if (text_of(journey, "complete") == "false")
    tool.say("only the events are known: this process does not remember the runs");
}

}  // namespace

void add_journeys(CLI::App& app, Tool& tool) {
  const auto flags = std::make_shared<JourneysFlags>();
  auto& journeys = add_asking(app, tool, "journeys", "lists what the process has done lately, the newest first",
                              [&tool, flags](AdminClient& admin) { return list(tool, admin, *flags); });
  journeys.add_option("--text", flags->text, "only those with it in a name, a key, an id or an error");
  journeys.add_option("--outcome", flags->outcome, "only those that came to this")
      ->check(CLI::IsMember({"ok", "rejected", "retrying", "failed", "dead_letter"}));
  journeys.add_option("--service", flags->service, "only those that this service had a part in");
  journeys.add_option("--limit,-n", flags->limit, "how many at most; 20")->check(CLI::Range(1, 500));
  journeys.add_flag("--reads", flags->reads, "also those that changed nothing");

  const auto id = std::make_shared<std::string>();
  auto& journey = add_asking(app, tool, "journey", "tells what became of an order, of an event, of any id",
                             [&tool, id](AdminClient& admin) {
                               return ask_and_show(tool, admin, {.path = "/admin/v1/journeys/" + encoded(*id)},
                                                   [&](const std::string& answer) { show_journey(tool, answer); });
                             });
  journey.add_option("id", *id, "the id of an order, of any document or event, or a trace's")->required();
}

}  // namespace tidemark::cli
