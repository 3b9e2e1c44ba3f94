// tidemark check: reads everything of a data directory at rest, or of a backup, and says what is wrong.
#include "engine/inspection.hpp"
#include "storage/backup.hpp"
#include "storage/file_inspection.hpp"
#include "storage/storage.hpp"
#include "tidemark/commands.hpp"
#include "tidemark/progress_bar.hpp"

namespace tidemark::cli {
namespace {

struct Report {
  storage::FileInspection files;
  engine::Inspection records;
  bool records_read = false;

  bool well() const { return files.findings.empty() && records.wrong == 0; }
};

Result<Report> inspect(const Tool& tool, const std::string& directory) {
  ProgressBar reading{tool, "reading files", ProgressBar::Unit::bytes};
  auto files = storage::inspect_files(directory, reading.listener());
  reading.clear();
  if (!files) return files.error();
  Report report{.files = std::move(*files), .records = {}};
  if (!report.files.can_be_opened) return report;
  const auto opened = storage::Storage::open({.path = directory, .read_only = true});
  if (!opened && opened.error().code == ErrorCode::in_use) return opened.error();
  if (!opened) {
    report.files.findings.push_back({"", opened.error().message});
    return report;
  }
  ProgressBar comparing{tool, "comparing records", ProgressBar::Unit::items};
  report.records = engine::inspect(**opened, comparing.listener());
  report.records_read = true;
  return report;
}

void give(const Tool& tool, const std::string& directory, const Report& report) {
  json::Writer out;
  const auto& [files, records, read] = report;
  out.begin_object().member("directory", directory).member("well", report.well());
  out.member("files", files.files).member("bytes", files.bytes).member("lsn", files.recoverable.value);
  out.member("clean_stop", files.was_clean).member("can_be_opened", files.can_be_opened);
  out.key("wrong").begin_array();
  for (const auto& finding : files.findings)
    out.begin_object().member("file", finding.file).member("wrong", finding.wrong).end_object();
  for (const auto& [about, wrong, remedy] : records.findings)
    out.begin_object().member("about", about).member("wrong", wrong).member("remedy", remedy).end_object();
  out.end_array().key("notes").begin_array();
  for (const auto& note : files.notes) out.value(note);
  out.end_array();
  if (read) {
    out.key("counts").begin_object().member("topics", records.topics).member("entries", records.entries);
    out.member("groups", records.groups).member("pending", records.pending);
    out.member("collections", records.collections).member("documents", records.documents);
    out.member("index_entries", records.index_entries).member("timers", records.timers).member("keys", records.keys);
    out.end_object();
  }
  tool.give(std::move(out.end_object()));
}

std::string counted(std::uint64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

void say(const Tool& tool, const std::string& directory, const Report& report) {
  const auto& [files, records, read] = report;
  tool.say(directory + ": " + counted(files.files, "file") + ", " + readable_bytes(files.bytes) +
           " read; commits up to LSN " + std::to_string(files.recoverable.value) + "; the last stop was " +
           (files.was_clean ? "clean" : "a crash"));
  for (const auto& note : files.notes) tool.say("note: " + note);
  for (const auto& finding : files.findings)
    tool.say("wrong: " + (finding.file.empty() ? "" : finding.file + ": ") + finding.wrong);
  if (read) {
    tool.say(counted(records.topics, "topic") + " with " + std::to_string(records.entries) + " entries; " +
             counted(records.groups, "group") + ", " + std::to_string(records.pending) + " pending; " +
             counted(records.collections, "collection") + ", " + counted(records.documents, "document") + ", " +
             std::to_string(records.index_entries) + " index entries; " + counted(records.timers, "timer") + "; " +
             counted(records.keys, "key"));
  }
  for (const auto& [about, wrong, remedy] : records.findings) tool.say("wrong: " + about + " " + wrong + "; " + remedy);
  if (records.wrong > records.findings.size())
    tool.say("… and " + std::to_string(records.wrong - records.findings.size()) + " more");
  if (report.well()) return tool.say(read ? "all is well" : "the files are well");
  tool.say("What can be done: look at the disk first (dmesg, smartctl). `tidemark restore --from <backup> --data " +
           directory + " --replace` goes back to a backup and puts this directory aside.");
}

int check_backup(const Tool& tool, const std::string& path) {
  ProgressBar reading{tool, "reading files", ProgressBar::Unit::bytes};
  const auto manifest = storage::verify_backup(path, reading.listener());
  reading.clear();
  if (!manifest) return tool.failed(manifest.error());
  json::Writer out;
  out.begin_object().member("backup", path).member("well", true).member("lsn", manifest->lsn.value);
  out.member("made", manifest->made).member("files", manifest->files.size()).member("bytes", manifest->bytes());
  if (tool.json()) tool.give(std::move(out.end_object()));
  tool.say(path + ": " + counted(manifest->files.size(), "file") + ", " + readable_bytes(manifest->bytes()) +
           "; commits up to LSN " + std::to_string(manifest->lsn.value) + "; made " + manifest->made + "; all is well");
  return DONE;
}

}  // namespace

int check_directory(const Tool& tool, const std::string& directory) {
  const auto report = inspect(tool, directory);
  if (!report) return tool.failed(report.error());
  tool.json() ? give(tool, directory, *report) : say(tool, directory, *report);
  return report->well() ? DONE : DAMAGED;
}

void add_check(CLI::App& app, Tool& tool) {
  struct Flags {
    std::string data, backup;
  };
  const auto flags = std::make_shared<Flags>();
  auto& command =
      tool.command(app, "check", "reads a data directory at rest, or a backup, and says what is wrong", [&tool, flags] {
        return flags->data.empty() ? check_backup(tool, flags->backup) : check_directory(tool, flags->data);
      });
  auto* which = command.add_option_group("which", "one of");
  which->add_option("--data", flags->data, "a data directory that no process has")->type_name("DIR");
  which->add_option("--backup", flags->backup, "a backup")->type_name("DIR");
  which->require_option(1);
}

}  // namespace tidemark::cli
