// How the engine's records are put together: unsigned LEB128 numbers, and strings behind their length.
#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/stream_id.hpp"
#include "model/varint.hpp"
#include "tidemark/time.hpp"

namespace tidemark::engine {

// Appends to a record.
class RecordWriter {
 public:
  explicit RecordWriter(std::string& out) : out_{out} {}

  RecordWriter& number(std::uint64_t value) { return model::append_varint(out_, value), *this; }
  RecordWriter& id(StreamId id) { return number(id.ms).number(id.seq); }
  // Moments before 1970 become 1970.
  RecordWriter& time(TimePoint time) {
    return number(static_cast<std::uint64_t>(std::max(time, TimePoint{}).time_since_epoch().count()));
  }
  RecordWriter& bytes(std::string_view bytes) { return model::append_bytes(out_, bytes), *this; }

 private:
  std::string& out_;
};

// Takes a record apart. What is not there reads as 0 or empty, and ok() turns false for good.
class RecordReader {
 public:
  explicit RecordReader(std::string_view record) : rest_{record} {}

  std::uint64_t number() { return take(model::take_varint(rest_)); }
  std::uint32_t number32() { return static_cast<std::uint32_t>(number()); }
  StreamId id() {
    const auto ms = number();
    return {ms, number()};
  }
  TimePoint time() { return TimePoint{Duration{static_cast<std::int64_t>(number())}}; }
  std::string_view bytes() { return take(model::take_bytes(rest_)); }

  bool ok() const { return ok_; }
  std::string_view rest() const { return rest_; }
  // An error unless everything was there. `about` names the record.
  Result<void> status(const std::string& about) const {
    if (ok_) return {};
    return fail(ErrorCode::corrupt, "the stored record is cut short; restore the data directory from a backup", about);
  }

 private:
  template <class T>
  T take(std::optional<T> value) {
    if (!value) ok_ = false;
    return value.value_or(T{});
  }
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace tidemark::engine
