// FullDisk: the machine's disk, which can be full, for tests. A storage stands on it by Options::env. While it is full
// there is room for logs and none for sorted files, as on a disk whose last megabytes a service may still write.
#pragma once
#include <memory>

namespace rocksdb {
class Env;
}

namespace tidemark::storage {

class FullDisk {
 public:
  FullDisk();
  ~FullDisk();  // after every storage on it
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

  rocksdb::Env& env() noexcept;  // for as long as the disk lives
  void fill();
  void make_room();

  // While it lives nobody hears that the disk is full: whoever does then waits for its end. So commits are not caught
  // between asking whether they may be made and being made.
  class Commits {
   public:
    explicit Commits(FullDisk& disk);
    ~Commits();
    Commits(const Commits&) = delete;
    Commits& operator=(const Commits&) = delete;

   private:
    FullDisk& disk_;
  };

 private:
  class Env;
  std::unique_ptr<Env> env_;
};

}  // namespace tidemark::storage
