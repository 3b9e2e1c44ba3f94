#include "store/redis/library.hpp"

#include "base/hash.hpp"

namespace tidemark::store {

extern const std::string_view LIBRARY_BODY;  // made of lua/ by CMakeLists.txt

Library::Library(std::string_view body) {
  std::string hash;
  for (auto bits = hash64(body); hash.size() < 16; bits <<= 4) hash.push_back("0123456789abcdef"[bits >> 60]);
  name_ = "tidemark_" + hash;
  prefix_ = "tm_" + hash + "_";
  code_ = "#!lua name=" + name_ + "\nlocal PREFIX = '" + prefix_ + "'\n";
  code_.append(body);
}

const Library& library() {
  static const Library of_this_program{LIBRARY_BODY};
  return of_this_program;
}

}  // namespace tidemark::store
