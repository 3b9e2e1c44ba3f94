// TestDirectory: a directory for one test, removed with it.
#pragma once
#include <stdlib.h>

#include <filesystem>
#include <string>

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
  void become_copy_of(const TestDirectory& other) const {
    for (const auto& file : std::filesystem::directory_iterator{other.path()}) {
      std::filesystem::copy_file(file.path(), path_ + "/" + file.path().filename().string(),
                                 std::filesystem::copy_options::overwrite_existing);
    }
  }

 private:
  std::string path_;
};

}  // namespace tidemark::storage
