// What topics and groups may be named.
#pragma once
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "model/partition.hpp"

namespace tidemark::store {

// `kind` is "topic", "group", "consumer": 1 to 200 bytes without control characters. `invalid` else. A topic's braces
// must be those of a tag, "{roles:0}user_created", so that what belongs to it can stand where it stands.
Result<void> check_name(std::string_view kind, std::string_view name);

// The partition that "roles:0" names; none for other text.
std::optional<model::Partition> partition_named(std::string_view text);
// The partition that "{roles:0}user_created" belongs to; none for a topic that belongs to none.
std::optional<model::Partition> partition_of_topic(std::string_view topic);

}  // namespace tidemark::store
