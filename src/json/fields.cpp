#include "json/fields.hpp"

#include "json/json.hpp"
#include "json/kept.hpp"
#include "json/limits.hpp"
#include "json/scalar.hpp"

namespace tidemark::json {
namespace {

// The path of a failure inside the member: its name, then what the failure was about.
Failure within(std::string_view name, Failure failure) {
  std::string path{name};
  if (!failure.about.empty() && failure.about.front() != '[') path += '.';
  failure.about.insert(0, path);
  return failure;
}

Result<void> write_field(std::string_view name, const void* value, const TypeInfo& type, FieldSink sink) {
  if (is_scalar(type.kind)) {
    ScalarBuffer buffer;
    const auto text = scalar_text(value, type, buffer);
    if (!text) return within(name, text.error());
    sink(name, *text);
    return {};
  }
  Kept<std::string> json;
  json->clear();
  if (auto result = write(*json, value, type); !result) return within(name, std::move(result).error());
  sink(name, *json);
  if (json->capacity() > KEPT_BYTES_MAX) json.drop();
  return {};
}

Result<void> write_members(const void* object, const TypeInfo& type, FieldSink sink) {
  for (const auto& field : type.fields()) {
    const void* member = field.in(object);
    const TypeInfo* member_type = field.type;
    if (member_type->kind == TypeKind::optional) {
      member = member_type->optional->get(member);
      if (!member) continue;
      member_type = member_type->element;
    }
    TIDEMARK_TRY(write_field(field.name, member, *member_type, sink));
  }
  return {};
}

Result<void> read_boolean(std::string_view text, void* value, const TypeInfo& type) {
  if (text != "true" && text != "false") return mismatch(type, shown(text));
  *static_cast<bool*>(value) = text == "true";
  return {};
}

// A text that has nothing of a number is shown with quotes, so that one sees where it begins and ends.
Result<void> read_number_text(std::string_view text, void* value, const TypeInfo& type) {
  auto result = read_number(text, value, type);
  if (!result && (text.empty() || text.find_first_not_of("-.0123456789eE") != text.npos))
    return mismatch(type, shown(text));
  return result;
}

Result<void> read_value(std::string_view text, void* value, const TypeInfo& type) {
  switch (type.kind) {
    case TypeKind::boolean: return read_boolean(text, value, type);
    case TypeKind::integer:
    case TypeKind::real:
    case TypeKind::money: return read_number_text(text, value, type);
    case TypeKind::string:
    case TypeKind::enumeration:
    case TypeKind::time: return read_text(text, value, type);
    default: return read(text, value, type);
  }
}

Result<void> read_field(const FieldInfo& field, std::string_view text, void* object) {
  void* value = field.in(object);
  const TypeInfo* type = field.type;
  if (type->kind == TypeKind::optional) {
    value = type->optional->emplace(value);
    type = type->element;
  }
  if (auto result = read_value(text, value, *type); !result) return within(field.name, std::move(result).error());
  if (!field.limits) return {};
  if (auto result = check_limits(value, *type, *field.limits); !result)
    return within(field.name, std::move(result).error());
  return {};
}

Result<void> read_members(FieldSource source, void* object, const TypeInfo& type) {
  for (const auto& field : type.fields()) {
    const auto text = source(field.name);
    if (text) {
      TIDEMARK_TRY(read_field(field, *text, object));
    } else if (field.required) {
      return fail(ErrorCode::invalid, "is missing", std::string{field.name});
    } else {
      field.type->optional->reset(field.in(object));
    }
  }
  return {};
}

Failure wrong_alternative(const TypeInfo& type, std::optional<std::string_view> got) {
  std::string names;
  for (const TypeInfo* alternative : type.alternatives) names += (names.empty() ? "" : ", ") + shown(alternative->name);
  return fail(ErrorCode::invalid, "expected one of " + names + ", got " + (got ? shown(*got) : "nothing"), "type");
}

}  // namespace

Result<void> write_fields(const void* object, const TypeInfo& type, FieldSink sink) {
  if (type.kind == TypeKind::object) return write_members(object, type, sink);
  TIDEMARK_ASSERT(type.kind == TypeKind::variant, "only structs and variants of structs have fields");
  const std::size_t index = type.variant->index(object);
  TIDEMARK_ASSERT(index < type.alternatives.size(), "a variant that an exception left without a value");
  sink("type", type.alternatives[index]->name);
  return write_members(type.variant->get(object), *type.alternatives[index], sink);
}

Result<void> read_fields(FieldSource source, void* object, const TypeInfo& type) {
  if (type.kind == TypeKind::object) return read_members(source, object, type);
  TIDEMARK_ASSERT(type.kind == TypeKind::variant, "only structs and variants of structs have fields");
  const auto name = source("type");
  for (std::size_t i = 0; name && i < type.alternatives.size(); ++i) {
    if (type.alternatives[i]->name != *name) continue;
    return read_members(source, type.variant->emplace(object, i), *type.alternatives[i]);
  }
  return wrong_alternative(type, name);
}

}  // namespace tidemark::json
