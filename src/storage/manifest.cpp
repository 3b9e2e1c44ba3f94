#include "storage/manifest.hpp"

#include <charconv>
#include <optional>

#include "storage/rocksdb_status.hpp"

namespace tidemark::storage {
namespace {

constexpr std::string_view PREFIX = "MANIFEST-";

// One edit of the MANIFEST: tagged fields, numbers in LEB128. Tags that have the bit SAFE_TO_IGNORE carry a length.
enum Tag : std::uint64_t {
  COMPARATOR = 1,
  LOG_NUMBER = 2,
  NEXT_FILE_NUMBER = 3,
  LAST_SEQUENCE = 4,
  COMPACT_CURSOR = 5,
  DELETED_FILE = 6,
  NEW_FILE = 7,
  PREVIOUS_LOG_NUMBER = 9,
  MIN_LOG_NUMBER_TO_KEEP = 10,
  NEW_FILE_2 = 100,
  NEW_FILE_3 = 102,
  NEW_FILE_4 = 103,
  COLUMN_FAMILY = 200,
  COLUMN_FAMILY_ADD = 201,
  COLUMN_FAMILY_DROP = 202,
  MAX_COLUMN_FAMILY = 203,
  IN_ATOMIC_GROUP = 300,
  SAFE_TO_IGNORE = 1 << 13,
};

class EditReader {
 public:
  EditReader(std::string_view edit, Manifest& manifest) : rest_{edit}, manifest_{manifest} {}

  bool apply() {
    while (ok_ && !rest_.empty()) field(number());
    return ok_;
  }

 private:
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return value;
    }
    ok_ = false;
    return 0;
  }

  void skip_bytes() {
    const auto size = number();
    if (size > rest_.size()) ok_ = false;
    rest_.remove_prefix(ok_ ? size : rest_.size());
  }

  void field(std::uint64_t tag) {
    switch (tag) {
      case COMPARATOR:
      case COLUMN_FAMILY_ADD: return skip_bytes();
      case LOG_NUMBER:
      case MIN_LOG_NUMBER_TO_KEEP: manifest_.first_log = std::max(manifest_.first_log, number()); return;
      case LAST_SEQUENCE: manifest_.flushed = std::max(manifest_.flushed, number()); return;
      case COMPACT_CURSOR: number(); return skip_bytes();
      case DELETED_FILE:
        number();
        manifest_.files.erase(number());
        return;
      case NEW_FILE:
      case NEW_FILE_2:
      case NEW_FILE_3:
      case NEW_FILE_4: return new_file(tag);
      case NEXT_FILE_NUMBER:
      case PREVIOUS_LOG_NUMBER:
      case COLUMN_FAMILY:
      case MAX_COLUMN_FAMILY:
      case IN_ATOMIC_GROUP: number(); return;
      case COLUMN_FAMILY_DROP: return;
      default: (tag & SAFE_TO_IGNORE) != 0 ? skip_bytes() : void(ok_ = false);
    }
  }

  void new_file(std::uint64_t tag) {
    number();  // its level
    const auto file = number();
    if (tag == NEW_FILE_3) number();  // a path's number
    const auto size = number();
    skip_bytes();  // its lowest and its highest key
    skip_bytes();
    if (tag != NEW_FILE) {
      number();  // its lowest and its highest sequence number
      number();
    }
    if (tag == NEW_FILE_4)
      for (auto custom = number(); ok_ && custom != 1; custom = number()) skip_bytes();
    manifest_.files[file] = size;
  }

  std::string_view rest_;
  Manifest& manifest_;
  bool ok_ = true;
};

// Or more, where it has more.
std::string six_digits(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits;
}

Failure bad_current(const std::string& path, const std::string& what) { return fail(ErrorCode::corrupt, what, path); }

Result<std::uint64_t> number_in_current(rocksdb::Env& env, const std::string& path) {
  std::string text;
  const auto status = rocksdb::ReadFileToString(&env, path, &text);
  if (status.IsNotFound() || status.IsPathNotFound()) return bad_current(path, "the file is missing");
  if (!status.ok()) return failure_of(status, "reading it", path);
  std::uint64_t number = 0;
  if (text.starts_with(PREFIX) && text.ends_with('\n')) {
    const char* end = text.data() + text.size() - 1;
    const auto read = std::from_chars(text.data() + PREFIX.size(), end, number);
    if (read.ec == std::errc{} && read.ptr == end && Manifest::name_of(number) + '\n' == text) return number;
  }
  return bad_current(path, "the file is damaged: it names no MANIFEST");
}

}  // namespace

std::string Manifest::name_of(std::uint64_t number) { return std::string{PREFIX} + six_digits(number); }

std::string Manifest::name_of_sorted_file(std::uint64_t number) { return six_digits(number) + ".sst"; }

Result<Manifest> Manifest::read(rocksdb::Env& env, const std::string& directory) {
  const auto number = number_in_current(env, directory + "/CURRENT");
  if (!number) return number.error();
  Manifest manifest{.number = *number};
  const std::string path = directory + "/" + name_of(*number);
  if (env.FileExists(path).IsNotFound())
    return bad_current(directory + "/CURRENT", "the file names " + name_of(*number) + ", which is missing");
  bool readable = true;
  auto scan = scan_log(env, path, [&](std::string_view edit, bool behind_damage) {
    if (!behind_damage && readable) readable = EditReader{edit, manifest}.apply();
  });
  if (!scan) return scan.error();
  if (!readable) return fail(ErrorCode::corrupt, "an edit in the file can't be read", path);
  manifest.scan = std::move(*scan);
  return manifest;
}

}  // namespace tidemark::storage
