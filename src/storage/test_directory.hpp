// TestDirectory: a directory for one test, removed with it.
#pragma once
#include <stdlib.h>

#include <filesystem>
#include <set>
#include <string>
#include <system_error>

#include "base/assert.hpp"

namespace tidemark::storage {

class TestDirectory {
 public:
  TestDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tidemark-test-XXXXXX").string();
    TIDEMARK_ASSERT(::mkdtemp(pattern.data()) != nullptr, "no temporary directory in ", pattern);
    path_ = pattern;
  }
  ~TestDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;

  const std::string& path() const noexcept { return path_; }

  // Makes this one hold the files of another, whose storage may still run: what a crash at this moment would leave.
  // RocksDB makes and deletes files in the background; a copy that it came between is none, and is made again.
  void become_copy_of(const TestDirectory& other) const {
    for (;;) {
      const auto before = other.files();
      for (const auto& name : files()) std::filesystem::remove(path_ + "/" + name);
      // The tidemark noted in the state file holds for logs that are copied after it, not for those copied before.
      bool whole = before.count(STATE) == 0 || copy_file(other, STATE);
      for (const auto& name : before) whole = whole && (name == STATE || copy_file(other, name));
      if (whole && other.files() == before) return;
    }
  }

 private:
  static constexpr const char* STATE = "tidemark.state";

  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator{path_}) names.insert(file.path().filename().string());
    return names;
  }
  // False when it is no longer there.
  bool copy_file(const TestDirectory& from, const std::string& name) const {
    std::error_code error;
    std::filesystem::copy_file(from.path_ + "/" + name, path_ + "/" + name, error);
    TIDEMARK_ASSERT(!error || error == std::errc::no_such_file_or_directory, error.message());
    return !error;
  }

  std::string path_;
};

}  // namespace tidemark::storage
