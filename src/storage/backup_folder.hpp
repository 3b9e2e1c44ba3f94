// The folder that backups are kept in: their names, and which of them stay.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "tidemark/time.hpp"

namespace tidemark::storage {

constexpr std::string_view PARTIAL_SUFFIX = ".partial";  // behind the name of a backup that is being made

// "20261122T101530.250Z" in a path, "2026-11-22T10:15:30.250Z" for people. UTC.
std::string time_in_name(TimePoint time);
std::string time_for_people(TimePoint time);

// Names of the backups in a folder, the oldest first; of whole ones only. Empty where there is no folder.
Result<std::vector<std::string>> names_of_backups(const std::string& folder);
// When a backup that is made now was made, as far as its name goes: later than all that are there, also when the clock
// was set back.
Result<TimePoint> time_of_next_backup(const std::string& folder, TimePoint now);
// Removes what an interrupted backup left, and all but the newest `keep` backups (0: all stay). Returns their names.
Result<std::vector<std::string>> prune_backups(const std::string& folder, std::uint32_t keep);

}  // namespace tidemark::storage
