#include "kit/dispatch/pauses.hpp"

#include <utility>

#include "base/ulid.hpp"
#include "json/json.hpp"

namespace tidemark::kit {
namespace {

// All of them in one place, whichever service reads as the group, if any.
const model::Partition PLACE{"tidemark", 0};
// Keys have an end; this one is behind that of whoever set it.
constexpr Duration FOR_EVER = std::chrono::hours{24 * 365 * 100};
// That a pause is over is known for longer than anybody takes to resume it.
constexpr Duration END_KNOWN_FOR = std::chrono::hours{24};

// No name contains a control character.
std::string name_of(std::string_view topic, std::string_view group) {
  return std::string{topic}.append("\n").append(group);
}
std::string pause_key(std::string_view topic, std::string_view group) {
  return "group/paused/" + name_of(topic, group);
}
// Taken once that pause is over.
std::string end_key(const Pause& pause) { return "group/resumed/" + pause.id; }
std::string stop_key(std::string_view topic, std::string_view group, std::uint16_t partition) {
  return "group/stopped/" + std::to_string(partition) + "/" + name_of(topic, group);
}

}  // namespace

Result<std::optional<std::string>> Pauses::value_of(const std::string& key) const {
  auto found = store_.find_key(PLACE, key);
  if (!found) return found.error();
  return std::move(found->value);
}

Result<void> Pauses::change(std::string key, std::optional<std::string> value, bool must_be_absent) {
  model::Commit commit;
  commit.partition = PLACE;
  commit.keys.push_back({.key = std::move(key),
                         .value = std::move(value),
                         .expires = clock_.now() + FOR_EVER,
                         .must_be_absent = must_be_absent});
  const auto committed = store_.commit(commit);
  if (!committed) return committed.error();
  return store_.wait_durable(committed->lsn);
}

Result<std::optional<Pause>> Pauses::find(std::string_view topic, std::string_view group) const {
  auto value = value_of(pause_key(topic, group));
  if (!value) return value.error();
  if (!*value) return std::optional<Pause>{};
  auto pause = json::from_json<Pause>(**value);
  if (pause) return std::optional{std::move(*pause)};
  return std::optional{
      Pause{.since = {}, .reason = "what is stored of its pause can't be read", .by = {}, .id = **value}};
}

Result<Pause> Pauses::pause(std::string_view topic, std::string_view group, std::string reason, std::string by) {
  const auto now = clock_.now();
  Pause pause{now, std::move(reason), std::move(by), make_ulid(now, thread_random())};
  auto value = json::to_json(pause);
  if (!value) return value.error();
  for (;;) {
    auto found = find(topic, group);
    if (!found) return found.error();
    if (*found) return std::move(**found);
    const auto changed = change(pause_key(topic, group), *value, true);
    if (changed) return pause;
    if (changed.error().code != ErrorCode::already_exists) return changed.error();
  }
}

Result<bool> Pauses::resume(std::string_view topic, std::string_view group) {
  auto value = value_of(pause_key(topic, group));
  if (!value) return value.error();
  if (!*value) return false;
  model::Commit commit;
  commit.partition = PLACE;
  commit.keys.push_back({.key = pause_key(topic, group), .value = {}});
  // Who else resumes this pause takes the same key: of the two one succeeds, and the other leaves alone what was paused
  // since.
  if (const auto pause = json::from_json<Pause>(**value))
    commit.keys.push_back({.key = end_key(*pause),
                           .value = std::string{},
                           .expires = clock_.now() + END_KNOWN_FOR,
                           .must_be_absent = true});
  const auto committed = store_.commit(commit);
  if (!committed && committed.error().code == ErrorCode::already_exists) return false;
  if (!committed) return committed.error();
  TIDEMARK_TRY(store_.wait_durable(committed->lsn));
  return true;
}

Result<void> Pauses::note_stopped(std::string_view topic, std::string_view group, std::uint16_t partition,
                                  const Pause& pause) {
  return change(stop_key(topic, group, partition), pause.id);
}

Result<bool> Pauses::has_stopped(std::string_view topic, std::string_view group, std::uint16_t partition,
                                 const Pause& pause) const {
  auto value = value_of(stop_key(topic, group, partition));
  if (!value) return value.error();
  return *value == pause.id;
}

}  // namespace tidemark::kit
