#include "base/stream_id.hpp"

#include <charconv>

namespace tidemark {
namespace {

bool read_u64(std::string_view text, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

StreamId StreamId::next() const {
  TIDEMARK_ASSERT(*this != max(), "there is no stream id after the greatest one");
  return seq == UINT64_MAX ? StreamId{ms + 1, 0} : StreamId{ms, seq + 1};
}

StreamId StreamId::previous() const {
  TIDEMARK_ASSERT(*this != min(), "there is no stream id before the lowest one");
  return seq == 0 ? StreamId{ms - 1, UINT64_MAX} : StreamId{ms, seq - 1};
}

std::string StreamId::text() const {
  constexpr std::size_t NUMBER = 20;  // digits of a number below 2^64
  char buffer[NUMBER + 1 + NUMBER];
  auto* end = std::to_chars(buffer, buffer + NUMBER, ms).ptr;
  *end++ = '-';
  end = std::to_chars(end, buffer + sizeof buffer, seq).ptr;
  return {buffer, end};
}

Result<StreamId> StreamId::parse(std::string_view text, std::uint64_t missing_seq) {
  StreamId id{0, missing_seq};
  const auto dash = text.find('-');
  const bool ok =
      read_u64(text.substr(0, dash), id.ms) && (dash == text.npos || read_u64(text.substr(dash + 1), id.seq));
  if (!ok)
    return fail(ErrorCode::malformed, "is not a stream id; write it as <milliseconds>-<sequence>", std::string{text});
  return id;
}

}  // namespace tidemark
