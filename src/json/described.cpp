// What tidemark/described.hpp and tidemark/type_info.hpp declare.
#include "tidemark/described.hpp"

#include <algorithm>

#include "json/json.hpp"
#include "json/scalar.hpp"

namespace tidemark {
namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
char to_lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

namespace detail {

void write_json(std::string& out, const void* value, const TypeInfo& type) { json::write(out, value, type).or_raise(); }

void read_json(std::string_view text, void* value, const TypeInfo& type) { json::read(text, value, type).or_raise(); }

const FieldInfo& field_at(const TypeInfo& object, std::size_t offset, const TypeInfo& member) {
  for (const auto& field : object.fields())
    if (field.offset == offset && field.type == &member) return field;
  throw Invalid{"a member of " + std::string{object.name} + " is not described: name it in BOOST_DESCRIBE_STRUCT(" +
                std::string{object.name} + ", …)"};
}

void apply_limits(std::span<FieldInfo> fields, std::span<const MemberLimits> limits, std::uint32_t base) {
  for (const auto& of : limits) {
    const auto field = std::find_if(fields.begin(), fields.end(),
                                    [&](const FieldInfo& candidate) { return candidate.offset == base + of.offset; });
    TIDEMARK_ASSERT(field != fields.end(), "constraints() names a member that BOOST_DESCRIBE_STRUCT does not");
    field->limits = &of.limits;
  }
}

}  // namespace detail

std::string snake_case_name(const TypeInfo& type) {
  const std::string_view name = type.name;
  std::string snake;
  for (std::size_t i = 0; i < name.size(); ++i) {
    // A word begins at a capital behind a small letter, and at the last capital of a row: HTTPRoute.
    const bool begins_word = i > 0 && is_upper(name[i]) &&
                             (is_lower_or_digit(name[i - 1]) ||
                              (is_upper(name[i - 1]) && i + 1 < name.size() && is_lower_or_digit(name[i + 1])));
    if (begins_word) snake += '_';
    snake += to_lower(name[i]);
  }
  return snake;
}

const FieldInfo* find_field(const TypeInfo& object, std::string_view name) {
  if (!object.fields) return nullptr;
  for (const auto& field : object.fields())
    if (field.name == name) return &field;
  return nullptr;
}

const std::string& string_member(const void* object, const FieldInfo& field) {
  if (field.type->kind != TypeKind::string)
    throw Invalid{"the member " + std::string{field.name} + " must be a std::string"};
  return *static_cast<const std::string*>(field.in(object));
}

std::string member_text(const void* object, const FieldInfo& field) {
  const void* value = field.in(object);
  const TypeInfo* type = field.type;
  if (type->kind == TypeKind::optional) {
    value = type->optional->get(value);
    if (!value) return {};
    type = type->element;
  }
  if (!json::is_scalar(type->kind))
    throw Invalid{"the member " + std::string{field.name} + " must be a string, a number or another single value"};
  json::ScalarBuffer buffer;
  return std::string{json::scalar_text(value, *type, buffer).or_raise()};
}

}  // namespace tidemark
