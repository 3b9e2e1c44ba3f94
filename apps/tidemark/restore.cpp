// tidemark restore: makes a data directory of a backup, all or nothing, and checks it.
#include "base/clock.hpp"
#include "storage/backup.hpp"
#include "tidemark/commands.hpp"
#include "tidemark/progress_bar.hpp"

namespace tidemark::cli {
namespace {

struct Flags {
  std::string from, data;
  bool replace = false;
};

// A backup by itself, or the newest one in a folder of them.
Result<std::string> backup_at(const std::string& path) {
  const auto manifest = storage::BackupManifest::read(path);
  if (manifest || manifest.error().code != ErrorCode::not_found) return path;
  const auto found = storage::list_backups(path);
  if (!found) return found.error();
  if (found->empty()) return fail(ErrorCode::not_found, "this is no backup, and no folder of backups", path);
  return found->back().path;
}

int restore(const Tool& tool, const Flags& flags) {
  const auto from = backup_at(flags.from);
  if (!from) return tool.failed(from.error());
  ProgressBar copying{tool, "verifying and copying", ProgressBar::Unit::bytes};
  const auto restored = storage::restore_backup({.from = *from,
                                                 .data = flags.data,
                                                 .replace = flags.replace,
                                                 .now = Clock::system().now(),
                                                 .progress = copying.listener()});
  copying.clear();
  if (!restored) return tool.failed(restored.error());
  tool.say(flags.data + " is as it was when " + *from + " was made, " + restored->manifest.made);
  if (!restored->put_aside.empty()) tool.say("what was there before is in " + restored->put_aside);
  return check_directory(tool, flags.data);
}

}  // namespace

void add_restore(CLI::App& app, Tool& tool) {
  const auto flags = std::make_shared<Flags>();
  auto& command = tool.command(app, "restore", "makes a data directory of a backup, and checks it",
                               [&tool, flags] { return restore(tool, *flags); });
  command.add_option("--from", flags->from, "a backup, or a folder of backups: the newest of them")
      ->type_name("DIR")
      ->required();
  command.add_option("--data", flags->data, "the data directory to be")->type_name("DIR")->required();
  command.add_flag("--replace", flags->replace, "put aside what is there, as <data>.before-restore-<time>");
}

}  // namespace tidemark::cli
