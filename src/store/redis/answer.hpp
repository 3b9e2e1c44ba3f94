// Answer: reads the items of a function's answer one after the other. What a server sends is never taken for granted:
// an item that is missing or of another kind reads as empty and makes the whole answer useless, which the reader asks
// once, at the end.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "base/stream_id.hpp"
#include "model/delivery.hpp"
#include "resp/value.hpp"
#include "tidemark/time.hpp"

namespace tidemark::store {

class Answer {
 public:
  // `list` must outlive it. A function's answer begins with "ok": read on behind it with `at` 1.
  explicit Answer(const resp::Value& list, std::size_t at = 0);

  std::string_view text();
  std::uint64_t number();  // an integer, or its digits
  StreamId id();
  const resp::Value& list();
  model::Fields fields();                // a list of names and values
  std::optional<TimePoint> time();       // milliseconds, or "-" for none
  std::optional<std::uint64_t> limit();  // digits, or empty for none

  bool at_end() const noexcept { return at_ >= list_.items.size(); }
  // Whether every item that was read was what it had to be.
  bool good() const noexcept { return good_; }

 private:
  const resp::Value& next();

  const resp::Value& list_;
  std::size_t at_;
  bool good_ = true;
};

// What to say of an answer that was not good().
Failure strange_answer(std::string_view function);

}  // namespace tidemark::store
