// RapidJSON's parser behind one function: strict, iterative, bounded in depth, over a copy that it may change in
// place. The copy costs a memcpy and buys strings and numbers that are views into it. Included by .cpp files only.
#pragma once
#ifdef __SSE2__
#define RAPIDJSON_SSE2
#endif
#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "json/kept.hpp"
#include "json/utf8.hpp"

namespace tidemark::json {

// The `malformed` failure for what is wrong at a byte of the text: "not JSON: … (line 3, column 7)".
Failure malformed(std::string_view text, std::size_t offset, std::string_view what);

// Why the text can't be JSON whatever it says: empty, too long, not UTF-8, a NUL byte.
Result<void> check_bytes(std::string_view text);

// Whether a \u escape may have made half a surrogate pair, which RapidJSON 1.1 lets pass in one case.
inline bool may_have_surrogates(std::string_view text) {
  return text.find("\\ud") != text.npos || text.find("\\uD") != text.npos;
}

// What the handlers have in common: the stream's position, and the failure that ends the parsing.
class ParseHandler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, ParseHandler> {
 public:
  using Stream = rapidjson::InsituStringStream;
  using Size = rapidjson::SizeType;

  ParseHandler(std::string_view text, std::size_t depth_max)
      : text_{text}, depth_max_{depth_max}, checks_strings_{may_have_surrogates(text)} {}

  void attach(Stream& stream) { stream_ = &stream; }
  std::string_view text() const { return text_; }
  const std::optional<Failure>& failure() const { return failure_; }

 protected:
  std::size_t offset() const { return stream_->Tell(); }

  // Stores the failure and tells RapidJSON to stop.
  bool stop(Failure failure) {
    failure_ = std::move(failure);
    return false;
  }

  bool enter() {
    if (++depth_ <= depth_max_) return true;
    return stop(malformed(text_, offset(), "nested deeper than " + std::to_string(depth_max_) + " levels"));
  }
  void leave() { --depth_; }

  bool check_string(std::string_view decoded) {
    if (!checks_strings_ || is_utf8(decoded)) return true;
    return stop(malformed(text_, offset(), "an escape \\u… stands for half a character"));
  }

 private:
  std::string_view text_;
  std::size_t depth_max_;
  std::size_t depth_ = 0;
  bool checks_strings_;
  Stream* stream_ = nullptr;
  std::optional<Failure> failure_;
};

struct ParserMemory {
  std::string copy;
  rapidjson::Reader reader;
};

// Sends the text's events to the handler. check_bytes() stands in for kParseValidateEncodingFlag, which would keep
// RapidJSON from scanning strings by blocks.
template <class Handler>
Result<void> parse(Handler& handler) {
  constexpr unsigned FLAGS = rapidjson::kParseInsituFlag | rapidjson::kParseIterativeFlag |
                             rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseFullPrecisionFlag;
  const std::string_view text = handler.text();
  TIDEMARK_TRY(check_bytes(text));

  Kept<ParserMemory> memory;
  // RapidJSON looks for the end of a string in aligned blocks of 16 bytes.
  memory->copy.assign(text).append(16, '\0');
  rapidjson::InsituStringStream stream{memory->copy.data()};
  handler.attach(stream);
  const rapidjson::ParseResult result = memory->reader.Parse<FLAGS>(stream, handler);
  if (memory->copy.capacity() > KEPT_BYTES_MAX) memory.drop();

  if (handler.failure()) return *handler.failure();
  if (result.IsError()) return malformed(text, result.Offset(), rapidjson::GetParseError_En(result.Code()));
  return {};
}

}  // namespace tidemark::json
