// A data directory of the real engine as a kill leaves it, damaged in one place, and what becomes of it.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/test_directory.hpp"

namespace tidemark::corruption {

// What is done to one file.
struct Mutation {
  enum class Kind { flip, cut, remove };
  Kind kind = Kind::flip;
  std::string file;
  std::uint64_t offset = 0;  // of the byte that is flipped, or at which the file is cut
  int bit = 0;

  std::string text() const;  // "flip bit 3 of byte 1017 of 000012.sst": says how to repeat it
};

// What came of it. The first four are right.
enum class Outcome {
  whole,     // it opened, and everything is there
  refused,   // it did not open, and said which file is wrong and what can be done
  detected,  // it opened; a read said which file is wrong, and so does the process's health
  stopped,   // it opened; RocksDB met the damage by itself, and the process ended with such an error
  prefix,    // it opened without the last of what was durable
  wrong,     // it opened with something else, crashed, hung, or an error said too little
};

struct Verdict {
  Outcome outcome = Outcome::wrong;
  std::uint64_t commits = 0;    // that were there, where it opened
  bool found_by_check = false;  // whether an inspection at rest names the file
  std::string message;
};

class Original {
 public:
  static constexpr std::uint64_t COMMITS = 2000;

  // Builds it in a process of its own, which ends by SIGKILL once everything is durable.
  Original();

  const std::string& path() const { return directory_.path(); }
  std::vector<std::string> files() const;
  std::uint64_t size_of(const std::string& file) const;
  std::string the_log() const;  // the one with the last commits
  // The state file as a power loss leaves it that takes what was not synced: with the tidemark of the start.
  void forget_tidemark();

  // Tries it on a copy, in a process of its own.
  Verdict damage(const Mutation& mutation) const;

 private:
  void build() const;
  storage::TestDirectory directory_, keep_;
};

}  // namespace tidemark::corruption
