#include "json/json.hpp"
#include "json/scalar.hpp"
#include "json/writer.hpp"

namespace tidemark::json {
namespace {

// `depth` is how many more objects and arrays may be opened.
Result<void> write_value(std::string& out, const void* value, const TypeInfo& type, std::size_t depth);

// The failure one level further out: `id` in `items[2]` becomes `items[2].id`.
Failure within(std::string path, Failure failure) {
  if (!failure.about.empty() && failure.about.front() != '[') path += '.';
  failure.about.insert(0, path);
  return failure;
}

Result<void> write_scalar(std::string& out, const void* value, const TypeInfo& type) {
  ScalarBuffer buffer;
  const auto text = scalar_text(value, type, buffer);
  if (!text) return text.error();
  switch (type.kind) {
    case TypeKind::string: append_quoted(out, *text); break;
    case TypeKind::enumeration:
    case TypeKind::time: out.append(1, '"').append(*text).append(1, '"'); break;
    default: out += *text;
  }
  return {};
}

// The members, each behind a comma except the first when nothing stands before them.
Result<void> write_members(std::string& out, const void* object, const TypeInfo& type, bool is_first,
                           std::size_t depth) {
  for (const auto& field : type.fields()) {
    const void* member = field.in(object);
    const TypeInfo* member_type = field.type;
    if (member_type->kind == TypeKind::optional) {
      member = member_type->optional->get(member);
      if (!member) continue;
      member_type = member_type->element;
    }
    if (!is_first) out += ',';
    is_first = false;
    out.append(1, '"').append(field.name).append("\":");
    if (auto result = write_value(out, member, *member_type, depth); !result)
      return within(std::string{field.name}, std::move(result).error());
  }
  return {};
}

Result<void> write_variant(std::string& out, const void* value, const TypeInfo& type, std::size_t depth) {
  const std::size_t index = type.variant->index(value);
  TIDEMARK_ASSERT(index < type.alternatives.size(), "a variant that an exception left without a value");
  const TypeInfo& alternative = *type.alternatives[index];
  out.append("{\"type\":\"").append(alternative.name).append(1, '"');
  TIDEMARK_TRY(write_members(out, type.variant->get(value), alternative, false, depth));
  out += '}';
  return {};
}

Result<void> write_vector(std::string& out, const void* value, const TypeInfo& type, std::size_t depth) {
  const std::size_t size = type.vector->size(value);
  const auto* element = static_cast<const std::byte*>(type.vector->data(value));
  out += '[';
  for (std::size_t i = 0; i < size; ++i, element += type.element->size) {
    if (i != 0) out += ',';
    if (auto result = write_value(out, element, *type.element, depth); !result)
      return within('[' + std::to_string(i) + ']', std::move(result).error());
  }
  out += ']';
  return {};
}

Result<void> write_map(std::string& out, const void* value, const TypeInfo& type, std::size_t depth) {
  struct Context {
    std::string& out;
    const TypeInfo& element;
    std::size_t depth;
    bool is_first = true;
    Result<void> result = {};
  } context{out, *type.element, depth};
  out += '{';
  type.map->visit(
      value,
      [](void* opaque, std::string_view key, const void* element) {
        auto& c = *static_cast<Context*>(opaque);
        if (!c.result) return;
        if (!c.is_first) c.out += ',';
        c.is_first = false;
        append_quoted(c.out, key);
        c.out += ':';
        c.result = write_value(c.out, element, c.element, c.depth);
        if (!c.result) c.result = within(std::string{key}, c.result.error());
      },
      &context);
  out += '}';
  return context.result;
}

Result<void> write_value(std::string& out, const void* value, const TypeInfo& type, std::size_t depth) {
  if (is_scalar(type.kind)) return write_scalar(out, value, type);
  if (type.kind == TypeKind::optional) {
    const void* inside = type.optional->get(value);
    if (inside) return write_value(out, inside, *type.element, depth);
    out += "null";
    return {};
  }
  if (type.kind == TypeKind::json) {
    const auto& json = *static_cast<const Json*>(value);
    out += json.text.empty() ? "null" : json.text;
    return {};
  }
  if (depth == 0) return fail(ErrorCode::invalid, "nested deeper than " + std::to_string(DEPTH_MAX) + " levels");
  switch (type.kind) {
    case TypeKind::vector: return write_vector(out, value, type, depth - 1);
    case TypeKind::map: return write_map(out, value, type, depth - 1);
    case TypeKind::variant: return write_variant(out, value, type, depth - 1);
    default:
      out += '{';
      TIDEMARK_TRY(write_members(out, value, type, true, depth - 1));
      out += '}';
      return {};
  }
}

}  // namespace

Result<void> write(std::string& out, const void* value, const TypeInfo& type) {
  return write_value(out, value, type, DEPTH_MAX);
}

}  // namespace tidemark::json
