// What was written reads back to the same value.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "json/json.hpp"
#include "json/scalar.hpp"
#include "json/test_generators.hpp"

namespace tidemark::json::test {
namespace {

template <class T>
T through_json(const T& value) {
  const auto text = json::to_json(value);
  RC_ASSERT(text.has_value());
  RC_ASSERT(validate(*text).has_value());
  auto copy = json::from_json<T>(*text, {.reject_unknown = true});
  if (!copy) RC_FAIL(copy.error().text() + " in " + *text);
  return *std::move(copy);
}

RC_GTEST_PROP(RoundTrip, KeepsIntegers, ()) {
  const auto value = any_integers();
  RC_ASSERT(through_json(value) == value);
}

RC_GTEST_PROP(RoundTrip, KeepsScalars, ()) {
  const auto value = any_scalars();
  RC_ASSERT(through_json(value) == value);
}

RC_GTEST_PROP(RoundTrip, KeepsEveryBitOfDoubles, ()) {
  const double value = any_double();
  RC_ASSERT(std::bit_cast<std::uint64_t>(through_json(value)) == std::bit_cast<std::uint64_t>(value));
}

RC_GTEST_PROP(RoundTrip, KeepsNestedValues, ()) {
  const auto value = any_order();
  RC_ASSERT(through_json(value) == value);
}

RC_GTEST_PROP(RoundTrip, KeepsTimes, ()) {
  const auto time = any_time();
  ScalarBuffer buffer;
  const auto text = format(time, buffer);
  RC_ASSERT(text.size() == 24U);
  RC_ASSERT(parse_time(text) == time);
}

RC_GTEST_PROP(RoundTrip, WritesJsonForAnyBytes, (const std::string& bytes)) {
  const auto copy = through_json(bytes);
  RC_ASSERT(is_utf8(copy));
  if (is_utf8(bytes)) RC_ASSERT(copy == bytes);
}

TEST(RoundTrip, KeepsRecursiveTypes) {
  const Tree tree{"a", {{"b", {}}, {"c", {{"d", {}}}}}};
  EXPECT_EQ(*json::from_json<Tree>(*json::to_json(tree)), tree);
}

}  // namespace
}  // namespace tidemark::json::test
