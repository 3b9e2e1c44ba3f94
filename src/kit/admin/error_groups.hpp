// What several errors have in common: their text without what differs from one event to the next.
#pragma once
#include <string>
#include <string_view>

namespace tidemark::kit {

// The text with "…" in place of what is quoted, and of each word that has a digit in it (numbers, ids, addresses,
// times); spaces as one, at most 200 characters:
//
//   there is no product with the id '01J9Z'   →   there is no product with the id '…'
//   timeout after 5000 ms (host 10.0.0.7:80)  →   timeout after … ms (host …)
std::string error_group(std::string_view error);

}  // namespace tidemark::kit
