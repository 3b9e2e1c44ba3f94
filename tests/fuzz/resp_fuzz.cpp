// The readers of src/resp against any bytes: they must not fall over, must make the same of them however they are
// split, and must read back what they read when it is written again.
//
// The first byte of an input says how the rest is split: 0 not at all, n into pieces of n bytes.
#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.hpp"
#include "fuzz_target.hpp"
#include "resp/test_reading.hpp"
#include "resp/writer.hpp"

namespace tidemark::resp {
namespace {

// Small, so that inputs of some hundred bytes reach them.
constexpr Limits LIMITS{
    .depth_max = 6, .elements_max = 200, .bulk_bytes_max = 500, .value_bytes_max = 1000, .line_bytes_max = 100};

std::vector<std::string_view> pieces_of(std::string_view bytes, std::size_t size) {
  std::vector<std::string_view> pieces;
  for (; size > 0 && bytes.size() > size; bytes.remove_prefix(size)) pieces.push_back(bytes.substr(0, size));
  pieces.push_back(bytes);
  return pieces;
}

// The values as they are written: NaNs, which are equal to nothing, are equal there.
std::string written(const std::vector<Value>& values, Protocol protocol) {
  std::string bytes;
  Writer writer{bytes, protocol};
  for (const Value& value : values) writer.value(value);
  return bytes;
}

// A line can't hold every byte that a string of a given length can: such errors are written with blanks instead.
void check_values(std::string_view bytes, std::size_t piece) {
  const test::Values whole = test::read_values({bytes}, LIMITS);
  const test::Values split = test::read_values(pieces_of(bytes, piece), LIMITS);
  const std::string text = written(whole.values, Protocol::resp3);
  TIDEMARK_ASSERT(written(split.values, Protocol::resp3) == text, "a split changes the values");
  TIDEMARK_ASSERT(split.failure == whole.failure, split.failure, " instead of ", whole.failure);
  TIDEMARK_ASSERT(split.is_whole == whole.is_whole);

  const test::Values again = test::read_values({text});
  TIDEMARK_ASSERT(again.failure.empty() && again.is_whole, "what was written can't be read: ", again.failure);
  TIDEMARK_ASSERT(written(again.values, Protocol::resp3) == text, "what was written reads back as something else");
  const test::Values in_resp2 = test::read_values({written(whole.values, Protocol::resp2)});
  TIDEMARK_ASSERT(in_resp2.failure.empty(), "what was written for RESP2 can't be read: ", in_resp2.failure);
  TIDEMARK_ASSERT(in_resp2.values.size() == whole.values.size());
}

void check_requests(std::string_view bytes, std::size_t piece) {
  const test::Requests whole = test::read_requests({bytes}, LIMITS);
  TIDEMARK_ASSERT(test::read_requests(pieces_of(bytes, piece), LIMITS) == whole, "a split changes the requests");
  std::string text;
  for (const auto& request : whole.requests) {
    TIDEMARK_ASSERT(!request.empty());
    const std::vector<std::string_view> arguments{request.begin(), request.end()};
    write_request(text, arguments);
  }
  TIDEMARK_ASSERT(test::read_requests({text}).requests == whole.requests, "a request reads back as another");
}

}  // namespace
}  // namespace tidemark::resp

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  tidemark::resp::check_values(bytes, data[0]);
  tidemark::resp::check_requests(bytes, data[0]);
  return 0;
}
