// Whether JSON is what read() would take for a type, without a value of that type to read it into.
#pragma once
#include <string_view>

#include "base/result.hpp"
#include "tidemark/type_info.hpp"

namespace tidemark::json {

// Failures are those of read(): `malformed` for what is not JSON, `invalid` with the path in `about`. A member that the
// struct has not is `invalid`, too.
Result<void> check(std::string_view text, const TypeInfo& type);

}  // namespace tidemark::json
