#include "base/ulid.hpp"

#include <array>

#include "base/assert.hpp"
#include "base/hash.hpp"

namespace tidemark {
namespace {

__extension__ using Uint128 = unsigned __int128;  // not ISO C++, but on every compiler that we build with

constexpr std::string_view ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

std::string encode(std::uint64_t ms, std::uint16_t high, std::uint64_t low) {
  // 130 bits in 26 digits of 5: two zero bits, 48 of time, 80 of randomness.
  std::string text(26, '0');
  for (int i = 9; i >= 0; --i, ms >>= 5) text[i] = ALPHABET[ms & 31];
  auto rest = static_cast<Uint128>(high) << 64 | low;
  for (int i = 25; i >= 10; --i, rest >>= 5) text[i] = ALPHABET[static_cast<unsigned>(rest & 31)];
  return text;
}

std::uint64_t milliseconds(TimePoint time) {
  return static_cast<std::uint64_t>(time.time_since_epoch().count()) & ((std::uint64_t{1} << 48) - 1);
}

}  // namespace

std::string make_ulid(TimePoint now, Random& random) {
  const auto high = static_cast<std::uint16_t>(random.next());
  return encode(milliseconds(now), high, random.next());
}

std::string derive_ulid(TimePoint time, std::string_view source, std::string_view scope, std::uint32_t ordinal) {
  std::uint64_t low = hash64(source, 0x7469'6465'6d61'726bULL + ordinal);
  low = hash64(scope, low);
  return encode(milliseconds(time), static_cast<std::uint16_t>(hash64(source, ~low)), low);
}

bool is_ulid(std::string_view text) noexcept {
  return text.size() == 26 && text[0] <= '7' && text.find_first_not_of(ALPHABET) == text.npos;
}

TimePoint time_of_ulid(std::string_view ulid) {
  TIDEMARK_ASSERT(is_ulid(ulid), "'", ulid, "' is no ULID");
  std::uint64_t ms = 0;
  for (const char digit : ulid.substr(0, 10)) ms = ms << 5 | ALPHABET.find(digit);
  return TimePoint{std::chrono::milliseconds{static_cast<std::int64_t>(ms)}};
}

}  // namespace tidemark
