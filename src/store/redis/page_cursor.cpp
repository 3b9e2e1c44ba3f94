#include "store/redis/page_cursor.hpp"

#include "base/base64url.hpp"
#include "base/hash.hpp"

namespace tidemark::store {
namespace {

// check:u32 order:u64 position, big-endian. The check tells cursors from typing errors.
constexpr std::size_t CHECK_BYTES = 4, ORDER_BYTES = 8;
// The longest entry is an escaped string of 1 KiB and an id: 2,048 + 2 + 512 bytes, or 3,432 characters with the head.
constexpr std::size_t TEXT_BYTES_MAX = 4096;

void append_big_endian(std::string& out, std::uint64_t number, std::size_t bytes) {
  for (std::size_t i = bytes; i-- > 0;) out.push_back(static_cast<char>(number >> (8 * i)));
}

std::uint64_t read_big_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

std::uint64_t check_of(std::string_view bytes) { return hash64(bytes) & 0xffff'ffff; }

}  // namespace

std::string PageCursor::text() const {
  std::string body;
  append_big_endian(body, order, ORDER_BYTES);
  body.append(position);
  std::string bytes;
  append_big_endian(bytes, check_of(body), CHECK_BYTES);
  return to_base64url(bytes.append(body));
}

Result<PageCursor> PageCursor::parse(std::string_view text) {
  const auto bytes = text.size() <= TEXT_BYTES_MAX ? from_base64url(text) : std::string{};
  const std::string_view all{bytes};
  if (all.size() < CHECK_BYTES + ORDER_BYTES ||
      read_big_endian(all.substr(0, CHECK_BYTES)) != check_of(all.substr(CHECK_BYTES))) {
    return fail(ErrorCode::invalid, "is not a cursor; send back `next` of the page before, as it was", "after");
  }
  return PageCursor{.order = read_big_endian(all.substr(CHECK_BYTES, ORDER_BYTES)),
                    .position = std::string{all.substr(CHECK_BYTES + ORDER_BYTES)}};
}

}  // namespace tidemark::store
