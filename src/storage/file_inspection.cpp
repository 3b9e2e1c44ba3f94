#include "storage/file_inspection.hpp"

#include <rocksdb/db.h>
#include <rocksdb/metadata.h>
#include <rocksdb/sst_file_reader.h>

#include <filesystem>

#include "storage/directory_lock.hpp"
#include "storage/file_copy.hpp"
#include "storage/manifest.hpp"
#include "storage/recovery_check.hpp"
#include "storage/rocksdb_options.hpp"
#include "storage/state_file.hpp"
#include "storage/storage.hpp"

namespace tidemark::storage {
namespace {

// What stands before the remedy, which the whole inspection ends with.
std::string without_remedy(const std::string& message) { return message.substr(0, message.find("; `tidemark check")); }

class Inspector {
 public:
  Inspector(const std::string& directory, const OnProgress& progress)
      : directory_{directory}, progress_{progress}, env_{*rocksdb::Env::Default()} {}

  Result<FileInspection> run() {
    const auto state = StateFile::read(directory_);
    if (!state) return state.error();
    inspect_state(*state);
    inspect_recovery(*state);
    const auto manifest = Manifest::read(env_, directory_);
    if (!manifest) {
      if (inspection_.can_be_opened) add(file_of(manifest.error()), manifest.error().message);
      inspection_.can_be_opened = false;
      return std::move(inspection_);
    }
    if (!is_torn_) checksums_ = read_checksums();
    auto bytes_in_all = inspection_.bytes;
    for (const auto& [number, bytes] : manifest->files) bytes_in_all += bytes;
    Work work{progress_, bytes_in_all};
    work.add(inspection_.bytes);  // the logs
    for (const auto& [number, bytes] : manifest->files)
      inspect_sorted_file(Manifest::name_of_sorted_file(number), bytes, work);
    if (inspection_.findings.empty() && !refusal_.empty()) add("", refusal_);
    return std::move(inspection_);
  }

 private:
  void add(const std::string& file, const std::string& wrong) {
    for (const auto& known : inspection_.findings)
      if (known.file == file) return;  // one finding for each file: the first says most
    inspection_.findings.push_back({file, wrong});
  }

  std::string file_of(const Failure& failure) const {
    const std::string prefix = directory_ + "/";
    return failure.about.starts_with(prefix) ? failure.about.substr(prefix.size()) : std::string{};
  }

  void inspect_state(const StateFile& state) {
    inspection_.was_clean = state.was_clean();
    if (state.found() == StateFile::Found::whole) return;
    add("tidemark.state", state.found() == StateFile::Found::nothing
                              ? "the file is missing or empty; the next start writes it anew"
                              : "the file's checksum is wrong; the next start writes it anew");
  }

  void inspect_recovery(const StateFile& state) {
    const auto logs = check_recovery(env_, directory_, {state.tidemark(), state.manifest()});
    inspection_.can_be_opened = logs.has_value();
    if (!logs) return add(file_of(logs.error()), without_remedy(logs.error().message));
    inspection_.recoverable = logs->recovered;
    for (const auto& name : logs->files) note_read(name);
    if (!logs->torn_manifest.empty()) {
      is_torn_ = true;
      inspection_.can_be_opened = false;  // by who only looks
      inspection_.notes.push_back(detail::concatenate(
          logs->torn_manifest, " ends at byte ", logs->manifest_bytes,
          ", as a power loss may leave it: the next start leaves the rest out; until then records can't be read"));
    }
    if (logs->torn.empty()) return;
    inspection_.notes.push_back(
        detail::concatenate(logs->torn, " ends at byte ", logs->tear.offset, " (", logs->tear.what,
                            "), as a crash leaves it: nothing that is known to have been acknowledged is behind it"));
  }

  void note_read(const std::string& name) {
    std::error_code error;
    const auto bytes = std::filesystem::file_size(directory_ + "/" + name, error);
    ++inspection_.files;
    if (!error) inspection_.bytes += bytes;
  }

