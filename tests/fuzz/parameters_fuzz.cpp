// What clients may put into a URL or a header that is more than a word: percent-encoding, query strings, ids, times,
// positions of event streams, entity tags, Accept-Encoding. It is taken or refused with a sentence, and what is taken
// and written reads back as the same.
//
// The first byte of an input is passed over.
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "base/stream_id.hpp"
#include "fuzz_target.hpp"
#include "http/compression.hpp"
#include "http/conditional.hpp"
#include "http/header_values.hpp"
#include "http/percent.hpp"
#include "json/scalar.hpp"
#include "json/utf8.hpp"
#include "kit/dispatch/dead_letters.hpp"
#include "kit/endpoint/event_stream.hpp"
#include "tidemark/error.hpp"

namespace tidemark {
namespace {

void check_percent(std::string_view text) {
  const auto plain = http::percent_decode(text);
  if (!plain) {
    TIDEMARK_ASSERT(plain.error().code == ErrorCode::malformed && !plain.error().message.empty());
    return;
  }
  TIDEMARK_ASSERT(plain->size() <= text.size());
  TIDEMARK_ASSERT(text.find('%') != text.npos || *plain == text);
}

void check_query(std::string_view text) {
  Request request;
  request.raw_query = text;
  try {
    const auto limit = request.query("limit");
    TIDEMARK_ASSERT(!limit || request.query("limit") == limit);
    TIDEMARK_ASSERT(!request.query("a name that is not there, with a & in it"));
  } catch (const Malformed&) {  // a % without its digits
  }
}

void check_ids(std::string_view text) {
  if (const auto id = StreamId::parse(text)) TIDEMARK_ASSERT(StreamId::parse(id->text()).value() == *id);
  if (const auto id = kit::LetterId::parse(text)) TIDEMARK_ASSERT(kit::LetterId::parse(id->text()).value() == *id);
  std::vector<store::Position> positions{{"orders", StreamId::min()}, {"stock", StreamId::min()}};
  if (!kit::apply_position(text, positions)) return;
  std::vector<store::Position> again{{"orders", StreamId::max()}, {"stock", StreamId::max()}};
  kit::apply_position(kit::position_text(positions), again).or_raise();
  for (std::size_t i = 0; i < again.size(); ++i) TIDEMARK_ASSERT(again[i].after == positions[i].after);
}

void check_scalars(std::string_view text) {
  json::ScalarBuffer buffer;
  if (const auto time = json::parse_time(text)) {
    const auto written = json::format(*time, buffer);
    TIDEMARK_ASSERT(written.empty() || json::parse_time(written) == *time, "a time reads back as another");
  }
  TIDEMARK_ASSERT(json::is_utf8(json::shown(text)) || !json::is_utf8(text));
}

void check_headers(std::string_view text) {
  constexpr std::string_view ETAG = "\"17-ab\"";
  const bool strong = http::any_etag_matches_strongly(text, ETAG);
  TIDEMARK_ASSERT(!strong || http::any_etag_matches(text, ETAG), "it matches strongly, but not weakly");
  http::accepts_gzip(text);
  http::is_compressible(text);
  for (const auto element : http::list_elements(text)) TIDEMARK_ASSERT(!element.empty());
}

}  // namespace
}  // namespace tidemark

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
  tidemark::check_percent(text);
  tidemark::check_query(text);
  tidemark::check_ids(text);
  tidemark::check_scalars(text);
  tidemark::check_headers(text);
  return 0;
}
