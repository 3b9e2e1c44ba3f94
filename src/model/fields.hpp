// Fields: the name-value pairs of a stream entry, in one buffer, in their order. Names may repeat, as in Redis.
// The bytes are those stored on disk (docs/formats/storage.md): for each pair, name and value, each behind its
// length as an unsigned LEB128 number.
#pragma once
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tidemark::model {

struct FieldView {
  std::string_view name, value;
};

class Fields {
 public:
  Fields() = default;

  // Takes bytes from outside: an error when they are not whole pairs.
  static Result<Fields> from_bytes(std::string bytes);

  void add(std::string_view name, std::string_view value);
  bool empty() const noexcept { return bytes_.empty(); }
  std::size_t count() const;
  const std::string& bytes() const noexcept { return bytes_; }

  // The value of the first pair of that name.
  std::optional<std::string_view> find(std::string_view name) const;

  class Iterator {
   public:
    using value_type = FieldView;
    using difference_type = std::ptrdiff_t;
    FieldView operator*() const { return current_; }
    const FieldView* operator->() const { return &current_; }
    Iterator& operator++();
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    friend class Fields;
    Iterator(std::string_view rest);
    void read();
    const char* at_;    // the pair that it stands on
    const char* next_;  // the one behind it
    const char* end_;
    FieldView current_;
  };
  Iterator begin() const { return Iterator{bytes_}; }
  Iterator end() const { return Iterator{std::string_view{bytes_}.substr(bytes_.size())}; }

  friend bool operator==(const Fields&, const Fields&) = default;

 private:
  std::string bytes_;
};

}  // namespace tidemark::model
