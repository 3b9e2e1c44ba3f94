// Unreadable: the entry can't be read as the event, so that no number of runs would help.
#pragma once
#include "base/result.hpp"
#include "tidemark/error.hpp"

namespace tidemark::kit {

struct Unreadable : Error {
  explicit Unreadable(const Failure& failure) : Error{failure.code, "it is no such event: " + failure.text()} {}
};

}  // namespace tidemark::kit
