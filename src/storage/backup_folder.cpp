#include "storage/backup_folder.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <system_error>

#include "storage/posix_file.hpp"

namespace tidemark::storage {
namespace {

std::string text_of(TimePoint time, const char* format) {
  const auto ms = time.time_since_epoch().count();
  const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char buffer[32];
  const auto size = std::strftime(buffer, sizeof buffer, format, &parts);
  const std::string fraction = std::to_string(1000 + ms % 1000).substr(1);
  return std::string{buffer, size} + "." + fraction + "Z";
}

// "20261122T101530.250Z", and nothing else: only what we have named is ever removed.
bool is_backup_name(std::string_view name) {
  constexpr std::string_view SHAPE = "00000000T000000.000Z";
  return std::ranges::equal(name, SHAPE,
                            [](char c, char shape) { return shape == '0' ? c >= '0' && c <= '9' : c == shape; });
}

TimePoint time_of(const std::string& backup_name) {
  std::tm parts{};
  const char* const fraction = ::strptime(backup_name.c_str(), "%Y%m%dT%H%M%S.", &parts);
  const auto ms = std::chrono::milliseconds{fraction ? std::strtol(fraction, nullptr, 10) : 0};
  return TimePoint{std::chrono::seconds{::timegm(&parts)} + ms};
}

Result<void> remove(const std::string& path) {
  // Its list goes first: a backup of which only a part is left is none.
  std::error_code error;
  std::filesystem::remove(path + "/tidemark.backup", error);
  if (!error) std::filesystem::remove_all(path, error);
  if (error) return system_failure(error.value(), "removing it", path);
  return {};
}

Result<std::vector<std::string>> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  if (!std::filesystem::exists(folder, error)) return names;
  for (std::filesystem::directory_iterator at{folder, error}, end; !error && at != end; at.increment(error))
    names.push_back(at->path().filename().string());
  if (error) return system_failure(error.value(), "listing it", folder);
  std::ranges::sort(names);
  return names;
}

}  // namespace

std::string time_in_name(TimePoint time) { return text_of(time, "%Y%m%dT%H%M%S"); }
std::string time_for_people(TimePoint time) { return text_of(time, "%Y-%m-%dT%H:%M:%S"); }

Result<std::vector<std::string>> names_of_backups(const std::string& folder) {
  auto names = names_in(folder);
  if (!names) return names;
  std::erase_if(*names, [&](const auto& name) {
    return !is_backup_name(name) || !std::filesystem::exists(folder + "/" + name + "/tidemark.backup");
  });
  return names;
}

Result<TimePoint> time_of_next_backup(const std::string& folder, TimePoint now) {
  const auto names = names_of_backups(folder);
  if (!names) return names.error();
  if (names->empty() || names->back() < time_in_name(now)) return now;
  return time_of(names->back()) + std::chrono::milliseconds{1};
}

Result<std::vector<std::string>> prune_backups(const std::string& folder, std::uint32_t keep) {
  const auto all = names_in(folder);
  if (!all) return all.error();
  for (const auto& name : *all) {
    const bool partial = name.ends_with(PARTIAL_SUFFIX) &&
                         is_backup_name(std::string_view{name}.substr(0, name.size() - PARTIAL_SUFFIX.size()));
    if (partial) TIDEMARK_TRY(remove(folder + "/" + name));
  }
  auto backups = names_of_backups(folder);
  if (!backups) return backups;
  if (keep == 0 || backups->size() <= keep) return std::vector<std::string>{};
  backups->resize(backups->size() - keep);
  for (const auto& name : *backups) TIDEMARK_TRY(remove(folder + "/" + name));
  TIDEMARK_TRY(sync_directory(folder));
  return backups;
}

}  // namespace tidemark::storage
