// tidemark dead-letters: what handlers gave up on, and what is to become of it.
#include <CLI/CLI.hpp>

#include "tidemark/commands.hpp"
#include "tidemark/progress_bar.hpp"
#include "tidemark/table.hpp"
#include "tidemark/target.hpp"

namespace tidemark::cli {
namespace {

const std::string LETTERS = "/admin/v1/dead-letters";

struct LetterFlags {
  std::string topic, group, id, error, reason;
  std::vector<std::string> set;
  double rate_per_s = 0;
  bool yes = false;

  std::string path(const std::string& what = "") const {
    return LETTERS + "/" + encoded(topic) + "/" + encoded(group) + (id.empty() ? "" : "/" + encoded(id)) + what;
  }
};

void show_all(const Tool& tool, const std::string& answer) {
  std::vector<Members> rows;
  for (const auto& group : items_of(answer)) {
    for (auto row : elements_of(text_of(group, "errors"))) {
      for (const auto* name : {"topic", "group"}) row[name] = group.at(name);
      row["count_exact"] = Json{text_of(group, "errors_exact")};
      rows.push_back(std::move(row));
    }
  }
  say_table(tool,
            {{"TOPIC", "topic"},
             {"GROUP", "group"},
             {"COUNT", "count", Shown::number},
             {"LAST", "last", Shown::time},
             {"ERROR", "error"}},
            rows, "there are no dead letters");
}

void show_page(const Tool& tool, const std::string& answer) {
  say_page(tool,
           {{"ID", "id"},
            {"TIME", "time", Shown::time},
            {"ATTEMPTS", "attempts", Shown::number},
            {"KEY", "key"},
            {"ERROR", "error"}},
           answer, "there are no dead letters of this group");
}

void show_letter(const Tool& tool, const std::string& answer) {
  const auto letter = members_of(answer);
  for (const auto* name : {"id", "event_id", "time", "attempts", "type", "key", "trace_id", "error"})
    if (const auto text = text_of(letter, name); !text.empty()) tool.say(name + std::string{": "} + text);
  tool.say("fields:");
  for (const auto& [name, value] : members_of(text_of(letter, "fields"))) tool.say("  " + name + " = " + value.text);
}

int list(const Tool& tool, AdminClient& admin, const LetterFlags& flags) {
  if (flags.topic.empty())
    return ask_and_show(tool, admin, {.path = LETTERS}, [&](const std::string& answer) { show_all(tool, answer); });
  if (flags.group.empty())
    return tool.failed(fail(ErrorCode::invalid, "one group is named by its topic and its name", flags.topic));
  return ask_and_show(tool, admin, {.path = flags.path() + query_of({{"error", flags.error}})},
                      [&](const std::string& answer) { show_page(tool, answer); });
}

int show(const Tool& tool, AdminClient& admin, const LetterFlags& flags) {
  return ask_and_show(tool, admin, {.path = flags.path()},
                      [&](const std::string& answer) { show_letter(tool, answer); });
}

// {} or {"fields": …}: those of the letter, with what --set says instead.
Result<std::string> edited(AdminClient& admin, const LetterFlags& flags) {
  if (flags.set.empty()) return std::string{"{}"};
  const auto letter = admin.ask({.path = flags.path()});
  if (!letter) return letter.error();
  auto fields = members_of(text_of(members_of(*letter), "fields"));
  for (const auto& change : flags.set) {
    const auto equals = change.find('=');
    if (equals == change.npos || equals == 0) return fail(ErrorCode::invalid, "expected name=value", change);
    fields[change.substr(0, equals)] = Json{json::quote(change.substr(equals + 1))};
  }
  json::Writer body;
  body.begin_object().key("fields").begin_object();
  for (const auto& [name, value] : fields) body.raw_member(name, value.text);
  return std::move(body.end_object().end_object()).text();
}

int try_one(const Tool& tool, AdminClient& admin, const LetterFlags& flags) {
  if (!admin.is_running())
    return tool.failed(fail(ErrorCode::invalid, "its handler runs in a process; name one with --url", "try"));
  const auto body = edited(admin, flags);
  if (!body) return tool.failed(body.error());
  bool failed = false;
  const auto answer = admin.ask({.method = "POST", .path = flags.path("/try"), .body = *body});
  if (!answer) return tool.failed(answer.error());
  const auto trial = members_of(*answer);
  failed = text_of(trial, "outcome") != "ok";
  if (tool.json()) tool.give(*answer);
  tool.say(failed ? "fails: " + text_of(trial, "error") : "would succeed; nothing was committed");
  for (const auto& event : elements_of(text_of(trial, "publishes")))
    tool.say("  publishes to " + text_of(event, "topic") + ": " + text_of(event, "fields"));
  for (const auto& document : elements_of(text_of(trial, "documents")))
    tool.say("  writes " + text_of(document, "collection") + "/" + text_of(document, "id") + ": " +
             text_of(document, "after"));
  return failed ? DAMAGED : DONE;
}

// All letters of the group, or those of one error.
int sweep(const Tool& tool, AdminClient& admin, const LetterFlags& flags, const std::string& what) {
  if (!flags.yes) {
    const auto page = admin.ask({.path = flags.path() + query_of({{"error", flags.error}, {"limit", "100"}})});
    if (!page) return tool.failed(page.error());
    const auto count = items_of(*page).size();
    if (tool.json()) tool.give("{\"would_" + what + "\":" + std::to_string(count) + "}");
    tool.say(std::to_string(count) + (has_more(*page) ? " or more" : "") +
             " dead letters; nothing was changed; --yes does it");
    return DONE;
  }
  json::Writer wish;
  wish.begin_object();
  if (!flags.error.empty()) wish.member("error", flags.error);
  if (!flags.reason.empty()) wish.member("reason", flags.reason);
  if (flags.rate_per_s > 0) wish.member("rate_per_s", flags.rate_per_s);
  std::string last;
  bool has_ended = false;
  ProgressBar bar{tool, what + " letters", ProgressBar::Unit::items};
  const auto followed =
      admin.follow({.method = "POST", .path = flags.path("/" + what), .body = std::move(wish.end_object()).text()},
                   [&](const StreamEvent& event) {
                     last = event.data;
                     const auto progress = members_of(last);
                     bar.show(static_cast<std::uint64_t>(number_of(progress, "done")),
                              static_cast<std::uint64_t>(number_of(progress, "of")));
                     has_ended = event.name == "end";
                     return !has_ended;
                   });
  bar.clear();
  if (!followed) return tool.failed(followed.error());
  if (!has_ended)
    return tool.failed(fail(ErrorCode::unavailable,
                            "the process stopped before all were done; the same command again does the others", what));
  if (tool.json()) tool.give(last);
  const auto end = members_of(last);
  tool.say(text_of(end, "done") + " of " + text_of(end, "of") + " done, " + text_of(end, "failed") + " failed");
  if (const auto error = text_of(end, "error"); !error.empty()) tool.say(error);
  return number_of(end, "failed") > 0 ? DAMAGED : DONE;
}

int redrive(const Tool& tool, AdminClient& admin, const LetterFlags& flags) {
  if (flags.id.empty() && !flags.set.empty())
    return tool.failed(fail(ErrorCode::invalid, "--set edits one letter; name its id", flags.set.front()));
  if (flags.id.empty()) return sweep(tool, admin, flags, "redrive");
  const auto body = edited(admin, flags);
  if (!body) return tool.failed(body.error());
  return ask_and_show(tool, admin, {.method = "POST", .path = flags.path("/redrive"), .body = *body},
                      [&](const std::string& answer) {
                        tool.say("given to the handler again, as " + text_of(members_of(answer), "redriven_as"));
                      });
}

int discard(const Tool& tool, AdminClient& admin, const LetterFlags& flags) {
  if (flags.id.empty()) return sweep(tool, admin, flags, "discard");
  if (!flags.yes) return tool.failed(fail(ErrorCode::invalid, "it can't be brought back; --yes discards it", flags.id));
  json::Writer wish;
  wish.begin_object().member("reason", flags.reason).end_object();
  const auto answer = admin.ask({.method = "DELETE", .path = flags.path(), .body = wish.text()});
  if (!answer) return tool.failed(answer.error());
  if (tool.json()) tool.give("{\"discarded\":" + json::quote(flags.id) + "}");
  tool.say("discarded");
  return DONE;
}

enum class Names { group_or_none, group, letter_or_all, letter };

}  // namespace

void add_dead_letters(CLI::App& app, Tool& tool) {
  auto& family = *app.add_subcommand("dead-letters", "what handlers gave up on");
  family.require_subcommand(1);
  using Run = int (*)(const Tool&, AdminClient&, const LetterFlags&);
  const auto add = [&](const std::string& name, const std::string& about, Run run, Names names) {
    const auto flags = std::make_shared<LetterFlags>();
    auto& command = add_asking(family, tool, name, about,
                               [&tool, flags, run](AdminClient& admin) { return run(tool, admin, *flags); });
    command.add_option("topic", flags->topic, "the group's topic")->required(names != Names::group_or_none);
    command.add_option("group", flags->group, "its name")->required(names != Names::group_or_none);
    if (names == Names::letter || names == Names::letter_or_all)
      command.add_option("id", flags->id, "a letter's id")->required(names == Names::letter);
    return std::pair{&command, flags};
  };
  const auto add_set = [](CLI::App& command, LetterFlags& flags) {
    command.add_option("--set", flags.set, "a field of the event, otherwise than it was: name=value")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
  };
  const auto [list_command, listed] =
      add("list", "lists the errors of all groups, or one group's letters", list, Names::group_or_none);
  list_command->add_option("--error", listed->error, "only those of this error, as the list of errors has it");
  add("show", "shows one letter", show, Names::letter);
  const auto [try_command, tried] =
      add("try", "runs the handler on one letter, and commits nothing", try_one, Names::letter);
  add_set(*try_command, *tried);
  const auto [redrive_command, redriven] =
      add("redrive", "gives one letter to the handler again, or all with --yes", redrive, Names::letter_or_all);
  add_set(*redrive_command, *redriven);
  const auto [discard_command, discarded] =
      add("discard", "discards one letter, or all, with --yes", discard, Names::letter_or_all);
  discard_command->add_option("--reason", discarded->reason, "why, for the log");
  for (const auto& [command, flags] : {std::pair{redrive_command, redriven}, std::pair{discard_command, discarded}}) {
    command->add_option("--error", flags->error, "of all, only those of this error");
    command->add_option("--rate", flags->rate_per_s, "of all, at most so many in a second")->type_name("N");
    command->add_flag("--yes", flags->yes, "do it");
  }
}

}  // namespace tidemark::cli
