// Limits: how much a peer may send before it is refused. Nothing is reserved for what a length only claims.
#pragma once
#include <cstddef>

namespace tidemark::resp {

struct Limits {
  std::size_t depth_max = 32;                           // aggregates within aggregates
  std::size_t elements_max = 1u << 20;                  // of one value or request, at all levels together
  std::size_t bulk_bytes_max = 512u << 20;              // of one string; what Redis allows
  std::size_t value_bytes_max = std::size_t{1u} << 30;  // of all strings of one value or request together
  std::size_t line_bytes_max = 64u << 10;               // of a simple string, an error, an inline command
};

}  // namespace tidemark::resp
