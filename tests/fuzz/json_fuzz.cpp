// The JSON readers of src/json against any bytes: what is taken reads back as the same when it is written again, and
// what is refused is refused with a sentence.
//
// The first byte of an input says which described type the rest is read as, and its upper half whether members that the
// type has not are refused.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "fuzz_target.hpp"
#include "json/extract.hpp"
#include "json/json.hpp"
#include "json/test_types.hpp"
#include "json/utf8.hpp"

namespace tidemark::json {
namespace {

// Small, so that inputs of some hundred bytes reach it.
constexpr std::size_t FUZZ_DEPTH_MAX = 8;

void check_failure(const Failure& failure) {
  TIDEMARK_ASSERT(failure.code == ErrorCode::malformed || failure.code == ErrorCode::invalid, failure.text());
  TIDEMARK_ASSERT(!failure.message.empty() && is_utf8(failure.text()), "a failure that can't be shown");
  TIDEMARK_ASSERT(failure.text().size() < 10'000, "a failure as long as what it is about");
}

template <class T>
bool check_as(std::string_view text, bool reject_unknown) {
  const auto value = from_json<T>(text, {.depth_max = FUZZ_DEPTH_MAX, .reject_unknown = reject_unknown});
  if (!value) {
    check_failure(value.error());
    return false;
  }
  const std::string written = json::to_json(*value).or_raise();
  const auto again = from_json<T>(written);
  TIDEMARK_ASSERT(again, "what was written can't be read: ", again.error().text());
  TIDEMARK_ASSERT(json::to_json(*again).or_raise() == written, "what was written reads back as something else");
  if constexpr (requires { *again == *value; }) TIDEMARK_ASSERT(*again == *value);
  return true;
}

bool check_type(std::string_view text, unsigned type, bool reject_unknown) {
  switch (type) {
    case 0: return check_as<test::Integers>(text, reject_unknown);
    case 1: return check_as<test::Scalars>(text, reject_unknown);
    case 2: return check_as<test::Order>(text, reject_unknown);
    case 3: return check_as<test::Tree>(text, reject_unknown);
    case 4: return check_as<test::NewProduct>(text, reject_unknown);
    case 5: return check_as<test::Wide>(text, reject_unknown);
    case 6: return check_as<test::Derived>(text, reject_unknown);
    default: return check_as<test::Empty>(text, reject_unknown);
  }
}

void check_extract(std::string_view text, bool is_json) {
  static const PathSet PATHS{{"id", "payment.type", "gift.price", "name"}};
  const auto found = extract(text, PATHS);
  if (!found) {
    check_failure(found.error());
  } else {
    TIDEMARK_ASSERT(found->size() == PATHS.size());
  }
  TIDEMARK_ASSERT(found || !is_json || !text.starts_with('{'), "no values from JSON: ", found.error().text());
}

}  // namespace
}  // namespace tidemark::json

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
  const auto valid = tidemark::json::validate(text, tidemark::json::FUZZ_DEPTH_MAX);
  if (!valid) tidemark::json::check_failure(valid.error());
  const bool taken = tidemark::json::check_type(text, data[0] % 8, data[0] >= 128);
  TIDEMARK_ASSERT(valid || !taken, "taken, but no JSON: ", valid.error().text());
  tidemark::json::check_extract(text, valid.has_value());
  return 0;
}
