// Disk: holds the files of the store of one simulated world, and loses what is not on it when the power fails.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/store.hpp"

namespace tidemark::simulation {

class Disk {
 public:
  Disk();
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  // The store on this disk, one at a time. What it does is durable at once as far as it can tell; it is when sync()
  // says so.
  Result<std::shared_ptr<store::Store>> open(Clock& clock);
  // All that was written is on disk now.
  void sync();
  // The power fails: what the store that is open does from now on comes to nothing. Of what was written to a log since
  // the last sync, as many bytes are left as `left` says of so many. Close the store afterwards.
  void cut_power(const std::function<std::uintmax_t(std::uintmax_t unsynced)>& left);

 private:
  struct Folder {
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::filesystem::path path;
  };

  std::map<std::string, std::uintmax_t> lengths() const;

  std::unique_ptr<Folder> folder_ = std::make_unique<Folder>();
  std::unique_ptr<Folder> kept_;                   // the files of the last sync, by other names
  std::unique_ptr<Folder> lost_;                   // where a store that has no power writes
  std::map<std::string, std::uintmax_t> lengths_;  // of the files, when they were synced: all are appended to,
  std::string state_;                              // but for this one, which is overwritten
};

}  // namespace tidemark::simulation
