// tidemark groups, pause, resume, seek, expire: who reads what, how far, and whether.
#include <CLI/CLI.hpp>
#include <cstdlib>

#include "tidemark/commands.hpp"
#include "tidemark/group_table.hpp"
#include "tidemark/target.hpp"

namespace tidemark::cli {
namespace {

const std::string GROUPS = "/admin/v1/groups";

struct GroupFlags {
  std::string topic, group, reason, to;
  bool yes = false;

  std::string path(const std::string& what = "") const {
    return GROUPS + "/" + encoded(topic) + "/" + encoded(group) + what;
  }
};

void show_groups(const Tool& tool, std::vector<Members> groups) {
  say_table(tool, group_columns(), group_rows(std::move(groups)), "there are no groups: no handler has been started");
}

void show_group(const Tool& tool, const std::string& answer) {
  const auto group = members_of(answer);
  show_groups(tool, {group});
  tool.say("cursor " + text_of(group, "cursor"));
  if (const auto paused = members_of(text_of(group, "paused")); !paused.empty())
    tool.say("paused " + text_of(paused, "since") + " by " + text_of(paused, "by") + ": " + text_of(paused, "reason"));
  tool.say("");
  say_table(tool,
            {{"PENDING", "id"},
             {"CONSUMER", "consumer"},
             {"IDLE", "idle_ms", Shown::ms},
             {"ATTEMPTS", "attempts", Shown::number},
             {"RETRY", "retry_at", Shown::time},
             {"LAST ERROR", "last_error"}},
            elements_of(text_of(group, "oldest_pending")), "nothing is pending");
}

int list(const Tool& tool, AdminClient& admin, const GroupFlags& flags) {
  if (flags.topic.empty() != flags.group.empty())
    return tool.failed(fail(ErrorCode::invalid, "one group is named by its topic and its name", flags.topic));
  if (flags.topic.empty())
    return ask_and_show(tool, admin, {.path = GROUPS},
                        [&](const std::string& answer) { show_groups(tool, items_of(answer)); });
  return ask_and_show(tool, admin, {.path = flags.path()},
                      [&](const std::string& answer) { show_group(tool, answer); });
}

int pause(const Tool& tool, AdminClient& admin, const GroupFlags& flags) {
  const char* user = std::getenv("USER");
  json::Writer wish;
  wish.begin_object().member("reason", flags.reason).member("by", user != nullptr ? user : "tidemark").end_object();
  return ask_and_show(tool, admin, {.method = "POST", .path = flags.path("/pause"), .body = wish.text()},
                      [&](const std::string&) {
                        tool.say(admin.is_running() ? "paused; what runs ends, and nothing more begins"
                                                    : "paused, from when a process has the directory");
                      });
}

int resume(const Tool& tool, AdminClient& admin, const GroupFlags& flags) {
  return ask_and_show(tool, admin, {.method = "POST", .path = flags.path("/resume"), .body = "{}"},
                      [&](const std::string&) { tool.say("resumed"); });
}

int seek(const Tool& tool, AdminClient& admin, const GroupFlags& flags) {
  json::Writer wish;
  wish.begin_object().member("to", flags.to).member("dry_run", !flags.yes).end_object();
  return ask_and_show(tool, admin, {.method = "POST", .path = flags.path("/seek"), .body = wish.text()},
                      [&](const std::string& answer) {
                        const auto move = members_of(answer);
                        const auto way = text_of(move, "direction");
                        const bool is_exact = text_of(move, "exact") != "false";
                        tool.say("from " + text_of(move, "from") + " to " + text_of(move, "to") + ": " +
                                 (way == "back" ? "handles again " : "skips ") + (is_exact ? "" : "at least ") +
                                 text_of(move, "events") + " event(s)");
                        if (!flags.yes) tool.say("nothing was changed; --yes does it");
                      });
}

int expire(const Tool& tool, AdminClient& admin, const GroupFlags& flags) {
  if (!flags.yes)
    return ask_and_show(tool, admin, {.path = flags.path()}, [&](const std::string& answer) {
      show_group(tool, answer);
      tool.say("");
      tool.say("nothing was changed; --yes forgets the group: its cursor and what is pending, not its dead letters");
    });
  if (!admin.is_running())
    return tool.failed(
        fail(ErrorCode::invalid,
             "a directory at rest does not know when it was read last; ask a process that has it, a minute "
             "after its start",
             flags.group));
  const auto answer = admin.ask({.method = "DELETE", .path = flags.path()});
  if (!answer) return tool.failed(answer.error());
  if (tool.json()) {
    json::Writer said;
    said.begin_object().member("expired", flags.group).member("topic", flags.topic).end_object();
    tool.give(std::move(said));
  }
  tool.say("expired; it holds back retention no more");
  return DONE;
}

}  // namespace

void add_groups(CLI::App& app, Tool& tool) {
  using Run = int (*)(const Tool&, AdminClient&, const GroupFlags&);
  const auto add = [&](const std::string& name, const std::string& about, Run run, bool needs_group) {
    const auto flags = std::make_shared<GroupFlags>();
    auto& command = add_asking(app, tool, name, about,
                               [&tool, flags, run](AdminClient& admin) { return run(tool, admin, *flags); });
    command.add_option("topic", flags->topic, "the group's topic")->required(needs_group);
    command.add_option("group", flags->group, "its name")->required(needs_group);
    return std::pair{&command, flags};
  };
  add("groups", "lists the groups, or shows one", list, false);
  const auto [pause_command, paused] = add("pause", "has a group's handlers begin nothing more", pause, true);
  pause_command->add_option("--reason", paused->reason, "why, for those who wonder");
  add("resume", "has a paused group go on", resume, true);
  const auto [seek_command, sought] =
      add("seek", "says what moving a paused group's cursor would do, and does it with --yes", seek, true);
  seek_command->add_option("to", sought->to, "start, end, an entry's id, or a time")->required();
  seek_command->add_flag("--yes", sought->yes, "do it");
  const auto [expire_command, expired] =
      add("expire", "says what an abandoned group is, and forgets it with --yes", expire, true);
  expire_command->add_flag("--yes", expired->yes, "do it");
}

}  // namespace tidemark::cli
