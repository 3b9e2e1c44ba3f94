// Partitions and moments as they stand in the keys of timers and of keys. docs/formats/documents.md has the grammar.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "model/commit.hpp"
#include "tidemark/time.hpp"

namespace tidemark::engine {

// `invalid` for a service's name that append_partition can't write.
Result<void> check_partition(const model::Partition& partition);

void append_partition(std::string& out, const model::Partition& partition);
// Takes one from the front of `in`; none when it is cut short.
std::optional<model::Partition> take_partition(std::string_view& in);

// Eight bytes that sort as the moments do, those before 1970 too.
void append_time(std::string& out, TimePoint time);
std::optional<TimePoint> take_time(std::string_view& in);

}  // namespace tidemark::engine
