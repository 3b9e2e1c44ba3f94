// Engine: commits. Everything is checked before anything is changed, so applying can't fail.
#include <algorithm>

#include "engine/documents.hpp"
#include "engine/engine.hpp"
#include "engine/keys.hpp"
#include "engine/plan.hpp"
#include "engine/timers.hpp"
#include "engine/topics.hpp"

namespace tidemark::engine {
namespace {

constexpr std::size_t ERROR_BYTES_MAX = 4096;  // of a failed attempt's error; the rest is cut off

Failure fenced(const model::Settlement& settlement) {
  return fail(ErrorCode::fenced,
              "the delivery is no longer pending with this token: it was settled, or claimed by another consumer",
              settlement.topic + " " + settlement.id.text() + " of group '" + settlement.group + "'");
}

}  // namespace

Result<model::Committed> Engine::commit(const model::Commit& commit) {
  TIDEMARK_TRY(check_sizes(commit));
  TIDEMARK_TRY(storage_->writable());
  if (commit.refusable) TIDEMARK_TRY(check_disk());
  std::vector<Wake> wakes;
  std::unique_lock lock{mutex_};
  const auto now = clock_.now();
  if (auto checked = check(commit, now); !checked) {
    counters_.fenced += checked.error().code == ErrorCode::fenced;
    counters_.conflicts += checked.error().code == ErrorCode::conflict;
    counters_.refused += checked.error().code == ErrorCode::overloaded;
    return checked.error();
  }
  auto committed = apply(commit, wakes);
  ++counters_.commits;
  lock.unlock();
  for (const auto& wake : wakes) wake();
  return committed;
}

// --- Checking ---

Result<void> Engine::check_sizes(const model::Commit& commit) const {
  const auto check_event = [&](const std::string& topic, const model::Fields& fields) -> Result<void> {
    TIDEMARK_TRY(check_name("topic", topic));
    const auto about = [&] { return "an event for topic '" + topic + "'"; };
    if (fields.empty()) return fail(ErrorCode::invalid, "an event has at least one field", about());
    if (fields.bytes().size() > limits_.entry_bytes_max)
      return fail(ErrorCode::too_large,
                  "its fields have " + std::to_string(fields.bytes().size()) + " bytes, at most " +
                      std::to_string(limits_.entry_bytes_max) + " are stored; put large values elsewhere",
                  about());
    // A pair has two bytes at least, so most events need no counting.
    if (fields.bytes().size() / 2 > limits_.entry_fields_max && fields.count() > limits_.entry_fields_max)
      return fail(ErrorCode::too_large, "it has more than " + std::to_string(limits_.entry_fields_max) + " fields",
                  about());
    return {};
  };
  for (const auto& publication : commit.publications) TIDEMARK_TRY(check_event(publication.topic, publication.fields));
  for (const auto& timer : commit.timers)
    if (timer.due) TIDEMARK_TRY(check_event(timer.topic, timer.fields));
  for (const auto& key : commit.keys)
    if (key.value && key.value->size() > limits_.value_bytes_max)
      return fail(ErrorCode::too_large, "its value has more than " + std::to_string(limits_.value_bytes_max) + " bytes",
                  "key '" + key.key + "'");
  return {};
}

Result<void> Engine::check_disk() {
  refresh_disk();
  if (!disk_is_low()) return {};
  return fail(ErrorCode::disk_full,
              "less than " + std::to_string(disk_reserve_bytes_ >> 20) + " MiB of disk are free; free some space",
              storage_options_.path);
}

Result<void> Engine::check(const model::Commit& commit, TimePoint now) {
  plan_->start();
  TIDEMARK_TRY(check_settlements(commit));
  TIDEMARK_TRY(documents_->check(commit));
  TIDEMARK_TRY(keys_->check(commit, now));
  TIDEMARK_TRY(timers_->check(commit));
  TIDEMARK_TRY(check_erasures(commit));
  return check_publications(commit, now);
}

Result<void> Engine::check_settlements(const model::Commit& commit) {
  for (const auto& settlement : commit.settlements) {
    auto* const topic = topics_->find(settlement.topic);
    if (!topic) return fenced(settlement);
    const auto group = topic->groups.find(settlement.group);
    if (group == topic->groups.end() || !group->second->pending().owns(settlement.id, settlement.token))
      return fenced(settlement);
    plan_->settled.push_back({topic, group->second.get()});
  }
  return {};
}

Result<void> Engine::check_erasures(const model::Commit& commit) {
  if (commit.erasures.empty()) return {};
  std::vector<std::pair<std::string_view, std::vector<StreamId>>> by_topic;
  for (const auto& erasure : commit.erasures) {
    auto of_topic =
        std::find_if(by_topic.begin(), by_topic.end(), [&](auto& ids) { return ids.first == erasure.topic; });
    if (of_topic == by_topic.end()) of_topic = by_topic.insert(by_topic.end(), {erasure.topic, {}});
    of_topic->second.push_back(erasure.id);
  }
  for (const auto& [name, ids] : by_topic) {
    const auto topic = find_topic(name);
    if (!topic) return topic.error();
    auto found = (*topic)->stream.find(*storage_, ids);
    if (!found) return found.error();
    if (found->ids.size() != ids.size())
      return fail(ErrorCode::not_found, "an entry to be deleted is not there, or no longer; look at the topic again",
                  "topic '" + std::string{name} + "'");
    plan_->erasures.emplace_back(topic->get(), std::move(*found));
  }
  return {};
}

Result<void> Engine::check_publications(const model::Commit& commit, TimePoint now) {
  for (const auto& publication : commit.publications) {
    auto* const topic = topics_->find(publication.topic);
    StreamId* last = nullptr;  // the last id of the topic, that of publications before this one included
    if (topic) {
      if (commit.refusable) TIDEMARK_TRY(check_backlog(*topic));
      if (topic->planned_in != plan_->number) topic->planned_last = topic->stream.last_id();
      topic->planned_in = plan_->number;
      last = &topic->planned_last;
    } else {
      auto& made = plan_->new_topics;
      auto found = std::find_if(made.begin(), made.end(), [&](auto& t) { return t.name == publication.topic; });
      if (found == made.end()) found = made.insert(made.end(), {publication.topic, {}});
      last = &found->last;
    }
    const auto id = Stream::id_after(*last, publication.id, now);
    if (!id) return id.error();
    *last = *id;
    plan_->published.push_back(topic);
    plan_->ids.push_back(*id);
  }
  return {};
}

Result<void> Engine::check_backlog(const Topic& topic) const {
  for (const auto& [name, group] : topic.groups)
    if (group->lag(topic.stream) > limits_.group_lag_max)
      return fail(ErrorCode::overloaded,
                  "the group '" + name + "' is " + std::to_string(group->lag(topic.stream)) +
                      " events behind; try again when it has caught up, or remove it if nobody reads as it any more",
                  "topic '" + topic.name + "'");
  return {};
}

// --- Applying ---

model::Committed Engine::apply(const model::Commit& commit, std::vector<Wake>& wakes) {
  auto& effects = begin();
  const auto instant = clock_.instant();
  for (std::size_t i = 0; i < commit.settlements.size(); ++i) {
    auto& [topic, group] = plan_->settled[i];
    const auto pending_before = group->pending().size();
    settle(commit.settlements[i], *group, instant);
    wake_if_relieved(*topic, *group, pending_before, wakes);
  }
  documents_->apply(commit, effects.batch);
  keys_->apply(commit, effects.batch);
  timers_->apply(commit, effects.batch);
  for (const auto& [topic, erasure] : plan_->erasures) erase(*topic, erasure);
  for (std::size_t i = 0; i < commit.publications.size(); ++i) {
    const auto& publication = commit.publications[i];
    auto& topic = plan_->published[i] ? *plan_->published[i] : topic_for_publishing(publication.topic);
    append(topic, plan_->ids[i], publication.fields, wakes);
  }
  const auto lsn = sequence();
  documents_->committed();
  return {lsn, plan_->ids};
}

void Engine::settle(const model::Settlement& settlement, Group& group, Instant instant) {
  auto& pending = group.pending();
  if (settlement.kind == model::Settlement::Kind::acknowledge) {
    counters_.acknowledged += pending.remove(settlement.id, *effects_);
  } else if (auto entry = pending.find(settlement.id)) {  // not settled by another settlement of this commit
    entry->attempts = settlement.attempts;
    entry->retry_at = settlement.retry_at;
    entry->last_error = settlement.error.substr(0, ERROR_BYTES_MAX);
    entry->idle_since = instant;
    entry->suspect = false;
    pending.update(std::move(*entry), *effects_);
    ++counters_.retried;
  }
  pending.write_changes(*effects_);
}

void Engine::append(Topic& topic, StreamId id, const model::Fields& fields, std::vector<Wake>& wakes) {
  topic.stream.append(id, fields, *effects_);
  ++counters_.appended;
  if (!topic.groups.empty()) topic.recent.append(topic.stream, fields);
  for (const auto& [name, group] : topic.groups) {
    if (group->cursor() < id) continue;
    group->note_passed(topic.stream.entries_added());
    group->write(*effects_);
  }
  topic.take_waiters(wakes);
}

void Engine::erase(Topic& topic, const Erasure& erasure) {
  if (erasure.ids.empty()) return;
  topic.stream.erase(erasure, *effects_);
  topic.write(*effects_);
  for (const auto& [name, group] : topic.groups) {
    if (group->cursor() >= erasure.ids.back()) continue;
    for (const auto id : erasure.ids)
      if (group->cursor() < id) group->note_deleted();
    group->write(*effects_);
  }
}

Topic& Engine::topic_for_publishing(std::string_view name) {
  if (auto* const topic = topics_->find(name)) return *topic;
  return topics_->create(name, *effects_);
}

// Whoever waits because the group had too many pending may go on.
void Engine::wake_if_relieved(const Topic& topic, Group& group, std::uint64_t pending_before,
                              std::vector<Wake>& wakes) const {
  if (pending_before >= limits_.group_pending_max && may_hand_over(topic, group)) group.waiters.take(wakes);
}

bool Engine::may_hand_over(const Topic& topic, const Group& group) const {
  return group.pending().size() < limits_.group_pending_max && group.lag(topic.stream) > 0;
}

}  // namespace tidemark::engine
