#include "kit/dead_letters.hpp"

#include <charconv>

#include "json/scalar.hpp"
#include "kit/envelope.hpp"

namespace tidemark::kit {
namespace {

constexpr std::string_view PREFIX = "dl_";

DeadLetter read_dead_letter(const model::Entry& entry) {
  const auto text = [&](std::string_view name) { return std::string{entry.fields.find(name).value_or("")}; };
  DeadLetter letter{.id = entry.id, .origin = text("dl_id"), .error = text("dl_error"), .time = text("dl_time")};
  const auto attempts = entry.fields.find("dl_attempts").value_or("");
  std::from_chars(attempts.data(), attempts.data() + attempts.size(), letter.attempts);
  letter.event = exhume(entry.fields);
  return letter;
}

}  // namespace

std::string dead_topic(std::string_view topic, std::string_view group) {
  return std::string{topic}.append(".").append(group).append(".dead");
}

std::string redrive_topic(std::string_view topic, std::string_view group) {
  return std::string{topic}.append(".").append(group).append(".redrive");
}

model::Fields bury(const model::Fields& event, StreamId id, std::string_view error, std::uint32_t attempts,
                   TimePoint now) {
  model::Fields fields = exhume(event);
  fields.add("dl_id", id.text());
  fields.add("dl_error", error);
  fields.add("dl_attempts", std::to_string(attempts));
  json::ScalarBuffer buffer;
  fields.add("dl_time", json::format(now, buffer));
  return fields;
}

model::Fields exhume(const model::Fields& dead_letter) {
  model::Fields fields;
  for (const auto& [name, value] : dead_letter)
    if (!name.starts_with(PREFIX)) fields.add(name, value);
  return fields;
}

DeadLetters::DeadLetters(store::Store& store, std::string topic, std::string group)
    : store_{store}, topic_{std::move(topic)}, group_{std::move(group)}, dead_topic_{dead_topic(topic_, group_)} {}

Result<std::vector<DeadLetter>> DeadLetters::list(StreamId after, std::uint32_t count) {
  auto entries = store_.read(dead_topic_, after, count);
  if (!entries) {
    if (entries.error().code == ErrorCode::not_found) return std::vector<DeadLetter>{};
    return entries.error();
  }
  std::vector<DeadLetter> letters;
  letters.reserve(entries->size());
  for (const auto& entry : *entries) letters.push_back(read_dead_letter(entry));
  return letters;
}

Result<DeadLetter> DeadLetters::get(StreamId id) {
  auto entry = store_.read_one(dead_topic_, id);
  if (!entry) return entry.error();
  if (!*entry) return fail(ErrorCode::not_found, "there is no such dead letter", dead_topic_ + " " + id.text());
  return read_dead_letter(**entry);
}

Result<StreamId> DeadLetters::redrive(StreamId id, std::optional<model::Fields> edited) {
  auto letter = get(id);
  if (!letter) return letter.error();
  const std::string event_id{letter->event.find("ce_id").value_or(letter->origin)};
  if (!edited) edited = std::move(letter->event);
  if (!edited->find("ce_id")) edited->add("ce_id", event_id);
  TIDEMARK_TRY(check_size(*edited));
  model::Commit commit;
  commit.erasures.push_back({dead_topic_, id});
  commit.publications.push_back({redrive_topic(topic_, group_), std::move(*edited), std::nullopt});
  auto committed = store_.commit(commit);
  if (!committed) return committed.error();
  TIDEMARK_TRY(store_.wait_durable(committed->lsn));
  return committed->published.front();
}

Result<void> DeadLetters::discard(StreamId id) {
  model::Commit commit;
  commit.erasures.push_back({dead_topic_, id});
  auto committed = store_.commit(commit);
  if (!committed) return committed.error();
  return store_.wait_durable(committed->lsn);
}

}  // namespace tidemark::kit
