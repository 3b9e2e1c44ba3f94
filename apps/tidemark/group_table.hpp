// Groups, as `tidemark groups` and `tidemark top` show them.
#pragma once
#include "tidemark/table.hpp"

namespace tidemark::cli {

const std::vector<Column>& group_columns();
// The rows of the admin API's groups; a paused one's `health` says so.
std::vector<Members> group_rows(std::vector<Members> groups);

}  // namespace tidemark::cli
