#include "model/document.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "model/commit.hpp"

namespace tidemark::model {
namespace {

TEST(Version, reads_as_a_counter_and_a_nonce) {
  EXPECT_EQ((Version{12, 0x9f8e7d6c5b4a3921}.text()), "12-9f8e7d6c5b4a3921");
  EXPECT_EQ((Version{0, 1}.text()), "0-0000000000000001");
}

RC_GTEST_PROP(Version, survives_a_round_trip_as_text, (std::uint64_t counter, std::uint64_t nonce)) {
  const Version version{counter, nonce};
  RC_ASSERT(Version::parse(version.text()).value() == version);
}

TEST(Version, is_refused_in_any_other_form) {
  for (const auto* text :
       {"", "1", "1-", "-1", "1-1", "01-9f8e7d6c5b4a3921", "1-9F8E7D6C5B4A3921", "1-9f8e7d6c5b4a39211",
        "18446744073709551616-9f8e7d6c5b4a3921", "+1-9f8e7d6c5b4a3921", "1-9f8e7d6c5b4a392g"})
    EXPECT_FALSE(Version::parse(text)) << text;
}

TEST(Digest, tells_apart_ids_versions_and_their_order) {
  const Document a{"a", "{}", {1, 7}}, b{"b", "{}", {1, 7}}, a2{"a", "{}", {2, 7}}, a3{"a", "{}", {1, 8}};
  const Page page{{a, b}, ""};
  for (const auto& other : {Page{{b, a}, ""}, Page{{a}, ""}, Page{{a2, b}, ""}, Page{{a3, b}, ""}, Page{}})
    EXPECT_NE(digest_of(page), digest_of(other));
}

TEST(Digest, does_not_depend_on_json_or_on_what_follows_the_page) {
  EXPECT_EQ(digest_of({{{"a", "{}", {1, 7}}}, ""}), digest_of({{{"a", "{\"x\":1}", {1, 7}}}, "more"}));
}

}  // namespace
}  // namespace tidemark::model
