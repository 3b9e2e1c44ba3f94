// Lsn: the sequence number of a commit. They rise with every commit of a store and have gaps; 0 is before all.
#pragma once
#include <compare>
#include <cstdint>
#include <ostream>

namespace tidemark {

struct Lsn {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(const Lsn&, const Lsn&) = default;
  friend std::ostream& operator<<(std::ostream& out, Lsn lsn) { return out << lsn.value; }
};

}  // namespace tidemark
