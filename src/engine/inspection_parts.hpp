// The parts of an inspection. An error is one of reading; what is wrong goes to the inspection.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "engine/inspection.hpp"
#include "engine/keyspace.hpp"

namespace tidemark::engine {

inline const std::string RESTORE = "restore the data directory from a backup: `tidemark restore`";

// What is read, and how far that is.
struct Records {
  const storage::Storage& storage;
  storage::Work& work;
};

Result<void> inspect_topics(const Records& records, Inspection& inspection);
Result<void> inspect_documents(const Records& records, Inspection& inspection);
Result<void> inspect_timers(const Records& records, Inspection& inspection);
Result<void> inspect_keys(const Records& records, Inspection& inspection);

// Calls `see` with every key and value in [first, end).
Result<void> for_each(const Records& records, std::string_view first, std::string_view end,
                      const std::function<Result<void>(std::string_view key, std::string_view value)>& see);
std::string prefix_of(Space space);

// A name or a key for people: what can't be printed as \x00.
std::string shown(std::string_view bytes);

}  // namespace tidemark::engine
