#include "engine/page_cursor.hpp"

#include "base/base64url.hpp"
#include "base/hash.hpp"
#include "engine/keyspace.hpp"

namespace tidemark::engine {
namespace {

// check:u32 collection:u32 index:u32 descending:u8 position. The check tells cursors from typing errors.
constexpr std::size_t CHECK_BYTES = 4;
constexpr std::size_t HEAD_BYTES = CHECK_BYTES + 4 + 4 + 1;
// The longest entry is an escaped string of 1 KiB and an id: 2,048 + 2 + 512 bytes, or 3,433 characters with the head.
constexpr std::size_t TEXT_BYTES_MAX = 4096;

std::uint32_t check_of(std::string_view bytes) { return static_cast<std::uint32_t>(hash64(bytes)); }

}  // namespace

std::string PageCursor::text() const {
  std::string body;
  append_big_endian(body, collection, 4);
  append_big_endian(body, index, 4);
  body.push_back(descending ? 1 : 0);
  body.append(position);
  std::string bytes;
  append_big_endian(bytes, check_of(body), CHECK_BYTES);
  return to_base64url(bytes.append(body));
}

Result<PageCursor> PageCursor::parse(std::string_view text) {
  const auto bytes = text.size() <= TEXT_BYTES_MAX ? from_base64url(text) : std::string{};
  if (bytes.size() < HEAD_BYTES ||
      read_big_endian(bytes, 0, CHECK_BYTES) != check_of(std::string_view{bytes}.substr(CHECK_BYTES))) {
    return fail(ErrorCode::invalid, "is not a cursor; send back `next` of the page before, as it was", "after");
  }
  return PageCursor{.collection = static_cast<std::uint32_t>(read_big_endian(bytes, CHECK_BYTES, 4)),
                    .index = static_cast<std::uint32_t>(read_big_endian(bytes, CHECK_BYTES + 4, 4)),
                    .descending = bytes[HEAD_BYTES - 1] != 0,
                    .position = bytes.substr(HEAD_BYTES)};
}

}  // namespace tidemark::engine
