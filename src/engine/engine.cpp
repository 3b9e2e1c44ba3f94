#include "engine/engine.hpp"

#include "engine/documents.hpp"
#include "engine/keys.hpp"
#include "engine/plan.hpp"
#include "engine/record.hpp"
#include "engine/timers.hpp"
#include "engine/topics.hpp"

namespace tidemark::engine {
namespace {

constexpr std::uint64_t FORMAT = 1;  // of the data directory: docs/formats/storage.md
const std::string FORMAT_KEY = std::string{static_cast<char>(Space::meta)} + "format";

}  // namespace

Engine::Engine(const EngineOptions& options)
    : limits_{options.limits},
      disk_reserve_bytes_{options.disk_reserve_bytes},
      storage_options_{options.storage},
      clock_{*options.clock},
      random_{Random::from_entropy()} {}

Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::open(const EngineOptions& options) {
  std::unique_ptr<Engine> engine{new Engine{options}};
  TIDEMARK_TRY(engine->load());
  return engine;
}

Result<void> Engine::load() {
  auto storage = storage::Storage::open(storage_options_);
  if (!storage) return storage.error();
  storage_ = std::move(*storage);
  topics_ = std::make_unique<Topics>();
  documents_ = std::make_unique<Documents>(*storage_);
  timers_ = std::make_unique<Timers>(*storage_);
  keys_ = std::make_unique<Keys>(*storage_);
  effects_ = std::make_unique<Effects>();
  plan_ = std::make_unique<Plan>();
  TIDEMARK_TRY(check_format());
  TIDEMARK_TRY(topics_->load(*storage_, clock_));
  TIDEMARK_TRY(documents_->load());
  TIDEMARK_TRY(timers_->load());
  return keys_->load();
}

Result<void> Engine::check_format() {
  std::string value;
  const auto known = storage_->get(FORMAT_KEY, value);
  if (!known) return known.error();
  if (!*known) {
    RecordWriter{begin().value}.number(FORMAT);
    effects_->batch.put(FORMAT_KEY, effects_->value);
    sequence();
    return {};
  }
  RecordReader record{value};
  const auto format = record.number();
  TIDEMARK_TRY(record.status("the format's version"));
  if (format == FORMAT) return {};
  return fail(ErrorCode::invalid,
              "the data directory has format " + std::to_string(format) + ", this program reads format " +
                  std::to_string(FORMAT) + "; run the version of Tidemark that wrote it",
              storage_options_.path);
}

Effects& Engine::begin() {
  effects_->batch.clear();
  effects_->value.clear();
  return *effects_;
}

Lsn Engine::sequence() { return storage_->commit(effects_->batch); }

Lsn Engine::sequenced() const { return storage_->visible(); }

Lsn Engine::durable() const noexcept { return storage_->durable(); }

// --- Looking up ---

Result<std::shared_ptr<Topic>> Engine::find_topic(std::string_view name) const {
  if (auto topic = topics_->share(name)) return topic;
  return fail(ErrorCode::not_found, "there is no such topic; declare it or publish to it first",
              "topic '" + std::string{name} + "'");
}

Result<Engine::Membership> Engine::find_group(std::string_view topic, std::string_view group) const {
  auto found = find_topic(topic);
  if (!found) return found.error();
  const auto member = (*found)->groups.find(group);
  if (member != (*found)->groups.end()) return Membership{std::move(*found), member->second};
  return fail(ErrorCode::not_found, "the topic '" + std::string{topic} + "' has no such group; declare it first",
              "group '" + std::string{group} + "'");
}

Result<void> Engine::check_name(std::string_view kind, std::string_view name) const {
  const bool fits = !name.empty() && name.size() <= limits_.name_bytes_max;
  const bool printable = std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (fits && printable) return {};
  return fail(ErrorCode::invalid,
              "the name of a " + std::string{kind} + " has 1 to " + std::to_string(limits_.name_bytes_max) +
                  " bytes and no control characters",
              std::string{kind} + " '" + std::string{name.substr(0, limits_.name_bytes_max)} + "'");
}

// --- Documents and keys ---

Result<model::Read<std::optional<model::Document>>> Engine::find(const model::Partition& partition,
                                                                 std::string_view collection,
                                                                 std::string_view id) const {
  auto document = documents_->find(partition, collection, id);
  if (!document) return document.error();
  return model::Read<std::optional<model::Document>>{std::move(*document), sequenced()};
}

Result<model::Read<model::Page>> Engine::query(const model::Partition& partition, const model::Query& query) const {
  auto page = documents_->query(partition, query);
  if (!page) return page.error();
  return model::Read<model::Page>{std::move(*page), sequenced()};
}

Result<model::Read<std::optional<std::string>>> Engine::find_key(const model::Partition& partition,
                                                                 std::string_view key) const {
  auto value = keys_->find(partition, key, clock_.now());
  if (!value) return value.error();
  return model::Read<std::optional<std::string>>{std::move(*value), sequenced()};
}

Counters Engine::counters() const {
  const std::lock_guard lock{mutex_};
  auto counters = counters_;
  counters.topics = topics_->all().size();
  for (const auto& [name, topic] : topics_->all()) {
    counters.groups += topic->groups.size();
    for (const auto& [group_name, group] : topic->groups) counters.pending += group->pending().size();
  }
  return counters;
}

}  // namespace tidemark::engine
