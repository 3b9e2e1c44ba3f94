// The file `tidemark.backup` of a backup: what belongs to it, and how it must look. docs/formats/backup.md has the
// grammar.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/lsn.hpp"
#include "base/result.hpp"

namespace tidemark::storage {

constexpr std::string_view BACKUP_MANIFEST_NAME = "tidemark.backup";
inline const std::string BACKUP_MANIFEST{BACKUP_MANIFEST_NAME};

struct BackupFile {
  std::string name;
  std::uint64_t bytes = 0;
  std::uint32_t checksum = 0;  // CRC-32C
};

struct BackupManifest {
  Lsn lsn;           // every commit up to here is in it, and perhaps some more, whole
  std::string made;  // "2026-11-22T10:15:30.250Z"
  std::vector<BackupFile> files;

  std::uint64_t bytes() const;
  const BackupFile* find(std::string_view name) const;  // null: none
  std::string text() const;
  // `corrupt` for what text() does not write; `invalid` for a format of a later version.
  static Result<BackupManifest> parse(std::string_view text, const std::string& about);
  // Of the backup in a directory. `not_found` when there is none.
  static Result<BackupManifest> read(const std::string& directory);
};

}  // namespace tidemark::storage
