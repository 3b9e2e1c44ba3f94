// Inspection of a data directory's files, at rest: that each is as it was written, and that a recovery gives everything
// that was durable. What the keys and values say is the engine's business.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/lsn.hpp"
#include "base/result.hpp"
#include "storage/progress.hpp"

namespace tidemark::storage {

struct FileFinding {
  std::string file;  // its name in the directory, or empty for the directory
  std::string wrong;
};

struct FileInspection {
  std::vector<FileFinding> findings;
  std::vector<std::string> notes;  // what is as a crash leaves it, and does no harm
  Lsn recoverable;                 // what a start would give back
  bool was_clean = false;
  std::uint64_t files = 0, bytes = 0;  // that were read

  bool can_be_opened = false;  // false: a finding or a note says why
};

// Reads every file whole, and changes nothing. Errors: `not_found` (no directory, or none of ours), `in_use`, `invalid`
// (a backup).
Result<FileInspection> inspect_files(const std::string& directory, const OnProgress& progress = {});

// The first sorted file that is missing, has another size than it should, or can't be opened; reads little of each.
std::optional<FileFinding> find_unreadable_file(const std::string& directory);

}  // namespace tidemark::storage
