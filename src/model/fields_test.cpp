#include "model/fields.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "model/varint.hpp"

namespace tidemark::model {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs pairs_of(const Fields& fields) {
  Pairs pairs;
  for (const auto [name, value] : fields) pairs.emplace_back(name, value);
  return pairs;
}

Fields fields_of(const Pairs& pairs) {
  Fields fields;
  for (const auto& [name, value] : pairs) fields.add(name, value);
  return fields;
}

RC_GTEST_PROP(Fields, give_back_any_pairs_in_their_order, (const Pairs& pairs)) {
  const auto fields = fields_of(pairs);
  RC_ASSERT(pairs_of(fields) == pairs);
  RC_ASSERT(fields.count() == pairs.size());
  RC_ASSERT(Fields::from_bytes(fields.bytes()).value() == fields);
}

TEST(Fields, find_gives_the_first_of_a_repeated_name) {
  const auto fields = fields_of({{"a", "1"}, {"b", ""}, {"a", "2"}});
  EXPECT_EQ(fields.find("a"), "1");
  EXPECT_EQ(fields.find("b"), "");
  EXPECT_EQ(fields.find("c"), std::nullopt);
}

// Every whole prefix of pairs is valid; anything between two of them is not.
RC_GTEST_PROP(Fields, refuse_bytes_that_end_inside_a_pair, (const std::string& name, const std::string& value)) {
  const auto bytes = fields_of({{name, value}}).bytes();
  for (std::size_t size = 1; size < bytes.size(); ++size) RC_ASSERT(!Fields::from_bytes(bytes.substr(0, size)));
}

RC_GTEST_PROP(Fields, accept_or_refuse_any_bytes_without_harm, (const std::string& bytes)) {
  if (const auto fields = Fields::from_bytes(bytes)) RC_ASSERT(fields->count() == pairs_of(*fields).size());
}

RC_GTEST_PROP(Varint, survives_a_round_trip, (std::uint64_t value)) {
  for (const auto number : {value, UINT64_MAX - value, value >> 32, value >> 57}) {
    std::string bytes;
    append_varint(bytes, number);
    std::string_view rest{bytes};
    RC_ASSERT(take_varint(rest) == number);
    RC_ASSERT(rest.empty());
  }
}

TEST(Varint, refuses_more_than_64_bits_and_cut_numbers) {
  std::string_view too_large{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"};
  std::string_view endless{"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"};
  std::string_view cut{"\x80"};
  EXPECT_EQ(take_varint(too_large), std::nullopt);
  EXPECT_EQ(take_varint(endless), std::nullopt);
  EXPECT_EQ(take_varint(cut), std::nullopt);
}

}  // namespace
}  // namespace tidemark::model
