#include "kit/service/envelope.hpp"

#include "json/fields.hpp"
#include "json/json.hpp"
#include "json/scalar.hpp"
#include "json/writer.hpp"

namespace tidemark::kit {
namespace {

bool is_text(const TypeInfo& type) {
  const TypeInfo& inner = type.kind == TypeKind::optional ? *type.element : type;
  return inner.kind == TypeKind::string || inner.kind == TypeKind::time || inner.kind == TypeKind::enumeration;
}

// The struct whose members an entry has: of a variant the alternative that its field "type" names, null where it names
// none.
const TypeInfo* struct_of(const model::Fields& fields, const TypeInfo& type) {
  if (type.kind == TypeKind::object) return &type;
  const auto name = fields.find("type");
  for (const auto* alternative : type.alternatives)
    if (name == alternative->name) return alternative;
  return nullptr;
}

void write_members(json::Writer& out, const model::Fields& fields, const TypeInfo& type) {
  for (const auto& member : type.fields()) {
    const auto value = fields.find(member.name);
    if (!value) continue;
    out.key(member.name);
    if (!is_text(*member.type) && json::validate(*value))
      out.raw(*value);
    else
      out.value(*value);
  }
}

}  // namespace

Result<model::Fields> write_event(const void* event, const TypeInfo& type, const Attributes& attributes) {
  model::Fields fields;
  TIDEMARK_TRY(
      json::write_fields(event, type, [&](std::string_view name, std::string_view value) { fields.add(name, value); }));
  fields.add("ce_id", attributes.id);
  fields.add("ce_type", attributes.type);
  fields.add("ce_source", attributes.source);
  json::ScalarBuffer buffer;
  fields.add("ce_time", json::format(attributes.time, buffer));
  fields.add("ce_subject", attributes.subject);
  if (attributes.trace.trace) fields.add("ce_traceparent", telemetry::Traceparent{attributes.trace}.view());
  TIDEMARK_TRY(check_size(fields));
  return fields;
}

Result<void> check_size(const model::Fields& fields) {
  if (fields.bytes().size() <= EVENT_BYTES_MAX) return {};
  return fail(ErrorCode::too_large,
              "its fields have " + std::to_string(fields.bytes().size()) + " bytes, at most " +
                  std::to_string(EVENT_BYTES_MAX) + " are published; put large values elsewhere",
              "the event " + std::string{fields.find("ce_id").value_or("")});
}

Result<void> read_event(const model::Fields& fields, void* event, const TypeInfo& type) {
  return json::read_fields([&](std::string_view name) { return fields.find(name); }, event, type);
}

std::string event_json(const model::Fields& fields, const TypeInfo& type) {
  json::Writer out;
  out.begin_object();
  if (const auto* members = struct_of(fields, type)) {
    if (members != &type) out.member("type", members->name);
    write_members(out, fields, *members);
  }
  out.end_object();
  return std::move(out).text();
}

std::string_view default_key_member(const TypeInfo& event) {
  if (event.kind != TypeKind::object) return {};
  if (find_field(event, "id")) return "id";
  const auto fields = event.fields();
  return fields.empty() ? std::string_view{} : fields.front().name;
}

}  // namespace tidemark::kit
