#include "storage/backup_manifest.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/hash.hpp"
#include "storage/posix_file.hpp"

namespace tidemark::storage {
namespace {

constexpr std::string_view TITLE = "tidemark-backup";
constexpr std::uint64_t FORMAT = 1;
constexpr std::size_t BYTES_MAX = 4 << 20;  // of the manifest itself

std::optional<std::uint64_t> number(std::string_view text, int base = 10) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string hexadecimal(std::uint64_t value, std::size_t digits) {
  std::string text(digits, '0');
  for (std::size_t i = digits; i-- > 0; value >>= 4) text[i] = "0123456789abcdef"[value & 0xf];
  return text;
}

std::string_view take_word(std::string_view& rest, char end) {
  const auto word = rest.substr(0, rest.find(end));
  rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  return word;
}

// Only names of files in the directory itself.
bool is_file_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == name.npos;
}

bool apply(std::string_view line, BackupManifest& manifest) {
  const auto word = take_word(line, ' ');
  if (word == "lsn") {
    const auto lsn = number(line);
    manifest.lsn = Lsn{lsn.value_or(0)};
    return lsn.has_value();
  }
  if (word == "made") return !(manifest.made = line).empty();
  if (word != "file") return false;
  const auto checksum = number(take_word(line, ' '), 16);
  const auto bytes = number(take_word(line, ' '));
  if (!checksum || !bytes || !is_file_name(line)) return false;
  manifest.files.push_back({std::string{line}, *bytes, static_cast<std::uint32_t>(*checksum)});
  return true;
}

Failure damaged(const std::string& about) {
  return fail(ErrorCode::corrupt, "the backup's list of files is damaged; use another backup", about);
}

}  // namespace

std::uint64_t BackupManifest::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& file : files) sum += file.bytes;
  return sum;
}

const BackupFile* BackupManifest::find(std::string_view name) const {
  const auto found = std::ranges::find(files, name, &BackupFile::name);
  return found == files.end() ? nullptr : &*found;
}

std::string BackupManifest::text() const {
  auto text = detail::concatenate(TITLE, " ", FORMAT, "\nlsn ", lsn, "\nmade ", made, "\n");
  for (const auto& file : files)
    text += "file " + hexadecimal(file.checksum, 8) + " " + std::to_string(file.bytes) + " " + file.name + "\n";
  return text + "check " + hexadecimal(hash64(text), 16) + "\n";
}

Result<BackupManifest> BackupManifest::parse(std::string_view text, const std::string& about) {
  auto rest = text;
  auto title = take_word(rest, '\n');
  if (take_word(title, ' ') != TITLE) return damaged(about);
  const auto format = number(title);
  if (!format) return damaged(about);
  if (*format != FORMAT) {
    return fail(ErrorCode::invalid,
                detail::concatenate("the backup has format ", *format, ", this program reads format ", FORMAT,
                                    "; use the version of Tidemark that made it"),
                about);
  }
  BackupManifest manifest;
  while (!rest.empty() && !rest.starts_with("check ")) {
    if (!apply(take_word(rest, '\n'), manifest)) return damaged(about);
  }
  const auto content = text.substr(0, text.size() - rest.size());
  if (rest != "check " + hexadecimal(hash64(content), 16) + "\n") return damaged(about);
  return manifest;
}

Result<BackupManifest> BackupManifest::read(const std::string& directory) {
  const std::string path = directory + "/" + BACKUP_MANIFEST;
  auto file = PosixFile::open_to_read(path);
  if (!file) return file.error();
  if (!*file)
    return fail(ErrorCode::not_found, "there is no backup here: " + BACKUP_MANIFEST + " is missing", directory);
  auto text = (*file)->read(BYTES_MAX);
  if (!text) return text.error();
  return parse(*text, path);
}

}  // namespace tidemark::storage
