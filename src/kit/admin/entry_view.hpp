// What the admin API says of a topic's entries, and how they are searched.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "kit/admin/context.hpp"
#include "kit/monitor/entry_time.hpp"
#include "model/delivery.hpp"
#include "tidemark/described.hpp"

namespace tidemark::kit {

struct EntryView {
  std::string id;
  TimePoint time;  // of its id
  std::optional<std::string> type, key, source, ce_id, trace_id;
  std::map<std::string, std::string> fields;  // of fields of one name, the first
  std::uint64_t bytes = 0;                    // of its fields
};
BOOST_DESCRIBE_STRUCT(EntryView, (), (id, time, type, key, source, ce_id, trace_id, fields, bytes))

// The trace that an event belongs to; none for one without a valid traceparent.
std::optional<std::string> trace_id_of(const model::Fields& fields);

// Knows what a topic's events are keyed by. Cheap to make; refers to the context's services.
class EntryViews {
 public:
  EntryViews(const AdminContext& context, std::string_view topic);

  // `ce_subject`, or else the member that the topic's declaration names.
  std::string_view key_of(const model::Fields& fields) const;
  EntryView of(const model::Entry& entry) const;

 private:
  std::string_view key_member_;
};

// Which entries are asked for. Members are those of the endpoints' queries.
struct EntryFilter {
  std::optional<std::string> key, type;
  std::optional<TimePoint> from, to;  // from <= time < to
  std::optional<std::string> text;    // in any field's value, without regard to the case of ASCII letters
};
BOOST_DESCRIBE_STRUCT(EntryFilter, (), (key, type, from, to, text))

bool matches(const EntryFilter& filter, const EntryViews& views, const model::Entry& entry);

}  // namespace tidemark::kit
