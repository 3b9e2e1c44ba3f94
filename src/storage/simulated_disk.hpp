// SimulatedDisk: a file system in memory that loses what a disk may lose, for tests. A storage stands on it by
// Options::env, any path being its directory, and cannot tell it from the machine's.
//
//   SimulatedDisk disk;
//   disk.cut_power_after(100);
//   { auto storage = Storage::open({.path = "/data", .env = &disk.env()}); … }
//   const auto left = disk.after_power_loss(random);
//   auto storage = Storage::open({.path = "/data", .env = &left->env()});
//
// What it models. Bytes that were written and not synced are, file by file and whatever becomes of the other files,
// gone, there, there up to some sector of 512 or 4,096 bytes, or there in some of these sectors and not in others. A
// sector is written whole or not at all. A name that was made, changed or removed is so for certain once its directory
// was synced; until then such changes are undone from the last one backwards, as on file systems that keep a journal
// (RocksDB relies on that order). A sync that fails takes with it what it was to make durable: the next one succeeds
// and knows nothing of it, as on Linux. Directories themselves are durable at once.
//
// Every call may be made from any thread.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/random.hpp"

namespace rocksdb {
class Env;
}

namespace tidemark::storage {

class SimulatedDisk {
 public:
  enum class Operation { write, sync, rename, sync_directory };
  enum class Fault {
    io_error,  // EIO
    no_space,  // ENOSPC
    lost,      // it says that it was done, and was not: what no disk should do, to see that tests notice
  };

  SimulatedDisk();
  ~SimulatedDisk();  // after every storage on it
  SimulatedDisk(const SimulatedDisk&) = delete;
  SimulatedDisk& operator=(const SimulatedDisk&) = delete;

  rocksdb::Env& env() noexcept;  // for as long as the disk lives

  // From here on nothing reaches the disk any more. The storage on it may go on: it reads what it writes and hears that
  // everything was done, so that its process can be ended in good order; what it says then about durability is void.
  void cut_power();
  // The same in the middle of the n-th change from now on (a write, a sync, a name made, changed or removed).
  // `at_cut` is called then, once, on the thread that made the change; it must not use the disk.
  void cut_power_after(std::uint64_t changes, std::function<void()> at_cut = {});
  bool has_power() const;
  std::uint64_t changes() const;  // so many were made

  // What is on the disk when the power is back: one of the things that may be, by `random`. Without a cut before, as if
  // the power failed now.
  std::unique_ptr<SimulatedDisk> after_power_loss(Random& random) const;
  // What kill -9 leaves: all that was written, up to the power cut.
  std::unique_ptr<SimulatedDisk> after_kill() const;
  // Writes all files to a folder of the machine that is there.
  void copy_to(const std::string& folder) const;

  // Of the operations of this kind on files whose path contains `path_part`, the `nth` from now on, counted from 1, and
  // `times` - 1 after it, fail so.
  void fail(Operation operation, std::uint64_t nth, Fault fault, const std::string& path_part = {},
            std::uint64_t times = 1);

 private:
  class Files;
  class FileSystem;
  explicit SimulatedDisk(std::shared_ptr<Files> files);
  std::shared_ptr<Files> files_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace tidemark::storage
