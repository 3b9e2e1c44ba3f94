#include "resp/request_reader.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "resp/number.hpp"
#include "resp/shown.hpp"

namespace tidemark::resp {
namespace {

constexpr std::size_t LENGTH_LINE_MAX = 32;      // "*1048576\r\n" and the like: a type, up to 20 digits, CR LF
constexpr std::size_t KEPT_AT_MOST = 64 * 1024;  // a buffer that grew beyond this is given back once it is empty
constexpr std::size_t ARGUMENTS_KEPT = 1024;     // the same for the list of arguments
constexpr std::size_t LINE_END = 2;

bool is_blank(char byte) noexcept { return byte == ' ' || byte == '\t'; }

std::optional<int> hex_digit(char byte) noexcept {
  if (byte >= '0' && byte <= '9') return byte - '0';
  if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
  if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
  return std::nullopt;
}

char unescaped(char byte) noexcept {
  switch (byte) {
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'b': return '\b';
    case 'a': return '\a';
    default: return byte;
  }
}

}  // namespace

std::span<char> RequestReader::prepare() {
  begin_ += std::exchange(finished_, 0);
  if (begin_ == end_) {
    begin_ = end_ = 0;
    if (capacity_ > KEPT_AT_MOST) {
      buffer_.reset();
      capacity_ = 0;
    }
  }
  if (capacity_ - end_ < ROOM_BYTES / 2) {
    const std::size_t size = available();
    // Moving what is left to the front is enough while that is little; else the buffer doubles, as bytes come.
    if (size + ROOM_BYTES > capacity_) {
      const std::size_t capacity = std::max(ROOM_BYTES * 2, capacity_ * 2);
      std::unique_ptr<char[]> larger{new char[capacity]};
      if (size > 0) std::memcpy(larger.get(), bytes(), size);
      buffer_ = std::move(larger);
      capacity_ = capacity;
    } else {
      std::memmove(buffer_.get(), bytes(), size);
    }
    begin_ = 0;
    end_ = size;
  }
  return {buffer_.get() + end_, capacity_ - end_};
}

Result<Request> RequestReader::next() {
  if (failure_) return *failure_;
  begin_ += std::exchange(finished_, 0);
  auto request = read();
  if (!request) failure_ = request.error();
  return request;
}

Result<Request> RequestReader::read() {
  while (available() > 0) {
    const Result<bool> whole = in_array_ || bytes()[0] == '*' ? read_array() : read_inline();
    if (!whole) return whole.error();
    if (!*whole) break;
    if (const Request request = finish(); !request.empty()) return request;
    begin_ += std::exchange(finished_, 0);
  }
  return Request{};
}

// Each step below says whether the whole of what it reads was there; when not, it goes on from there the next time.

Result<bool> RequestReader::read_array() {
  if (!in_array_) {
    const auto line = length_line();
    if (!line) return line.error();
    if (!*line) return false;
    const auto count = read_integer(**line);
    if (!count) return refuse(ErrorCode::malformed, shown(**line) + " is no number of arguments", 0);
    if (*count > 0 && static_cast<std::size_t>(*count) > limits_.elements_max)
      return refuse(ErrorCode::too_large,
                    "a request has more than " + std::to_string(limits_.elements_max) + " arguments", 0);
    missing_ = *count > 0 ? static_cast<std::size_t>(*count) : 0;
    in_array_ = true;
  }
  while (missing_ > 0) {
    const Result<bool> whole = read_bulk();
    if (!whole) return whole.error();
    if (!*whole) return false;
    --missing_;
  }
  return true;
}

Result<bool> RequestReader::read_bulk() {
  if (!bulk_) {
    const std::size_t begins = at_;
    if (begins < available() && bytes()[begins] != '$')
      return refuse(ErrorCode::malformed, "arguments must be bulk strings ('$'), not " + shown(bytes()[begins]),
                    begins);
    const auto line = length_line();
    if (!line) return line.error();
    if (!*line) return false;
    const auto length = read_integer(**line);
    if (!length || *length < 0)
      return refuse(ErrorCode::malformed, shown(**line) + " is no length of an argument", begins);
    const auto size = static_cast<std::size_t>(*length);
    if (size > limits_.bulk_bytes_max)
      return refuse(ErrorCode::too_large,
                    "an argument is longer than " + std::to_string(limits_.bulk_bytes_max) + " bytes", begins);
    TIDEMARK_TRY(count_argument(size, begins));
    bulk_ = size;
  }
  if (available() - at_ < *bulk_ + LINE_END) return false;
  const std::size_t size = *bulk_;
  if (std::memcmp(bytes() + at_ + size, "\r\n", LINE_END) != 0)
    return refuse(ErrorCode::malformed, "CR LF must follow an argument of " + std::to_string(size) + " bytes",
                  at_ + size);
  places_.push_back({at_, size});
  at_ += size + LINE_END;
  bulk_.reset();
  return true;
}

// The line at at_ without its type and its end; nothing while it is not all there.
Result<std::optional<std::string_view>> RequestReader::length_line() {
  searched_ = std::max(searched_, at_);
  const std::string_view line{bytes() + at_, available() - at_};
  const std::size_t newline = line.find('\n', searched_ - at_);
  if (std::min(newline, line.size()) > LENGTH_LINE_MAX)
    return refuse(ErrorCode::malformed, "a length has more than " + std::to_string(LENGTH_LINE_MAX) + " bytes", at_);
  if (newline == line.npos) {
    searched_ = at_ + line.size();
    return std::optional<std::string_view>{};
  }
  if (newline == 0 || line[newline - 1] != '\r')
    return refuse(ErrorCode::malformed, "a length must end with CR LF", at_);
  at_ += newline + 1;
  return std::optional{line.substr(1, newline - LINE_END)};
}

Result<bool> RequestReader::read_inline() {
  const std::string_view line{bytes(), available()};
  const std::size_t newline = line.find('\n', searched_);
  if (std::min(newline, line.size()) > limits_.line_bytes_max)
    return refuse(ErrorCode::too_large,
                  "an inline command is longer than " + std::to_string(limits_.line_bytes_max) + " bytes", 0);
  if (newline == line.npos) {
    searched_ = line.size();
    return false;
  }
  TIDEMARK_TRY(split_words(newline > 0 && line[newline - 1] == '\r' ? newline - 1 : newline));
  at_ = newline + 1;
  return true;
}

// Words with escapes are rewritten where they stand: they only get shorter.
Result<void> RequestReader::split_words(std::size_t end) {
  char* const text = buffer_.get() + begin_;
  for (std::size_t at = 0;;) {
    while (at < end && is_blank(text[at])) ++at;
    if (at == end) return {};
    const std::size_t begins = at;
    std::size_t written = at;
    bool was_quoted = false;
    while (at < end && !is_blank(text[at])) {
      if (was_quoted) return refuse(ErrorCode::malformed, "a blank must follow a closing quote", at);
      if (text[at] == '"' || text[at] == '\'') {
        TIDEMARK_TRY(quoted_word(at, end, written));
        was_quoted = true;
      } else {
        text[written++] = text[at++];
      }
    }
    TIDEMARK_TRY(count_argument(written - begins, begins));
    places_.push_back({begins, written - begins});
  }
}

Result<void> RequestReader::quoted_word(std::size_t& at, std::size_t end, std::size_t& written) {
  char* const text = buffer_.get() + begin_;
  const std::size_t opened = at;
  const char quote = text[at++];
  while (at < end && text[at] != quote) {
    const std::size_t left = end - at;
    if (text[at] != '\\' || left < 2) {
      text[written++] = text[at++];
    } else if (quote == '\'') {
      if (text[at + 1] == '\'') ++at;
      text[written++] = text[at++];
    } else if (left >= 4 && text[at + 1] == 'x' && hex_digit(text[at + 2]) && hex_digit(text[at + 3])) {
      text[written++] = static_cast<char>(*hex_digit(text[at + 2]) * 16 + *hex_digit(text[at + 3]));
      at += 4;
    } else {
      text[written++] = unescaped(text[at + 1]);
      at += 2;
    }
  }
  if (at == end) return refuse(ErrorCode::malformed, "a quote is not closed", opened);
  ++at;
  return {};
}

Result<void> RequestReader::count_argument(std::size_t size, std::size_t at) {
  if (size > limits_.value_bytes_max - text_bytes_)
    return refuse(ErrorCode::too_large,
                  "the arguments are longer than " + std::to_string(limits_.value_bytes_max) + " bytes together", at);
  if (places_.size() == limits_.elements_max)
    return refuse(ErrorCode::too_large,
                  "a request has more than " + std::to_string(limits_.elements_max) + " arguments", at);
  text_bytes_ += size;
  return {};
}

Request RequestReader::finish() {
  arguments_.clear();
  if (arguments_.capacity() > ARGUMENTS_KEPT) arguments_.shrink_to_fit();
  for (const Place& place : places_) arguments_.emplace_back(bytes() + place.at, place.size);
  places_.clear();
  if (places_.capacity() > ARGUMENTS_KEPT) places_.shrink_to_fit();
  finished_ = at_;
  taken_ += at_;
  at_ = searched_ = text_bytes_ = 0;
  in_array_ = false;
  return arguments_;
}

Failure RequestReader::refuse(ErrorCode code, const std::string& what, std::size_t at) const {
  return fail(code, what + ", at offset " + std::to_string(taken_ + at), "RESP");
}

}  // namespace tidemark::resp
