// What a store answers, as text: all of it that a caller may rely on, so that two stores' answers can be compared.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "store/store.hpp"

namespace tidemark::conformance {

inline std::string text(StreamId id) { return id.text(); }
inline std::string text(const std::optional<std::string>& value) { return value.value_or("(none)"); }
inline std::string text(std::uint64_t number) { return std::to_string(number); }
inline std::string text(TimePoint time) { return std::to_string(time.time_since_epoch().count()); }
template <class T>
std::string text(const std::vector<T>& all);
inline std::string text(const std::optional<TimePoint>& time) { return time ? text(*time) : "-"; }
inline std::string text(const model::Fields& fields) {
  std::string all;
  for (const auto& [name, value] : fields) all.append(name).append("=").append(value).append(" ");
  return all;
}
inline std::string text(const model::Entry& entry) { return text(entry.id) + " " + text(entry.fields); }
inline std::string text(const std::optional<model::Entry>& entry) { return entry ? text(*entry) : "(none)"; }
inline std::string text(const model::Delivery& d) {
  return text(d.id) + " " + text(d.fields) + text(std::uint64_t{d.deliveries}) + " " + text(std::uint64_t{d.attempts}) +
         " " + text(d.retry_at) + " " + d.last_error + (d.suspect ? " suspect" : "");
}
inline std::string text(const model::Batch& batch) { return text(batch.deliveries); }
inline std::string text(const model::Committed& committed) { return text(committed.published); }
inline std::string text(const model::Document& document) {
  return document.id + " " + document.version.text() + " " + document.json;
}
inline std::string text(const std::optional<model::Document>& document) {
  return document ? text(*document) : "(none)";
}
inline std::string text(const model::Page& page) {
  return text(page.documents) + (page.next.empty() ? "" : " and more");
}
template <class T>
std::string text(const model::Read<T>& read) {
  return text(read.value);
}
inline std::string text(const model::Forwarded& forwarded) { return text(forwarded.last); }
inline std::string text(const model::TopicInfo& info) {
  return info.name + " " + text(info.length) + " " + text(info.entries_added) + " " + text(info.first_id) + " " +
         text(info.last_id) + " " + text(info.max_deleted_id) + " " + text(std::uint64_t{info.groups});
}
// Of the consumers those that have something: when the others are noted and forgotten is the store's affair.
inline std::string text(const model::GroupInfo& info) {
  std::map<std::string, std::uint64_t> consumers;
  for (const auto& consumer : info.consumers)
    if (consumer.pending > 0) consumers[consumer.name] = consumer.pending;
  std::string all = info.name + " " + text(info.cursor) + " " + text(info.pending) + " " + text(info.lag);
  for (const auto& [name, pending] : consumers) all.append(" ").append(name).append(" ").append(text(pending));
  return all;
}
inline std::string text(const model::PendingInfo& info) {
  return text(info.id) + " " + info.consumer + " " + std::to_string(info.idle.count()) + " " +
         text(std::uint64_t{info.deliveries}) + " " + text(std::uint64_t{info.attempts}) + " " + text(info.retry_at) +
         " " + info.last_error;
}
inline std::string text(const store::LeaseAnswer& answer) {
  return (answer.lease ? answer.lease->owner : "(another)") + " " + std::to_string(answer.left.count());
}
inline std::string text(Lsn) { return "done"; }
template <class T>
std::string text(const std::vector<T>& all) {
  std::string list = "[";
  for (const auto& one : all) list += text(one) + "; ";
  return list + "]";
}
template <class T>
std::string text(const Result<T>& result) {
  if (!result) return "refused: " + std::string{to_string(result.error().code)};
  if constexpr (std::is_void_v<T>) {
    return "done";
  } else {
    return text(*result);
  }
}

}  // namespace tidemark::conformance
