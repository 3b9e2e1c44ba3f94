// Scalar values at given paths of a JSON text, in one pass and without building anything: the keys of secondary
// indexes.
//
//   const PathSet paths{{"status", "address.city"}};       // once
//   const auto values = extract(document, paths);           // {string "open", string "Kiel"}
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace tidemark::json {

// Null stands for a member that is null, absent, or an object or array. A number is int64 if it is an integer in
// that range, else uint64 if in that, else double.
using Scalar = std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string>;

// Paths split at their dots, to be extracted together; at most 64. They lead through objects only.
class PathSet {
 public:
  explicit PathSet(const std::vector<std::string>& dotted);
  std::size_t size() const { return paths_.size(); }
  const std::vector<std::string>& operator[](std::size_t path) const { return paths_[path]; }

 private:
  std::vector<std::vector<std::string>> paths_;
};

// One value for each path, in their order; of a repeated member, the first. `malformed` for what it stumbles over;
// it is no validator: text that nobody asked for is skipped, not checked.
Result<std::vector<Scalar>> extract(std::string_view text, const PathSet& paths);

}  // namespace tidemark::json