  // Those of the whole files, where the MANIFEST has them.
  std::map<std::string, std::string> read_checksums() {
    std::map<std::string, std::string> checksums;
    rocksdb::DB* opened = nullptr;
    const auto options = rocksdb_options({.path = directory_, .read_only = true}, nullptr);
    const auto status = rocksdb::DB::OpenForReadOnly(options, directory_, &opened);
    const std::unique_ptr<rocksdb::DB> db{opened};
    if (!status.ok()) {
      // A sorted file that is missing or too short is found by its own look.
      if (inspection_.can_be_opened) refusal_ = status.ToString();
      inspection_.can_be_opened = false;
      return checksums;
    }
    rocksdb::LiveFilesStorageInfoOptions wish;
    wish.include_checksum_info = true;
    wish.wal_size_for_flush = UINT64_MAX;
    std::vector<rocksdb::LiveFileStorageInfo> files;
    if (!db->GetLiveFilesStorageInfo(wish, &files).ok()) return checksums;
    for (const auto& file : files) {
      if (file.file_checksum_func_name == "FileChecksumCrc32c") checksums[file.relative_filename] = file.file_checksum;
    }
    return checksums;
  }

  void inspect_sorted_file(const std::string& name, std::uint64_t bytes, Work& work) {
    const std::string path = directory_ + "/" + name;
    const auto sum = sum_of_file(path, UINT64_MAX, {.read = [&](std::uint64_t read) { work.add(read); }});
    if (!sum) return add(name, sum.error().code == ErrorCode::not_found ? "the file is missing" : sum.error().message);
    note_read(name);
    if (sum->bytes != bytes)
      return add(name, detail::concatenate("the file has ", sum->bytes, " bytes, but should have ", bytes));
    const auto known = checksums_.find(name);
    if (known == checksums_.end()) return inspect_blocks(name);
    std::uint32_t expected = 0;
    for (const char byte : known->second) expected = expected << 8 | static_cast<unsigned char>(byte);
    if (expected != sum->checksum) add(name, "the file's checksum is wrong");
  }

  void inspect_blocks(const std::string& name) {
    rocksdb::SstFileReader reader{rocksdb_options({.path = directory_, .read_only = true}, nullptr)};
    auto status = reader.Open(directory_ + "/" + name);
    if (status.ok()) status = reader.VerifyChecksum();
    if (!status.ok()) add(name, "the file is damaged: " + status.ToString());
  }

 private:
  const std::string& directory_;
  const OnProgress& progress_;
  rocksdb::Env& env_;
  FileInspection inspection_;
  std::map<std::string, std::string> checksums_;
  bool is_torn_ = false;  // the MANIFEST is
  std::string refusal_;   // why the database does not open
};

}  // namespace

std::optional<FileFinding> find_unreadable_file(const std::string& directory) {
  const auto manifest = Manifest::read(*rocksdb::Env::Default(), directory);
  if (!manifest) return std::nullopt;
  for (const auto& [number, bytes] : manifest->files) {
    const auto name = Manifest::name_of_sorted_file(number);
    const std::string path = directory + "/" + name;
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error) return FileFinding{name, "the file is missing"};
    if (size != bytes)
      return FileFinding{name, detail::concatenate("the file has ", size, " bytes, but should have ", bytes)};
    rocksdb::SstFileReader reader{rocksdb_options({.path = directory, .read_only = true}, nullptr)};
    if (const auto status = reader.Open(path); !status.ok())
      return FileFinding{name, "the file is damaged: " + status.ToString()};
  }
  return std::nullopt;
}

Result<FileInspection> inspect_files(const std::string& directory, const OnProgress& progress) {
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error))
    return fail(ErrorCode::not_found, "there is no such directory", directory);
  if (std::filesystem::exists(directory + "/tidemark.backup", error)) {
    return fail(ErrorCode::invalid, "this is a backup, no data directory; check it with `tidemark check --backup`",
                directory);
  }
  const bool ours = std::filesystem::exists(directory + "/tidemark.state", error) ||
                    std::filesystem::exists(directory + "/tidemark.lock", error) ||
                    std::filesystem::exists(directory + "/CURRENT", error);
  if (!ours) return fail(ErrorCode::not_found, "this is no data directory: it has no file of Tidemark's", directory);
  const auto lock = DirectoryLock::take_to_read(directory);
  if (!lock) return lock.error();
  return Inspector{directory, progress}.run();
}

}  // namespace tidemark::storage
