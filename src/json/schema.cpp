#include "json/schema.hpp"

#include <algorithm>
#include <limits>

#include "json/writer.hpp"

namespace tidemark::json {
namespace {

void write_integer(Writer& w, const TypeInfo& type, const Limits& limits) {
  w.member("type", "integer");
  if (type.size == 8) w.member("format", type.is_signed ? "int64" : "uint64");
  if (type.size == 4) w.member("format", type.is_signed ? "int32" : "uint32");
  const bool is_small = type.size <= 2;
  const std::int64_t highest = is_small ? (std::int64_t{1} << (8 * type.size - (type.is_signed ? 1 : 0))) - 1 : 0;
  if (limits.min) {
    w.member("minimum", *limits.min);
  } else if (!type.is_signed || is_small) {
    w.member("minimum", type.is_signed ? -highest - 1 : 0);
  }
  if (limits.max) {
    w.member("maximum", *limits.max);
  } else if (is_small) {
    w.member("maximum", highest);
  }
}

void write_bounds(Writer& w, const Limits& limits) {
  if (limits.min) w.member("minimum", *limits.min);
  if (limits.max) w.member("maximum", *limits.max);
}

void write_lengths(Writer& w, const Limits& limits, std::string_view min_name, std::string_view max_name) {
  if (limits.min_length) w.member(min_name, *limits.min_length);
  if (limits.max_length) w.member(max_name, *limits.max_length);
}

void write_enumerators(Writer& w, const TypeInfo& type) {
  w.member("type", "string").key("enum").begin_array();
  for (const auto& enumerator : type.enumerators) w.value(enumerator.name);
  w.end_array();
}

// In a URI fragment and as a component's name: letters, digits and "._-".
std::string component_name(std::string_view name) {
  std::string safe{name};
  const auto is_safe = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  std::replace_if(
      safe.begin(), safe.end(), [&](char c) { return !is_safe(c); }, '_');
  return safe;
}

}  // namespace

SchemaRegistry::SchemaRegistry(std::string reference_prefix) : reference_prefix_{std::move(reference_prefix)} {}

std::string SchemaRegistry::add(const TypeInfo& type) { return of_value(type, {}); }

std::string SchemaRegistry::definitions() const {
  Writer w;
  w.begin_object();
  for (const auto& definition : definitions_) w.raw_member(definition.name, definition.json);
  w.end_object();
  return std::move(w).text();
}

std::string SchemaRegistry::unused_name(const TypeInfo& type) const {
  const std::string name = component_name(type.name);
  std::string candidate = name;
  const auto is_taken = [&] {
    return std::any_of(definitions_.begin(), definitions_.end(), [&](const auto& d) { return d.name == candidate; });
  };
  for (int number = 2; is_taken(); ++number) candidate = name + std::to_string(number);
  return candidate;
}

// A reference; the definition is made at the first, and known by name before its members are, as they may refer to it.
std::string SchemaRegistry::of_object(const TypeInfo& type) {
  auto known = std::find_if(definitions_.begin(), definitions_.end(), [&](const auto& d) { return d.type == &type; });
  std::string name;
  if (known != definitions_.end()) {
    name = known->name;
  } else {
    name = unused_name(type);
    const std::size_t index = definitions_.size();
    definitions_.push_back({&type, name, {}});
    std::string json = definition_of(type);
    definitions_[index].json = std::move(json);
  }
  Writer w;
  w.begin_object().member("$ref", reference_prefix_ + name).end_object();
  return std::move(w).text();
}

std::string SchemaRegistry::definition_of(const TypeInfo& type) {
  const auto fields = type.fields();
  Writer w;
  w.begin_object().member("type", "object").key("properties").begin_object();
  for (const auto& field : fields) {
    // An absent member is what an empty optional is written as.
    const TypeInfo& value = field.required ? *field.type : *field.type->element;
    w.raw_member(field.name, of_value(value, field.limits ? *field.limits : Limits{}));
  }
  w.end_object().key("required").begin_array();
  for (const auto& field : fields)
    if (field.required) w.value(field.name);
  w.end_array().end_object();
  return std::move(w).text();
}

std::string SchemaRegistry::of_variant(const TypeInfo& type) {
  Writer w;
  w.begin_object().key("oneOf").begin_array();
  for (const TypeInfo* alternative : type.alternatives) {
    w.begin_object().key("allOf").begin_array().raw(of_object(*alternative));
    w.begin_object().member("type", "object").key("properties").begin_object();
    w.key("type").begin_object().member("const", alternative->name).end_object().end_object();
    w.key("required").begin_array().value("type").end_array().end_object();
    w.end_array().end_object();
  }
  w.end_array().end_object();
  return std::move(w).text();
}

std::string SchemaRegistry::of_value(const TypeInfo& type, const Limits& limits) {
  if (type.kind == TypeKind::object) return of_object(type);
  if (type.kind == TypeKind::variant) return of_variant(type);
  Writer w;
  w.begin_object();
  switch (type.kind) {
    case TypeKind::boolean: w.member("type", "boolean"); break;
    case TypeKind::integer: write_integer(w, type, limits); break;
    case TypeKind::real:
      w.member("type", "number").member("format", "double");
      write_bounds(w, limits);
      break;
    case TypeKind::string:
      w.member("type", "string");
      write_lengths(w, limits, "minLength", "maxLength");
      break;
    case TypeKind::enumeration: write_enumerators(w, type); break;
    case TypeKind::money:
      w.member("type", "number").member("multipleOf", 0.01);
      write_bounds(w, limits);
      break;
    case TypeKind::time: w.member("type", "string").member("format", "date-time"); break;
    case TypeKind::optional:
      w.key("anyOf").begin_array().raw(of_value(*type.element, limits));
      w.begin_object().member("type", "null").end_object().end_array();
      break;
    case TypeKind::vector:
      w.member("type", "array").raw_member("items", of_value(*type.element, {}));
      write_lengths(w, limits, "minItems", "maxItems");
      break;
    case TypeKind::map:
      w.member("type", "object").raw_member("additionalProperties", of_value(*type.element, {}));
      write_lengths(w, limits, "minProperties", "maxProperties");
      break;
    case TypeKind::object:
    case TypeKind::variant:
    case TypeKind::json: break;
  }
  w.end_object();
  return std::move(w).text();
}

std::string schema_document(const TypeInfo& type) {
  SchemaRegistry schemas{"#/$defs/"};
  const std::string root = schemas.add(type);
  Writer w;
  w.begin_object().member("$schema", "https://json-schema.org/draft/2020-12/schema");
  // Since 2019-09 other keywords may stand beside $ref; the root's are those of its own object.
  w.key("allOf").begin_array().raw(root).end_array();
  w.raw_member("$defs", schemas.definitions()).end_object();
  return std::move(w).text();
}

}  // namespace tidemark::json
