// What topics and groups may be named.
#pragma once
#include <string_view>

#include "base/result.hpp"

namespace tidemark::store {

// `kind` is "topic", "group", "consumer": 1 to 200 bytes without control characters. `invalid` else. A topic's braces
// must be those of a tag, "{roles:0}user_created", so that what belongs to it can stand where it stands.
Result<void> check_name(std::string_view kind, std::string_view name);

}  // namespace tidemark::store
