// SimulatedFiles: names and bytes as a disk keeps them: what is durable, and what was done since to it, in order.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"

namespace tidemark::storage {

// The bytes of one file, whatever its name.
class SimulatedFile {
 public:
  const std::string& bytes() const noexcept { return bytes_; }  // as the process sees them
  void write(std::uint64_t offset, std::string_view bytes);
  void truncate(std::uint64_t size);
  void sync();
  // As a failed sync leaves it: seen by the process, never to be durable.
  void forget_unsynced() { unsynced_.clear(); }

  // What a power loss may leave.
  std::string after_power_loss(Random& random) const;

 private:
  struct Change {
    std::uint64_t offset = 0;
    std::string bytes;
    bool truncates = false;  // to `offset`
  };
  static void apply(const Change& change, std::string& to);
  std::string up_to_some_sector(Random& random, std::uint64_t sector) const;
  std::string some_sectors(Random& random, std::uint64_t sector) const;

  std::string bytes_, durable_;
  std::vector<Change> unsynced_;
};

// All files, by their paths.
class SimulatedFiles {
 public:
  using File = std::shared_ptr<SimulatedFile>;

  File find(const std::string& path) const;  // null: there is none
  const std::map<std::string, File>& names() const noexcept { return names_; }
  // An empty file of that name, whatever had the name before.
  File make(const std::string& path);
  bool remove(const std::string& path);                         // false: there is none
  bool rename(const std::string& from, const std::string& to);  // false: there is none
  void sync_directory(const std::string& directory);
  // As a failed sync of the directory leaves it.
  void forget_unsynced(const std::string& directory);

  SimulatedFiles copy() const;  // with files of its own
  // Only durable files of durable names.
  SimulatedFiles after_power_loss(Random& random) const;
  SimulatedFiles all_durable() const;

 private:
  // The name `removed` goes, the name `made` is this file's, in one step; either may be empty.
  struct Change {
    std::string removed, made;
    File file;
  };
  void take(Change change);
  static void apply(const Change& change, std::map<std::string, File>& to);

  std::map<std::string, File> names_, durable_names_;
  std::vector<Change> unsynced_;
};

}  // namespace tidemark::storage
