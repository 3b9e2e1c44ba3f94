// The limits that T::constraints() puts on members, checked after a value was read.
#pragma once
#include "base/result.hpp"
#include "tidemark/type_info.hpp"

namespace tidemark::json {

// `invalid` for a value outside the limits: "must be at least 1, got 0". Limits that do not fit the type (a length of
// a number) say nothing. An absent optional passes.
Result<void> check_limits(const void* value, const TypeInfo& type, const Limits& limits);

}  // namespace tidemark::json
