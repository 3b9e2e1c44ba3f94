#include "store/redis/library.hpp"

#include <gtest/gtest.h>

namespace tidemark::store {
namespace {

TEST(Library, IsNamedAfterItsCodeSoThatVersionsLiveSideBySide) {
  const Library one{"local x = 1\n"}, same{"local x = 1\n"}, other{"local x = 2\n"};
  EXPECT_EQ(one.name(), same.name());
  EXPECT_NE(one.name(), other.name());
  EXPECT_EQ(one.function("commit"), same.function("commit"));
  EXPECT_NE(one.function("commit"), other.function("commit"));
  EXPECT_TRUE(one.code().starts_with("#!lua name=" + one.name() + "\n"));
  EXPECT_TRUE(one.code().ends_with("local x = 1\n"));
}

TEST(Library, OfThisProgramHasItsFunctions) {
  for (const auto* const name : {"commit", "find", "query", "lease", "fetch", "claim", "forward"}) {
    EXPECT_NE(library().code().find("register('" + std::string{name} + "'"), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace tidemark::store
