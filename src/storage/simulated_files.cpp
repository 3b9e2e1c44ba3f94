#include "storage/simulated_files.hpp"

#include <algorithm>
#include <utility>

namespace tidemark::storage {
namespace {

std::string_view directory_of(const std::string& path) {
  return std::string_view{path}.substr(0, std::min(path.rfind('/'), path.size()));
}

}  // namespace

void SimulatedFile::apply(const Change& change, std::string& to) {
  if (change.truncates) return to.resize(change.offset);
  if (to.size() < change.offset + change.bytes.size()) to.resize(change.offset + change.bytes.size());
  to.replace(change.offset, change.bytes.size(), change.bytes);
}

void SimulatedFile::write(std::uint64_t offset, std::string_view bytes) {
  unsynced_.push_back({offset, std::string{bytes}, false});
  apply(unsynced_.back(), bytes_);
}

void SimulatedFile::truncate(std::uint64_t size) {
  if (size == bytes_.size()) return;
  unsynced_.push_back({size, {}, true});
  apply(unsynced_.back(), bytes_);
}

void SimulatedFile::sync() {
  for (const auto& change : unsynced_) apply(change, durable_);
  unsynced_.clear();
}

std::string SimulatedFile::after_power_loss(Random& random) const {
  if (unsynced_.empty()) return durable_;
  const std::uint64_t sector = random.below(2) ? 512 : 4096;
  switch (random.below(4)) {
    case 0: return durable_;
    case 1: {
      auto all = durable_;
      for (const auto& change : unsynced_) apply(change, all);
      return all;
    }
    case 2: return some_sectors(random, sector);
    default: return up_to_some_sector(random, sector);
  }
}

std::string SimulatedFile::up_to_some_sector(Random& random, std::uint64_t sector) const {
  auto left = durable_;
  const auto torn = random.below(unsynced_.size());
  for (std::size_t i = 0; i < torn; ++i) apply(unsynced_[i], left);
  const auto& last = unsynced_[torn];
  const auto first_sector = last.offset / sector, sectors = (last.offset % sector + last.bytes.size()) / sector;
  const auto end = (first_sector + random.below(sectors + 1)) * sector;  // of what is left of the last write
  if (end > last.offset) apply({last.offset, last.bytes.substr(0, end - last.offset), false}, left);
  return left;
}

std::string SimulatedFile::some_sectors(Random& random, std::uint64_t sector) const {
  auto all = durable_, left = durable_;
  std::map<std::uint64_t, bool> kept;  // of the sectors that were written to
  for (const auto& change : unsynced_) {
    apply(change, all);
    if (change.bytes.empty()) continue;
    for (auto at = change.offset / sector; at * sector < change.offset + change.bytes.size(); ++at)
      kept.emplace(at, false);
  }
  for (auto& [at, keep] : kept) {
    keep = random.below(2) == 1 && at * sector < all.size();
    if (keep) apply({at * sector, all.substr(at * sector, sector), false}, left);
  }
  return left;
}

SimulatedFiles::File SimulatedFiles::find(const std::string& path) const {
  const auto name = names_.find(path);
  return name == names_.end() ? nullptr : name->second;
}

SimulatedFiles::File SimulatedFiles::make(const std::string& path) {
  auto file = std::make_shared<SimulatedFile>();
  take({{}, path, file});
  return file;
}

bool SimulatedFiles::remove(const std::string& path) {
  if (!names_.contains(path)) return false;
  take({path, {}, nullptr});
  return true;
}

bool SimulatedFiles::rename(const std::string& from, const std::string& to) {
  auto file = find(from);
  if (!file) return false;
  take({from, to, std::move(file)});
  return true;
}

void SimulatedFiles::take(Change change) {
  apply(change, names_);
  unsynced_.push_back(std::move(change));
}

void SimulatedFiles::apply(const Change& change, std::map<std::string, File>& to) {
  if (!change.removed.empty()) to.erase(change.removed);
  if (!change.made.empty()) to[change.made] = change.file;
}

void SimulatedFiles::sync_directory(const std::string& directory) {
  std::erase_if(unsynced_, [&](const Change& change) {
    if (directory_of(change.made.empty() ? change.removed : change.made) != directory) return false;
    apply(change, durable_names_);
    return true;
  });
}

void SimulatedFiles::forget_unsynced(const std::string& directory) {
  std::erase_if(unsynced_, [&](const Change& change) {
    return directory_of(change.made.empty() ? change.removed : change.made) == directory;
  });
}

SimulatedFiles SimulatedFiles::copy() const {
  std::map<File, File> copies;
  const auto copied = [&](const File& file) {
    if (!file) return File{};
    auto& copy = copies[file];
    if (!copy) copy = std::make_shared<SimulatedFile>(*file);
    return copy;
  };
  SimulatedFiles result;
  for (const auto& [path, file] : names_) result.names_[path] = copied(file);
  for (const auto& [path, file] : durable_names_) result.durable_names_[path] = copied(file);
  for (const auto& change : unsynced_) result.unsynced_.push_back({change.removed, change.made, copied(change.file)});
  return result;
}

SimulatedFiles SimulatedFiles::after_power_loss(Random& random) const {
  auto names = durable_names_;
  const auto kept = random.below(unsynced_.size() + 1);
  for (std::size_t i = 0; i < kept; ++i) apply(unsynced_[i], names);
  SimulatedFiles result;
  for (const auto& [path, file] : names) result.make(path)->write(0, file->after_power_loss(random));
  return result.all_durable();
}

SimulatedFiles SimulatedFiles::all_durable() const {
  auto result = copy();
  for (const auto& change : result.unsynced_) apply(change, result.durable_names_);
  result.unsynced_.clear();
  for (const auto& [path, file] : result.names_) file->sync();
  return result;
}

}  // namespace tidemark::storage
