#include "tidemark/group_table.hpp"

namespace tidemark::cli {

const std::vector<Column>& group_columns() {
  static const std::vector<Column> columns{{"TOPIC", "topic"},
                                           {"GROUP", "group"},
                                           {"STATE", "health"},
                                           {"LAG", "lag", Shown::number},
                                           {"PENDING", "pending", Shown::number},
                                           {"DEAD", "dead_letters", Shown::number},
                                           {"PER S", "handled_per_s", Shown::number},
                                           {"P99", "p99_ms", Shown::ms},
                                           {"WHY", "why"}};
  return columns;
}

std::vector<Members> group_rows(std::vector<Members> groups) {
  for (auto& group : groups)
    if (const auto paused = group.find("paused"); paused != group.end() && paused->second.text != "null")
      group["health"] = Json{"\"paused\""};
  return groups;
}

}  // namespace tidemark::cli
