#include "simulation/observed_store.hpp"

#include <string>

namespace tidemark::simulation {
namespace {

void append(std::string& text, std::string_view verb, std::string_view object) {
  text.append(text.ends_with(':') ? " " : ", ").append(verb).append(" ").append(object);
}

// "commit inventory:0: settles order_completed 17-0, puts inventory.products/4, publishes stock_taken"
std::string describe(const model::Commit& commit) {
  std::string text = "commit " + commit.partition.tag() + ":";
  for (const auto& settled : commit.settlements)
    append(text, settled.kind == model::Settlement::Kind::retry ? "will retry" : "settles",
           settled.topic + " " + settled.id.text());
  for (const auto& document : commit.documents)
    append(text, document.json ? "puts" : "erases", document.collection + "/" + document.id);
  for (const auto& published : commit.publications) append(text, "publishes", published.topic);
  for (const auto& timer : commit.timers) append(text, timer.due ? "sets the timer" : "cancels the timer", timer.name);
  for (const auto& key : commit.keys) append(text, "sets the key", key.key);
  for (const auto& erased : commit.erasures) append(text, "erases", erased.topic + " " + erased.id.text());
  return text;
}

std::string describe(std::string_view verb, const store::Subscription& by, const model::Batch& batch) {
  std::string text{verb};
  text.append(" ").append(by.topic).append(" for ").append(by.group).append(":");
  for (const auto& delivery : batch.deliveries) text.append(" ").append(delivery.id.text());
  return text;
}

}  // namespace

template <class Call>
auto ObservedStore::change(const Call& call, std::string what) -> decltype(call()) {
  witness_.before_change(process_);
  const auto before = seen();
  auto result = call();
  if (seen() != before) witness_.after_change(process_, std::move(what));
  return result;
}

// What somebody outside may hear of is on disk.
template <class Call>
auto ObservedStore::read_durable(const Call& call) -> decltype(call()) {
  witness_.before_read(process_);
  auto result = call();
  TIDEMARK_TRY(wait_durable(seen()));
  return result;
}

Result<void> ObservedStore::wait_durable(Lsn lsn) {
  witness_.before_read(process_);
  while (witness_.durable() < lsn) {
    moved_.wait();
    witness_.before_read(process_);
  }
  return {};
}

// --- Declarations ---

Result<void> ObservedStore::declare_topic(const model::TopicDefinition& topic) {
  TIDEMARK_TRY(change([&] { return DelegatingStore::declare_topic(topic); }, "declares the topic " + topic.name));
  return wait_durable(seen());
}
Result<void> ObservedStore::declare_group(std::string_view topic, std::string_view group, StreamId start) {
  TIDEMARK_TRY(change([&] { return DelegatingStore::declare_group(topic, group, start); },
                      "declares the group " + std::string{group} + " of " + std::string{topic}));
  return wait_durable(seen());
}
Result<void> ObservedStore::remove_group(std::string_view topic, std::string_view group) {
  TIDEMARK_TRY(change([&] { return DelegatingStore::remove_group(topic, group); },
                      "removes the group " + std::string{group} + " of " + std::string{topic}));
  return wait_durable(seen());
}
Result<void> ObservedStore::declare_collection(const model::CollectionDefinition& collection) {
  TIDEMARK_TRY(change([&] { return DelegatingStore::declare_collection(collection); },
                      "declares the collection " + collection.name));
  return wait_durable(seen());
}
Result<void> ObservedStore::declare_partitions(std::string_view service, std::uint16_t count) {
  TIDEMARK_TRY(change([&] { return DelegatingStore::declare_partitions(service, count); },
                      "declares the partitions of " + std::string{service}));
  return wait_durable(seen());
}

// --- Partitions and the processes that share them ---

Result<std::vector<std::string>> ObservedStore::join(std::string_view service, std::string_view member, Duration time) {
  witness_.before_read(process_);
  return DelegatingStore::join(service, member, time);
}
Result<void> ObservedStore::leave(std::string_view service, std::string_view member) {
  witness_.before_read(process_);
  return DelegatingStore::leave(service, member);
}
Result<store::LeaseAnswer> ObservedStore::lease(const model::Partition& partition, std::string_view owner,
                                                Duration time) {
  witness_.before_read(process_);
  return DelegatingStore::lease(partition, owner, time);
}
Result<void> ObservedStore::release(const model::Lease& lease) {
  witness_.before_read(process_);
  return DelegatingStore::release(lease);
}
Result<model::Forwarded> ObservedStore::forward(const model::Forwarding& forwarding) {
  return change([&] { return DelegatingStore::forward(forwarding); },
                "forwards " + forwarding.source + " to " + forwarding.target);
}
Result<void> ObservedStore::move_cursor(std::string_view topic, std::string_view group, StreamId to) {
  return change([&] { return DelegatingStore::move_cursor(topic, group, to); },
                "moves the group " + std::string{group} + " of " + std::string{topic});
}

// --- Commits and reads ---

Result<model::Committed> ObservedStore::commit(const model::Commit& commit) {
  return change(
      [&] {
        auto committed = DelegatingStore::commit(commit);
        if (committed)
          for (const auto& timer : commit.timers) witness_.note_timer(commit.partition, timer);
        return committed;
      },
      describe(commit));
}
Result<model::Read<std::optional<model::Document>>> ObservedStore::find(const model::Partition& partition,
                                                                        std::string_view collection,
                                                                        std::string_view id) {
  witness_.before_read(process_);
  return DelegatingStore::find(partition, collection, id);
}
Result<model::Read<model::Page>> ObservedStore::query(const model::Partition& partition, const model::Query& query) {
  witness_.before_read(process_);
  return DelegatingStore::query(partition, query);
}
Result<model::Read<std::optional<std::string>>> ObservedStore::find_key(const model::Partition& partition,
                                                                        std::string_view key) {
  witness_.before_read(process_);
  return DelegatingStore::find_key(partition, key);
}

// --- Deliveries ---

// Others may change the store while it waits, so what it is handed over says whether it has.
Result<model::Batch> ObservedStore::fetch(const store::Subscription& by, std::uint32_t count, std::size_t bytes,
                                          Instant deadline) {
  witness_.before_change(process_);
  auto batch = DelegatingStore::fetch(by, count, bytes, deadline);
  if (batch && !batch->deliveries.empty())
    witness_.after_change(process_, describe("hands over", by, *batch));
  else
    witness_.before_read(process_);
  return batch;
}
Result<model::Batch> ObservedStore::claim(const store::Subscription& by, Duration idle, StreamId after,
                                          std::uint32_t count) {
  witness_.before_change(process_);
  auto batch = DelegatingStore::claim(by, idle, after, count);
  if (batch && !batch->deliveries.empty()) witness_.after_change(process_, describe("takes over", by, *batch));
  return batch;
}
Result<Lsn> ObservedStore::record_attempt(const store::Subscription& by, StreamId id, std::uint64_t token,
                                          std::uint32_t attempt) {
  return change([&] { return DelegatingStore::record_attempt(by, id, token, attempt); },
                "records attempt " + std::to_string(attempt) + " at " + by.topic + " " + id.text());
}
Result<std::vector<StreamId>> ObservedStore::extend_leases(
    const store::Subscription& by, std::span<const std::pair<StreamId, std::uint64_t>> deliveries) {
  return change([&] { return DelegatingStore::extend_leases(by, deliveries); }, "extends leases of " + by.topic);
}

// --- Reading without a group ---

Result<std::vector<model::Entry>> ObservedStore::read(std::string_view topic, StreamId after, std::uint32_t count) {
  return read_durable([&] { return DelegatingStore::read(topic, after, count); });
}
Result<std::optional<model::Entry>> ObservedStore::read_one(std::string_view topic, StreamId id) {
  return read_durable([&] { return DelegatingStore::read_one(topic, id); });
}
Result<bool> ObservedStore::wait_for_entries(std::span<const store::Position> positions, Instant deadline) {
  return read_durable([&] { return DelegatingStore::wait_for_entries(positions, deadline); });
}
Result<std::vector<model::TopicInfo>> ObservedStore::topics() {
  return read_durable([&] { return DelegatingStore::topics(); });
}
Result<model::TopicInfo> ObservedStore::topic(std::string_view name) {
  return read_durable([&] { return DelegatingStore::topic(name); });
}
Result<std::vector<model::GroupInfo>> ObservedStore::groups(std::string_view topic) {
  return read_durable([&] { return DelegatingStore::groups(topic); });
}
Result<std::vector<model::PendingInfo>> ObservedStore::pending(std::string_view topic, std::string_view group,
                                                               StreamId after, std::uint32_t count) {
  return read_durable([&] { return DelegatingStore::pending(topic, group, after, count); });
}
Result<std::uint64_t> ObservedStore::erase_entries(std::string_view topic, std::span<const StreamId> ids) {
  auto erased =
      change([&] { return DelegatingStore::erase_entries(topic, ids); }, "erases entries of " + std::string{topic});
  TIDEMARK_TRY(wait_durable(seen()));
  return erased;
}

Result<TimePoint> ObservedStore::maintain() {
  return change([&] { return DelegatingStore::maintain(); }, "maintenance");
}

}  // namespace tidemark::simulation
