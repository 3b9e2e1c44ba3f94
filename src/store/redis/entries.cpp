#include "store/redis/entries.hpp"

#include "store/redis/answer.hpp"
#include "store/redis/server.hpp"

namespace tidemark::store {

Result<std::vector<model::Entry>> entries_of(const resp::Value& value) {
  std::vector<model::Entry> entries;
  entries.reserve(value.items.size());
  for (const auto& item : value.items) {
    Answer read{item};
    auto& entry = entries.emplace_back();
    entry.id = read.id();
    entry.fields = read.fields();
    if (!read.good()) return strange_answer("XRANGE");
  }
  return entries;
}

Result<std::vector<model::Entry>> read_entries(Server& server, std::string_view stream, StreamId after,
                                               std::uint32_t count) {
  if (after == StreamId::max() || count == 0) return std::vector<model::Entry>{};
  redis::Command command{"XRANGE", stream, "(" + after.text(), "+", "COUNT", count};
  command.at(stream).repeatable();
  const auto value = server.run(command);
  if (!value) return value.error();
  return entries_of(*value);
}

Result<std::vector<model::Entry>> read_entries_back(Server& server, std::string_view stream, StreamId before,
                                                    std::uint32_t count) {
  if (before == StreamId::min() || count == 0) return std::vector<model::Entry>{};
  redis::Command command{"XREVRANGE", stream, "(" + before.text(), "-", "COUNT", count};
  command.at(stream).repeatable();
  const auto value = server.run(command);
  if (!value) return value.error();
  return entries_of(*value);
}

}  // namespace tidemark::store
