// Library: Tidemark's server-side functions, the files of lua/ joined into one.
#pragma once
#include <string>
#include <string_view>

namespace tidemark::store {

// Its names contain a hash of its code: two versions of Tidemark can use one server, each with its own functions, and
// what is there under a name never needs to be replaced.
class Library {
 public:
  explicit Library(std::string_view body);

  const std::string& name() const noexcept { return name_; }  // "tidemark_0f1e2d3c4b5a6978"
  const std::string& code() const noexcept { return code_; }  // for FUNCTION LOAD
  std::string function(std::string_view name) const { return prefix_ + std::string{name}; }

 private:
  std::string name_, prefix_, code_;
};

const Library& library();

}  // namespace tidemark::store
