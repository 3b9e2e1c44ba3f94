#include "storage/recovery_check.hpp"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "storage/rocksdb_status.hpp"

namespace tidemark::storage {
namespace {

constexpr std::string_view LOG_MARK = "tm";  // then the LSN in eight bytes, little-endian
// Threads of RocksDB's that change the MANIFEST at once have one sync for all: a flush, a compaction, and those who
// reclaim space.
constexpr std::uint64_t EDITS_IN_ONE_SYNC_MAX = 4;
constexpr std::size_t BATCH_HEADER = 8 + 4;  // of a record in the log: the first sequence number, and how many

std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = width; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// Finds the mark among the effects of a commit.
class MarkFinder final : public rocksdb::WriteBatch::Handler {
 public:
  rocksdb::Status PutCF(std::uint32_t, const rocksdb::Slice&, const rocksdb::Slice&) override { return {}; }
  rocksdb::Status DeleteCF(std::uint32_t, const rocksdb::Slice&) override { return {}; }
  rocksdb::Status DeleteRangeCF(std::uint32_t, const rocksdb::Slice&, const rocksdb::Slice&) override { return {}; }
  void LogData(const rocksdb::Slice& blob) override {
    const auto mark = blob.ToStringView();
    if (mark.size() == LOG_MARK.size() + 8 && mark.starts_with(LOG_MARK)) {
      synced = Lsn{little_endian(mark, LOG_MARK.size(), 8)};
    }
  }
  Lsn synced;
};

Lsn mark_in(std::string_view record) {
  MarkFinder finder;
  rocksdb::WriteBatch{std::string{record}}.Iterate(&finder).PermitUncheckedError();
  return finder.synced;
}

std::optional<std::uint64_t> log_number(std::string_view name) {
  constexpr std::string_view SUFFIX = ".log";
  if (!name.ends_with(SUFFIX)) return std::nullopt;
  name.remove_suffix(SUFFIX.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return number;
}

Failure damaged(const std::string& directory, const std::string& file, const std::string& what) {
  return fail(ErrorCode::corrupt, what + remedy_for(directory), directory + "/" + file);
}

std::string at(const LogDamage& damage) {
  return detail::concatenate("damaged at byte ", damage.offset, " (", damage.what, ")");
}

// Follows the commits through the logs that a recovery would read.
class Chain {
 public:
  Chain(rocksdb::Env& env, const std::string& directory, const Manifest& manifest)
      : env_{env}, directory_{directory}, end_{manifest.flushed} {}

  Result<void> follow(const std::string& name) {
    name_ = name;
    auto scan =
        scan_log(env_, directory_ + "/" + name, [this](std::string_view record, bool behind) { see(record, behind); });
    if (!scan) return scan.error();
    if (!gap_) logs_.recovered = Lsn{end_};
    if (scan->damage && logs_.torn.empty()) {
      logs_.torn = name;
      logs_.tear = *scan->damage;
    }
    logs_.files.push_back(name);
    if (!gap_ && !contradiction_) return {};
    // Where the beginning is missing, the file that had it is named as far as it is known.
    if (!logs_.torn.empty()) return damaged(directory_, logs_.torn, at(logs_.tear) + behind_it());
    return damaged(directory_, *gap_,
                   detail::concatenate("the commits after LSN ", end_, " are missing before this log: a log was lost"));
  }

  Result<RecoverableLogs> finish(const Promised& promised) {
    logs_.recovered = Lsn{end_};
    if (logs_.recovered >= promised.tidemark) return std::move(logs_);
    const auto lost = detail::concatenate("; commits up to LSN ", promised.tidemark,
                                          " were durable, but only those up to ", logs_.recovered, " can be read back");
    if (!logs_.torn.empty()) return damaged(directory_, logs_.torn, at(logs_.tear) + lost);
    if (!logs_.files.empty()) return damaged(directory_, logs_.files.back(), "its end is missing" + lost);
    return damaged(directory_, "", "a log is missing" + lost);
  }

 private:
  void see(std::string_view record, bool behind_damage) {
    if (record.size() < BATCH_HEADER) return;
    const auto first = little_endian(record, 0, 8), count = little_endian(record, 8, 4);
    if (count == 0) return;
    const bool next = first <= end_ + 1;
    if (!behind_damage && next && !gap_) {
      end_ = std::max(end_, first + count - 1);
      return;
    }
    // In the log in which the damage is, only what was synced before this record was written is missed; a log is
    // synced before the next one begins.
    if (behind_damage && mark_in(record).value <= end_) return;
    if (first + count - 1 <= end_) return;
    (behind_damage ? contradiction_ : gap_) = name_;
  }

  std::string behind_it() const {
    return detail::concatenate("; commits after LSN ", end_, " were durable and can't be read back");
  }

  rocksdb::Env& env_;
  const std::string& directory_;
  std::string name_;
  std::uint64_t end_;  // the last commit that follows without a gap
  std::optional<std::string> gap_, contradiction_;
  RecoverableLogs logs_;
};

Result<RecoverableLogs> follow_logs(rocksdb::Env& env, const std::string& directory, const Manifest& manifest,
                                    const std::map<std::uint64_t, std::string>& logs, const Promised& promised) {
  Chain chain{env, directory, manifest};
  for (const auto& [number, name] : logs) TIDEMARK_TRY(chain.follow(name));
  return chain.finish(promised);
}

// RocksDB would make a new database where CURRENT is missing, and delete what is there.
Result<void> check_that_nothing_is_there(const std::vector<std::string>& names, const std::string& directory,
                                         const Promised& promised) {
  const bool has_files = std::ranges::any_of(names, [](const auto& name) { return name.ends_with(".sst"); });
  const bool has_logs = std::ranges::any_of(names, [](const auto& name) { return log_number(name).has_value(); });
  if (!has_files && !has_logs && promised.tidemark == Lsn{}) return {};
  return damaged(directory, "CURRENT", "the file is missing");
}

Result<void> check_manifest(const Manifest& manifest, const std::string& directory, const Promised& promised) {
  const std::string name = Manifest::name_of(manifest.number);
  const auto mark = promised.manifest;
  if (manifest.number < mark.number) {
    return damaged(directory, "CURRENT",
                   "the file names " + name + ", but " + Manifest::name_of(mark.number) + " was in use");
  }
  const auto& scan = manifest.scan;
  const bool is_short = manifest.number == mark.number && scan.whole_bytes < mark.bytes;
  const bool is_torn = scan.records_behind < EDITS_IN_ONE_SYNC_MAX;
  if (scan.damage && (is_short || !is_torn)) return damaged(directory, name, at(*scan.damage));
  if (is_short) return damaged(directory, name, "its end is missing");
  return {};
}

// An edit that was synced may have made files go: sorted files that the edits before it name, or logs that they need.
Failure damaged_edits(const Manifest& manifest, const std::string& directory) {
  return damaged(directory, Manifest::name_of(manifest.number), at(*manifest.scan.damage));
}

Result<void> check_torn_end(rocksdb::Env& env, const Manifest& manifest, const std::string& directory) {
  for (const auto& [number, bytes] : manifest.files) {
    std::uint64_t size = 0;
    const auto status = env.GetFileSize(directory + "/" + Manifest::name_of_sorted_file(number), &size);
    if (!status.ok() || size != bytes) return damaged_edits(manifest, directory);
  }
  return {};
}

}  // namespace

std::string remedy_for(const std::string& directory) {
  return "; `tidemark check --data " + directory +
         "` says what is wrong, and `tidemark restore --from <backup> --data " + directory + "` goes back to a backup";
}

std::string log_mark(Lsn synced) {
  std::string mark{LOG_MARK};
  for (int shift = 0; shift < 64; shift += 8) mark.push_back(static_cast<char>(synced.value >> shift));
  return mark;
}

Result<RecoverableLogs> check_recovery(rocksdb::Env& env, const std::string& directory, const Promised& promised) {
  std::vector<std::string> names;
  if (const auto status = env.GetChildren(directory, &names); !status.ok()) {
    return failure_of(status, "listing the data directory", directory);
  }
  if (std::ranges::find(names, "CURRENT") == names.end()) {
    TIDEMARK_TRY(check_that_nothing_is_there(names, directory, promised));
    return RecoverableLogs{.is_new = true};
  }
  auto manifest = Manifest::read(env, directory);
  if (!manifest) {
    const auto& failure = manifest.error();
    return failure.code == ErrorCode::corrupt
               ? fail(failure.code, failure.message + remedy_for(directory), failure.about)
               : failure;
  }
  TIDEMARK_TRY(check_manifest(*manifest, directory, promised));
  if (manifest->scan.damage) TIDEMARK_TRY(check_torn_end(env, *manifest, directory));

  std::map<std::uint64_t, std::string> logs;
  for (const auto& name : names) {
    const auto number = log_number(name);
    if (number && *number >= manifest->first_log) logs[*number] = name;
  }
  auto recoverable = follow_logs(env, directory, *manifest, logs, promised);
  if (!manifest->scan.damage) return recoverable;
  if (!recoverable && recoverable.error().code == ErrorCode::corrupt) return damaged_edits(*manifest, directory);
  if (!recoverable) return recoverable;
  recoverable->torn_manifest = Manifest::name_of(manifest->number);
  recoverable->manifest_bytes = manifest->scan.whole_bytes;
  return recoverable;
}

Result<void> cut_torn_manifest(rocksdb::Env& env, const std::string& directory, const RecoverableLogs& logs) {
  if (logs.torn_manifest.empty()) return {};
  const std::string path = directory + "/" + logs.torn_manifest;
  const std::string copy = directory + "/000000.dbtmp";  // RocksDB deletes it where this ends half-way
  std::string bytes;
  auto status = rocksdb::ReadFileToString(&env, path, &bytes);
  bytes.resize(std::min<std::size_t>(bytes.size(), logs.manifest_bytes));
  if (status.ok()) status = rocksdb::WriteStringToFile(&env, bytes, copy, /*should_sync=*/true);
  if (status.ok()) status = env.RenameFile(copy, path);
  std::unique_ptr<rocksdb::Directory> names;
  if (status.ok()) status = env.NewDirectory(directory, &names);
  if (status.ok()) status = names->Fsync();
  return status.ok() ? Result<void>{} : failure_of(status, "leaving its torn end out", path);
}

}  // namespace tidemark::storage
