// The envelope of an event: how a described struct becomes the fields of a stream entry, and back.
// docs/formats/events.md has the fields; the attributes follow CloudEvents 1.0 (cloudevents.io), prefixed `ce_`.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "model/fields.hpp"
#include "telemetry/trace_context.hpp"
#include "tidemark/described.hpp"

namespace tidemark::kit {

struct Attributes {
  std::string id;                   // ce_id: a ULID
  std::string type;                 // ce_type: the struct's name
  std::string source;               // ce_source: "/<service>"
  TimePoint time{};                 // ce_time
  std::string subject;              // ce_subject: the key
  telemetry::TraceContext trace{};  // ce_traceparent: the trace, and the span that published the event
};

// The event's members, flat, and then the attributes. `invalid` for what can't be written.
Result<model::Fields> write_event(const void* event, const TypeInfo& type, const Attributes& attributes);

// What an event's fields may have in bytes: a store's limit for an entry, 1 MiB, less what a dead letter adds.
constexpr std::size_t EVENT_BYTES_MAX = (1 << 20) - (4 << 10);
// `too_large` for fields beyond it.
Result<void> check_size(const model::Fields& fields);

// Fills the event from the fields. Fields that it does not know are passed over. `invalid` names the member.
Result<void> read_event(const model::Fields& fields, void* event, const TypeInfo& type);

// The event's JSON, members only. A value that is not what its member must be (the entry may be written by hand) is
// there as a string; an entry that names no alternative of a variant has no members.
std::string event_json(const model::Fields& fields, const TypeInfo& type);

// The member that is an event type's key when nobody says otherwise: `id`, or else the first one. Empty where the
// struct has no members.
std::string_view default_key_member(const TypeInfo& event);

}  // namespace tidemark::kit
