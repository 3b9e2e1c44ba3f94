#include "json/check.hpp"

#include <algorithm>
#include <cstddef>

#include "json/json.hpp"
#include "json/limits.hpp"
#include "json/scalar.hpp"

namespace tidemark::json {
namespace {

using Members = std::map<std::string, Json>;

Result<void> check_value(const Json& json, const TypeInfo& type, const Limits* limits);

// The failure one level further out: `id` in `items[2]` becomes `items[2].id`.
Failure within(std::string path, Failure failure) {
  if (!failure.about.empty() && failure.about.front() != '[') path += '.';
  failure.about.insert(0, path);
  return failure;
}

Result<void> check_string(std::string_view text, const TypeInfo& type, const Limits* limits) {
  std::string value;
  TIDEMARK_TRY(read(text, &value, type));
  return limits ? check_limits(&value, type, *limits) : Result<void>{};
}

// All other scalars are plain bytes, at most a time's or a double's.
Result<void> check_scalar(std::string_view text, const TypeInfo& type, const Limits* limits) {
  if (type.kind == TypeKind::string) return check_string(text, type, limits);
  alignas(std::max_align_t) std::byte value[sizeof(std::max_align_t)]{};
  TIDEMARK_ASSERT(type.size <= sizeof value);
  TIDEMARK_TRY(read(text, value, type));
  return limits ? check_limits(value, type, *limits) : Result<void>{};
}

Result<void> check_length(std::size_t size, std::string_view things, const Limits* limits) {
  if (limits && limits->min_length && size < *limits->min_length)
    return fail(ErrorCode::invalid,
                "must have at least " + std::to_string(*limits->min_length) + " " + std::string{things});
  if (limits && limits->max_length && size > *limits->max_length)
    return fail(ErrorCode::invalid,
                "must have at most " + std::to_string(*limits->max_length) + " " + std::string{things});
  return {};
}

Result<void> check_vector(std::string_view text, const TypeInfo& type, const Limits* limits) {
  const auto elements = from_json<std::vector<Json>>(text);
  if (!elements) return elements.error();
  TIDEMARK_TRY(check_length(elements->size(), "elements", limits));
  for (std::size_t i = 0; i < elements->size(); ++i)
    if (auto checked = check_value((*elements)[i], *type.element, nullptr); !checked)
      return within("[" + std::to_string(i) + "]", checked.error());
  return {};
}

Result<void> check_map(std::string_view text, const TypeInfo& type, const Limits* limits) {
  const auto members = from_json<Members>(text);
  if (!members) return members.error();
  TIDEMARK_TRY(check_length(members->size(), "members", limits));
  for (const auto& [name, value] : *members)
    if (auto checked = check_value(value, *type.element, nullptr); !checked) return within(name, checked.error());
  return {};
}

Result<void> check_members(const Members& members, const TypeInfo& type, bool is_variant) {
  for (const auto& field : type.fields()) {
    const auto found = members.find(std::string{field.name});
    if (found == members.end()) {
      if (field.required) return fail(ErrorCode::invalid, "is missing", std::string{field.name});
      continue;
    }
    if (auto checked = check_value(found->second, *field.type, field.limits); !checked)
      return within(found->first, checked.error());
  }
  for (const auto& [name, value] : members)
    if (!find_field(type, name) && !(is_variant && name == "type"))
      return fail(ErrorCode::invalid, std::string{type.name} + " has no such member", name);
  return {};
}

Result<void> check_variant(std::string_view text, const TypeInfo& type) {
  const auto members = from_json<Members>(text);
  if (!members) return members.error();
  std::string names;
  for (const auto* alternative : type.alternatives) {
    if (const auto name = members->find("type");
        name != members->end() && name->second.text == '"' + std::string{alternative->name} + '"')
      return check_members(*members, *alternative, true);
    names += (names.empty() ? "" : ", ") + shown(alternative->name);
  }
  return fail(ErrorCode::invalid, "expected one of " + names, "type");
}

Result<void> check_value(const Json& json, const TypeInfo& type, const Limits* limits) {
  const auto& text = json.text;
  switch (type.kind) {
    case TypeKind::json: return {};
    case TypeKind::optional: return text == "null" ? Result<void>{} : check_value(json, *type.element, limits);
    case TypeKind::vector: return check_vector(text, type, limits);
    case TypeKind::map: return check_map(text, type, limits);
    case TypeKind::variant: return check_variant(text, type);
    case TypeKind::object: {
      const auto members = from_json<Members>(text);
      if (!members) return members.error();
      return check_members(*members, type, false);
    }
    default: return check_scalar(text, type, limits);
  }
}

}  // namespace

Result<void> check(std::string_view text, const TypeInfo& type) {
  const auto json = from_json<Json>(text);
  if (!json) return json.error();
  return check_value(*json, type, nullptr);
}

}  // namespace tidemark::json
