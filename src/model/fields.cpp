#include "model/fields.hpp"

#include "model/varint.hpp"

namespace tidemark::model {

Result<Fields> Fields::from_bytes(std::string bytes) {
  std::string_view rest{bytes};
  while (!rest.empty())
    if (!take_bytes(rest) || !take_bytes(rest))
      return fail(ErrorCode::corrupt, "the fields of an entry are not whole pairs of name and value");
  Fields fields;
  fields.bytes_ = std::move(bytes);
  return fields;
}

void Fields::add(std::string_view name, std::string_view value) {
  append_bytes(bytes_, name);
  append_bytes(bytes_, value);
}

std::size_t Fields::count() const {
  std::size_t count = 0;
  for (auto it = begin(); it != end(); ++it) ++count;
  return count;
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
  for (const auto field : *this)
    if (field.name == name) return field.value;
  return std::nullopt;
}

Fields::Iterator::Iterator(std::string_view rest)
    : at_{rest.data()}, next_{rest.data()}, end_{rest.data() + rest.size()} {
  read();
}

Fields::Iterator& Fields::Iterator::operator++() {
  at_ = next_;
  read();
  return *this;
}

void Fields::Iterator::read() {
  if (at_ == end_) return;
  std::string_view rest{at_, static_cast<std::size_t>(end_ - at_)};
  const auto name = take_bytes(rest);
  const auto value = take_bytes(rest);
  TIDEMARK_ASSERT(name && value, "fields are checked where they enter");
  current_ = {*name, *value};
  next_ = rest.data();
}

}  // namespace tidemark::model
