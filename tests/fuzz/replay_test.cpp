// Every input of a corpus, with every way that its first byte can split it: what fuzzing found once stays mended.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "fuzz_target.hpp"

namespace tidemark {
namespace {

TEST(Corpus, is_taken_without_a_fault) {
  int inputs = 0;
  for (const auto& file : std::filesystem::directory_iterator{TIDEMARK_CORPUS}) {
    SCOPED_TRACE(file.path());
    std::ifstream in{file.path(), std::ios::binary};
    std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    if (bytes.empty()) continue;
    for (int split = 0; split < 256; ++split) {
      bytes[0] = static_cast<char>(split);
      EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), 0);
    }
    ++inputs;
  }
  EXPECT_GT(inputs, 0) << "no corpus in " << TIDEMARK_CORPUS;
}

}  // namespace
}  // namespace tidemark
