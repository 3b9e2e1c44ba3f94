// Inspection: whether what a data directory holds fits together, by the rules of docs/formats/storage.md and
// documents.md: for `tidemark check`.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "storage/progress.hpp"
#include "storage/storage.hpp"

namespace tidemark::engine {

struct Finding {
  std::string about;   // "document 'payments.orders/17'"
  std::string wrong;   // what is wrong with it
  std::string remedy;  // what can be done
};

struct Inspection {
  static constexpr std::size_t FINDINGS_MAX = 1000;

  std::vector<Finding> findings;  // the first FINDINGS_MAX
  std::uint64_t wrong = 0;        // how many there are
  std::uint64_t topics = 0, entries = 0, groups = 0, pending = 0;
  std::uint64_t collections = 0, documents = 0, index_entries = 0, timers = 0, keys = 0;

  void add(std::string about, std::string wrong, std::string remedy);
};

// Reads everything, and changes nothing; the storage may be open for reading only. A part that can't be read is a
// finding. Takes memory for one collection's or one topic's bookkeeping, not for their contents. `progress` is told of
// records, whose number is an estimate.
Inspection inspect(const storage::Storage& storage, const storage::OnProgress& progress = {});

}  // namespace tidemark::engine
