#include "kit/admin/entry_view.hpp"

#include <algorithm>

#include "kit/service/envelope.hpp"
#include "telemetry/trace_context.hpp"

namespace tidemark::kit {
namespace {

std::optional<std::string> text_of(const model::Fields& fields, std::string_view name) {
  const auto value = fields.find(name);
  if (!value || value->empty()) return std::nullopt;
  return std::string{*value};
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool contains(std::string_view text, std::string_view wanted) {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  return wanted.empty() || std::search(text.begin(), text.end(), wanted.begin(), wanted.end(), same) != text.end();
}

}  // namespace

std::optional<std::string> trace_id_of(const model::Fields& fields) {
  const auto context = telemetry::TraceContext::parse(fields.find("ce_traceparent").value_or(""));
  if (!context) return std::nullopt;
  return context->trace.text();
}

EntryViews::EntryViews(const AdminContext& context, std::string_view topic) {
  const auto* event = context.event_of(topic);
  if (event == nullptr) return;
  key_member_ = default_key_member(*event);
  for (const auto& service : context.services)
    for (const auto& declared : service.spec.topics)
      if (declared.name == topic && !declared.key_member.empty()) key_member_ = declared.key_member;
}

std::string_view EntryViews::key_of(const model::Fields& fields) const {
  if (const auto subject = fields.find("ce_subject")) return *subject;
  return key_member_.empty() ? std::string_view{} : fields.find(key_member_).value_or("");
}

EntryView EntryViews::of(const model::Entry& entry) const {
  EntryView view{.id = entry.id.text(), .time = time_of(entry.id)};
  view.type = text_of(entry.fields, "ce_type");
  view.source = text_of(entry.fields, "ce_source");
  view.ce_id = text_of(entry.fields, "ce_id");
  view.trace_id = trace_id_of(entry.fields);
  if (const auto key = key_of(entry.fields); !key.empty()) view.key = key;
  for (const auto& [name, value] : entry.fields) view.fields.emplace(name, value);
  view.bytes = entry.fields.bytes().size();
  return view;
}

bool matches(const EntryFilter& filter, const EntryViews& views, const model::Entry& entry) {
  const auto time = time_of(entry.id);
  if (filter.from && time < *filter.from) return false;
  if (filter.to && time >= *filter.to) return false;
  if (filter.key && views.key_of(entry.fields) != *filter.key) return false;
  if (filter.type && entry.fields.find("ce_type").value_or("") != *filter.type) return false;
  if (!filter.text) return true;
  for (const auto& field : entry.fields)
    if (contains(field.value, *filter.text)) return true;
  return false;
}

}  // namespace tidemark::kit
