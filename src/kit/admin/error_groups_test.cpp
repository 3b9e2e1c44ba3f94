#include "kit/admin/error_groups.hpp"

#include <gtest/gtest.h>

#include <random>

namespace tidemark::kit {
namespace {

TEST(ErrorGroups, LeaveOutWhatDiffersFromEventToEvent) {
  EXPECT_EQ(error_group("there is no product with the id '01J9Z'"), "there is no product with the id '…'");
  EXPECT_EQ(error_group("timeout after 5000 ms (host 10.0.0.7:80)"), "timeout after … ms (host …)");
  EXPECT_EQ(error_group("order 3f2504e0-4f89-11d3-9a0c-0305e82c3301 is lost"), "order … is lost");
  EXPECT_EQ(error_group("items[2].quantity: expected an integer, got \"x\""),
            "items[…].quantity: expected an integer, got \"…\"");
  EXPECT_EQ(error_group("took 1,250.75 s at 2026-01-31T12:00:00.000Z."), "took … s at ….");
  EXPECT_EQ(error_group("-5 is below 0"), "-… is below …");
}

TEST(ErrorGroups, KeepWhatSaysTheCause) {
  EXPECT_EQ(error_group("can't reach the provider; it doesn't answer"), "can't reach the provider; it doesn't answer");
  EXPECT_EQ(error_group("no such file: /etc/shop/prices"), "no such file: /etc/shop/prices");
  EXPECT_EQ(error_group("größer als erlaubt"), "größer als erlaubt");
  EXPECT_EQ(error_group("it said 'it can't be' and ended"), "it said '…' and ended");
  EXPECT_EQ(error_group("a ' alone"), "a ' alone");
  EXPECT_EQ(error_group("  one \n\t two  "), "one two");
  EXPECT_EQ(error_group(""), "");
}

TEST(ErrorGroups, AreOfBoundedLength) {
  const auto group = error_group(std::string(5000, 'x') + " 1");
  EXPECT_EQ(group, std::string(200, 'x') + "…");
  std::string wide;
  for (int i = 0; i < 300; ++i) wide += "ß";
  EXPECT_EQ(error_group(wide).size(), 200 * 2 + std::string_view{"…"}.size());
}

// The group of a group is itself, whatever the text: so one can ask for the letters of a group by what was shown.
TEST(ErrorGroups, StayWhatTheyAre) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random{seed};
  const std::string_view pieces[] = {"a", "7", "'", "\"", " ", "-", ".", "x1", "é", ":", "\n", "…", "can't", "/"};
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (auto n = std::uniform_int_distribution{0, 30}(random); n > 0; --n)
      text += pieces[std::uniform_int_distribution<std::size_t>{0, std::size(pieces) - 1}(random)];
    const auto group = error_group(text);
    EXPECT_EQ(error_group(group), group) << "of \"" << text << '"';
  }
}

}  // namespace
}  // namespace tidemark::kit
