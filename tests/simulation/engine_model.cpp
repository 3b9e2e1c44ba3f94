#include "engine_model.hpp"

#include <algorithm>

namespace tidemark::engine {
namespace {

std::string text_of(const model::Entry& entry) { return std::string{entry.fields.find("text").value_or("")}; }

std::vector<std::string> ids_of(const model::Page& page) {
  std::vector<std::string> ids;
  for (const auto& document : page.documents) ids.push_back(document.id);
  return ids;
}

// Publishes the timers that are due until there is none.
std::string publish_timers(Engine& engine) {
  for (int i = 0; i < 1000; ++i) {
    const auto before = engine.sequenced();
    if (const auto next = engine.maintain(); !next) return next.error().text();
    if (engine.sequenced() == before) return {};
  }
  return "timers without end";
}

}  // namespace

void apply_up_to(Lsn last, std::vector<ModelChange> changes, ModelState& to) {
  std::ranges::sort(changes, {}, [](const ModelChange& change) { return change.lsn; });
  for (const auto& change : changes)
    if (change.lsn <= last) change.apply(to);
}

std::string ModelState::difference(Engine& engine) const {
  for (const auto part : {&ModelState::documents_differ, &ModelState::topics_differ, &ModelState::groups_differ,
                          &ModelState::alarms_differ}) {
    if (auto wrong = (this->*part)(engine); !wrong.empty()) return wrong;
  }
  return {};
}

std::string ModelState::documents_differ(Engine& engine) const {
  std::vector<std::string> all;
  std::map<std::string, std::vector<std::string>> by_color;
  for (const auto& [id, thing] : things) {
    const auto found = engine.find(PARTITION, COLLECTION, id);
    if (!found || !found->value || found->value->json != thing.json) return "document " + id + " is not as committed";
    all.push_back(id);
    by_color[thing.color].push_back(id);
    const auto by_slot = engine.query(PARTITION, {.collection = COLLECTION, .index = "slot", .equal = thing.slot});
    if (!by_slot || ids_of(by_slot->value) != std::vector{id}) return "the unique index does not lead to " + id;
  }
  const auto listed = engine.query(PARTITION, {.collection = COLLECTION, .limit = 1000});
  if (!listed || ids_of(listed->value) != all) return "other documents are there than were committed";
  for (int color = 0; color < COLORS; ++color) {
    const auto name = "c" + std::to_string(color);
    const auto found =
        engine.query(PARTITION, {.collection = COLLECTION, .index = "color", .equal = name, .limit = 1000});
    if (!found || ids_of(found->value) != by_color[name]) return "the index of colors is not that of the documents";
  }
  for (int key = 0; key < KEYS; ++key) {
    const auto name = "k" + std::to_string(key);
    const auto expected = keys.find(name);
    const auto found = engine.find_key(PARTITION, name);
    if (!found || found->value.has_value() != (expected != keys.end()) ||
        (found->value && *found->value != expected->second))
      return "key " + name + " is not as committed";
  }
  return {};
}

std::string ModelState::topics_differ(Engine& engine) const {
  for (const auto& [name, expected] : topics) {
    const auto entries = engine.read(name, {.count = 100'000});
    std::map<StreamId, std::string> found;
    if (entries)
      for (const auto& entry : *entries) found[entry.id] = text_of(entry);
    if (found != expected)
      return tidemark::detail::concatenate("topic ", name, " has ", found.size(), " entries, not the ", expected.size(),
                                           " that were committed");
    const auto info = engine.topic(name);
    if (!expected.empty() && (!info || info->length != expected.size() || info->last_id != expected.rbegin()->first))
      return "what is noted of topic " + name + " does not fit its entries";
  }
  return {};
}

std::string ModelState::groups_differ(Engine& engine) const {
  for (const auto& [name, expected] : groups) {
    const auto infos = engine.groups(ORDERS);
    if (!infos) return infos.error().text();
    const auto info = std::ranges::find(*infos, name, &model::GroupInfo::name);
    if (info == infos->end()) return "group " + name + " is missing";
    if (info->cursor != expected.cursor) return "the cursor of " + name + " is not behind what was handed over";
    const auto pending = engine.pending(ORDERS, name, StreamId::min(), 100'000);
    if (!pending || pending->size() != expected.pending.size())
      return tidemark::detail::concatenate("group ", name, " does not have the ", expected.pending.size(),
                                           " pending that were handed over");
    auto at = expected.pending.begin();
    for (const auto& entry : *pending) {
      if (entry.id != at->first || entry.consumer != at->second.consumer || entry.deliveries != at->second.deliveries ||
          entry.attempts != at->second.attempts)
        return tidemark::detail::concatenate("what group ", name, " has pending is not as handed over, at ",
                                             entry.id.text());
      ++at;
    }
  }
  return {};
}

std::string ModelState::alarms_differ(Engine& engine) const {
  if (auto wrong = publish_timers(engine); !wrong.empty()) return wrong;
  std::multiset<std::string> found;
  if (const auto entries = engine.read(ALARMS, {.count = 100'000}))
    for (const auto& entry : *entries) found.insert(text_of(entry));
  if (std::ranges::equal(found, timers)) return {};
  return tidemark::detail::concatenate(found.size(), " timers were published, each of ", timers.size(),
                                       " should be, once");
}

}  // namespace tidemark::engine
