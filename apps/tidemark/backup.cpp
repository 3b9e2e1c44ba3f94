// tidemark backup: copies a data directory at rest, or has a running process copy its own.
#include "storage/backup.hpp"

#include <chrono>
#include <functional>
#include <future>

#include "base/clock.hpp"
#include "json/json.hpp"
#include "storage/storage.hpp"
#include "tidemark/commands.hpp"
#include "tidemark/progress_bar.hpp"
#include "tidemark/target.hpp"

namespace tidemark::cli {
namespace {

// What POST /admin/v1/backup answers.
struct BackupAnswer {
  std::string backup;
  std::uint64_t lsn = 0;
  std::string made;
  std::uint64_t bytes = 0, copied_bytes = 0;
  std::vector<std::string> removed;
};
BOOST_DESCRIBE_STRUCT(BackupAnswer, (), (backup, lsn, made, bytes, copied_bytes, removed))

// Of GET /admin/v1/backup.
struct BackupState {
  bool underway = false;
  std::uint64_t done_bytes = 0, bytes = 0;
};
BOOST_DESCRIBE_STRUCT(BackupState, (), (underway, done_bytes, bytes))

constexpr std::chrono::milliseconds LOOK_EVERY{200};

struct Flags {
  Target target;
  std::string to;
  std::uint32_t keep = 0;
};

void report(const Tool& tool, const storage::BackupMade& made) {
  if (!tool.json()) {
    tool.say(made.path + ": " + readable_bytes(made.bytes) + ", " + readable_bytes(made.copied_bytes) +
             " of them new; commits up to LSN " + std::to_string(made.lsn.value));
    for (const auto& name : made.removed) tool.say("removed " + name);
    return;
  }
  json::Writer out;
  out.begin_object().member("backup", made.path).member("lsn", made.lsn.value).member("made", made.made);
  out.member("bytes", made.bytes).member("copied_bytes", made.copied_bytes).key("removed").begin_array();
  for (const auto& name : made.removed) out.value(name);
  tool.give(std::move(out.end_array().end_object()));
}

int back_up_directory(const Tool& tool, const Flags& flags) {
  const auto storage = storage::Storage::open({.path = flags.target.data, .read_only = true});
  if (!storage && storage.error().code == ErrorCode::in_use) {
    return tool.failed(
        fail(ErrorCode::in_use,
             storage.error().message + "; or let it do the backup: tidemark backup --url http://127.0.0.1:<port>",
             flags.target.data));
  }
  if (!storage) return tool.failed(storage.error());
  ProgressBar bar{tool, "copying", ProgressBar::Unit::bytes};
  const storage::BackupWish wish{.folder = flags.to.empty() ? flags.target.data + ".backups" : flags.to,
                                 .now = Clock::system().now(),
                                 .keep = flags.keep,
                                 .progress = bar.listener()};
  const auto made = (*storage)->backup(wish);
  bar.clear();
  if (!made) return tool.failed(made.error());
  report(tool, *made);
  return DONE;
}

// Until it is told that the backup has ended. That it can't be seen how far it is ends nothing.
void watch(const Tool& tool, AdminClient& admin, const std::function<bool()>& has_ended) {
  ProgressBar bar{tool, "copying", ProgressBar::Unit::bytes};
  while (bar.draws() && !has_ended()) {
    const auto answer = admin.ask({.path = "/admin/v1/backup", .silence_s_max = 5});
    const auto state = answer ? json::from_json<BackupState>(*answer) : answer.error();
    if (state && state->underway) bar.show(state->done_bytes, state->bytes);
  }
}

// The answer of the process is what this command gives with --json.
int ask_for_backup(const Tool& tool, const Flags& flags) {
  if (!flags.to.empty()) {
    return tool.failed(fail(ErrorCode::invalid,
                            "a running process writes only below the folder that it was started with (--backups); "
                            "leave --to out",
                            "--to"));
  }
  json::Writer wish;
  wish.begin_object().member("keep", flags.keep).end_object();
  const auto admin = flags.target.open(), watcher = flags.target.open();
  if (!admin || !watcher) return tool.failed((admin ? watcher : admin).error());
  auto asked = std::async(std::launch::async, [&] {
    return (*admin)->ask({.method = "POST", .path = "/admin/v1/backup", .body = wish.text(), .silence_s_max = 0});
  });
  watch(tool, **watcher, [&] { return asked.wait_for(LOOK_EVERY) == std::future_status::ready; });
  const auto answer = asked.get();
  if (!answer) return tool.failed(answer.error());
  const auto made = json::from_json<BackupAnswer>(*answer);
  if (!made)
    return tool.failed(fail(ErrorCode::unavailable, "gave an answer that is none of Tidemark's", flags.target.url));
  report(tool, {made->backup, Lsn{made->lsn}, made->made, made->bytes, made->copied_bytes, made->removed});
  return DONE;
}

}  // namespace

void add_backup(CLI::App& app, Tool& tool) {
  const auto flags = std::make_shared<Flags>();
  auto& command =
      tool.command(app, "backup", "copies a data directory, also that of a running process", [&tool, flags] {
        return flags->target.data.empty() ? ask_for_backup(tool, *flags) : back_up_directory(tool, *flags);
      });
  auto* url = command
                  .add_option("--url", flags->target.url,
                              "a process of this machine, by any of its services; " + flags->target.url)
                  ->type_name("URL");
  command.add_option("--data", flags->target.data, "a data directory that no process has")
      ->type_name("DIR")
      ->excludes(url);
  add_token_flags(command, flags->target);
  command.add_option("--to", flags->to, "the folder for backups; without it <data directory>.backups")
      ->type_name("DIR");
  command.add_option("--keep", flags->keep, "keep so many of the newest backups, and remove the others; 0: all")
      ->type_name("N");
}

}  // namespace tidemark::cli
