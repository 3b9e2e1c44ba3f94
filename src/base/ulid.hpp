// ULIDs: 128-bit ids that sort by their time, 26 characters of Crockford's base 32 (github.com/ulid/spec).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "tidemark/time.hpp"

namespace tidemark {

// A new id: 48 bits of milliseconds since 1970, 80 random bits.
std::string make_ulid(TimePoint now, Random& random);

// The same id for the same arguments: the time, then 80 bits of a hash of `source`, `scope` and `ordinal`.
// For events that a rerun must publish under the same id.
std::string derive_ulid(TimePoint time, std::string_view source, std::string_view scope, std::uint32_t ordinal);

// Whether the text is 26 characters of the alphabet and within 128 bits.
bool is_ulid(std::string_view text) noexcept;

// The time that an id was made at; it must be one.
TimePoint time_of_ulid(std::string_view ulid);

}  // namespace tidemark
