#include "store/embedded/embedded_store.hpp"

#include <atomic>

#include "engine/engine.hpp"
#include "fiber/blocking_pool.hpp"
#include "fiber/completion.hpp"
#include "fiber/fiber.hpp"
#include "store/embedded/durable_waiters.hpp"
#include "store/embedded/leases.hpp"

namespace tidemark::store {
namespace {

engine::Subscription as_engine(const Subscription& by) { return {by.topic, by.group, by.consumer}; }

}  // namespace

Result<std::unique_ptr<Store>> EmbeddedStore::open(const EmbeddedOptions& options) {
  engine::EngineOptions engine_options;
  engine_options.storage.path = options.path;
  engine_options.storage.durability = options.durability;
  engine_options.storage.cache_bytes = options.cache_bytes;
  engine_options.clock = options.clock;
  engine_options.disk_reserve_bytes = options.disk_reserve_bytes;
  engine_options.limits.group_lag_max = options.backlog_max;
  auto engine = engine::Engine::open(engine_options);
  if (!engine) return engine.error();
  return std::unique_ptr<Store>{new EmbeddedStore{std::move(*engine), options}};
}

EmbeddedStore::EmbeddedStore(std::unique_ptr<engine::Engine> engine, const EmbeddedOptions& options)
    : engine_{std::move(engine)},
      waiters_{std::make_unique<DurableWaiters>(engine_->durable())},
      leases_{std::make_unique<Leases>(*options.clock)},
      durability_{options.durability},
      path_{options.path},
      clock_{*options.clock} {
  engine_->storage().on_durable([waiters = waiters_.get()](Lsn lsn) { waiters->release(lsn); });
}

// The sync thread calls the waiters, so it ends before them.
EmbeddedStore::~EmbeddedStore() { engine_.reset(); }

// --- Waiting for the tidemark ---

// Asks the storage first: with a durability other than `always` it counts as durable what the sync thread has not heard
// of.
Result<void> EmbeddedStore::wait_durable(Lsn lsn) {
  if (engine_->durable() < lsn) waiters_->wait(lsn);
  return {};
}

bool EmbeddedStore::is_durable(Lsn lsn) const noexcept { return engine_->durable() >= lsn; }
Lsn EmbeddedStore::seen() const noexcept { return engine_->sequenced(); }

Result<void> EmbeddedStore::durable(const Result<Lsn>& changed) {
  if (!changed) return changed.error();
  return wait_durable(*changed);
}

// An answer for somebody outside waits for whatever it may have seen.
template <class T>
Result<T> EmbeddedStore::seen_durable(Result<T> answer) {
  TIDEMARK_TRY(wait_durable(engine_->sequenced()));
  return answer;
}

// --- Declarations ---

Result<void> EmbeddedStore::declare_topic(const model::TopicDefinition& topic) {
  return durable(engine_->declare_topic(topic));
}
Result<void> EmbeddedStore::declare_group(std::string_view topic, std::string_view group, StreamId start) {
  return durable(engine_->declare_group(topic, group, start));
}
Result<void> EmbeddedStore::remove_group(std::string_view topic, std::string_view group) {
  return durable(engine_->remove_group(topic, group));
}
Result<void> EmbeddedStore::declare_collection(const model::CollectionDefinition& collection) {
  return durable(engine_->declare_collection(collection));
}

// --- Partitions and the processes that share them ---

Result<void> EmbeddedStore::declare_partitions(std::string_view service, std::uint16_t count) {
  return durable(engine_->declare_partitions(service, count));
}
Result<std::vector<std::string>> EmbeddedStore::join(std::string_view service, std::string_view member, Duration time) {
  return leases_->join(service, member, time);
}
Result<void> EmbeddedStore::leave(std::string_view service, std::string_view member) {
  leases_->leave(service, member);
  return {};
}
Result<LeaseAnswer> EmbeddedStore::lease(const model::Partition& partition, std::string_view owner, Duration time) {
  return leases_->lease(partition, owner, time);
}
Result<void> EmbeddedStore::release(const model::Lease& lease) {
  leases_->release(lease);
  return {};
}
Result<model::Forwarded> EmbeddedStore::forward(const model::Forwarding& forwarding) {
  return engine_->forward(forwarding);
}
// What retention drops because of it is sequenced behind it, so it need not be durable by itself.
Result<void> EmbeddedStore::move_cursor(std::string_view topic, std::string_view group, StreamId to) {
  const auto moved = engine_->set_group_cursor(topic, group, to);
  if (!moved) return moved.error();
  return {};
}

// --- Commits, documents and keys ---

Result<model::Committed> EmbeddedStore::commit(const model::Commit& commit) { return engine_->commit(commit); }

Result<model::Read<std::optional<model::Document>>> EmbeddedStore::find(const model::Partition& partition,
                                                                        std::string_view collection,
                                                                        std::string_view id) {
  return engine_->find(partition, collection, id);
}
Result<model::Read<model::Page>> EmbeddedStore::query(const model::Partition& partition, const model::Query& query) {
  return engine_->query(partition, query);
}
Result<model::Read<std::optional<std::string>>> EmbeddedStore::find_key(const model::Partition& partition,
                                                                        std::string_view key) {
  return engine_->find_key(partition, key);
}

// --- Deliveries ---

namespace {

// Shared by several watches, of which more than one may fire: the first one sets it.
struct FirstOf {
  fiber::Completion<void> arrived;
  std::atomic<bool> set{false};

  void fire() {
    if (!set.exchange(true)) arrived.set();
  }
};

}  // namespace

// The lease is held meanwhile: its next owner claims all that is handed over here, or this owner gets nothing.
Result<model::Batch> EmbeddedStore::deliver(const Subscription& by, std::uint32_t count, std::size_t bytes) {
  if (!by.lease) return engine_->deliver(as_engine(by), count, bytes);
  const auto hold = leases_->hold(*by.lease);
  if (!hold) return hold.error();
  return engine_->deliver(as_engine(by), count, bytes);
}

Result<model::Batch> EmbeddedStore::fetch(const Subscription& by, std::uint32_t count, std::size_t bytes,
                                          Instant deadline) {
  if (count == 0) return fail(ErrorCode::invalid, "a fetch of no entries; ask for at least one", by.topic);
  for (;;) {
    auto batch = deliver(by, count, bytes);
    if (!batch || !batch->deliveries.empty()) return batch;
    const auto first = std::make_shared<FirstOf>();
    const auto arrived = engine_->watch_group(by.topic, by.group, [first] { first->fire(); });
    if (!arrived) return arrived.error();
    const auto passed = by.lease ? leases_->watch(*by.lease, [first] { first->fire(); }) : Result{engine::Watch{}};
    if (!passed) return passed.error();
    if (!arrived->armed()) {
      this_fiber::yield();  // another consumer may take all that comes: others on this thread get their turn
    } else if (!first->arrived.wait_until(deadline)) {
      return batch;
    }
  }
}

Result<model::Batch> EmbeddedStore::claim(const Subscription& by, Duration idle, StreamId after, std::uint32_t count) {
  if (!by.lease) return engine_->claim(as_engine(by), idle, after, count);
  const auto hold = leases_->hold(*by.lease);
  if (!hold) return hold.error();
  return engine_->claim(as_engine(by), idle, after, count);
}
Result<Lsn> EmbeddedStore::record_attempt(const Subscription& by, StreamId id, std::uint64_t token,
                                          std::uint32_t attempt) {
  return engine_->record_attempt(as_engine(by), id, token, attempt);
}
Result<std::vector<StreamId>> EmbeddedStore::extend_leases(
    const Subscription& by, std::span<const std::pair<StreamId, std::uint64_t>> deliveries) {
  return engine_->extend_leases(as_engine(by), deliveries);
}

// --- Reading without a group ---

Result<std::vector<model::Entry>> EmbeddedStore::read(std::string_view topic, StreamId after, std::uint32_t count) {
  if (after == StreamId::max()) return std::vector<model::Entry>{};
  return seen_durable(engine_->read(topic, {.first = after.next(), .count = count}));
}
Result<std::vector<model::Entry>> EmbeddedStore::read_back(std::string_view topic, StreamId before,
                                                           std::uint32_t count) {
  engine::Range range{.count = before == StreamId::min() ? 0 : count, .reverse = true};
  if (range.count > 0) range.last = before.previous();
  return seen_durable(engine_->read(topic, range));
}
Result<std::optional<model::Entry>> EmbeddedStore::read_one(std::string_view topic, StreamId id) {
  return seen_durable(engine_->read_one(topic, id));
}

Result<bool> EmbeddedStore::wait_for_entries(std::span<const Position> positions, Instant deadline) {
  const auto first = std::make_shared<FirstOf>();
  std::vector<engine::Watch> watches;
  watches.reserve(positions.size());
  bool there = false;
  for (const auto& position : positions) {
    const auto wake = [first] { first->fire(); };
    auto watch = engine_->watch_topic(position.topic, position.after, wake);
    if (!watch && watch.error().code == ErrorCode::not_found) {
      TIDEMARK_TRY(engine_->declare_topic({.name = position.topic, .retention = {}}));
      watch = engine_->watch_topic(position.topic, position.after, wake);
    }
    if (!watch) return watch.error();
    there = there || !watch->armed();
    watches.push_back(std::move(*watch));
  }
  if (!there && !first->arrived.wait_until(deadline)) return false;
  return seen_durable(Result<bool>{true});
}

Result<model::EntryCount> EmbeddedStore::count_entries(std::string_view topic, StreamId after, StreamId up_to,
                                                       std::uint64_t at_most) {
  model::EntryCount counted;
  for (;;) {
    const auto step = engine_->count(topic, after, up_to, at_most - counted.count);
    if (!step) return step.error();
    counted.count += step->count;
    counted.is_exact = !step->next;
    if (counted.is_exact || counted.count >= at_most) return seen_durable(Result{counted});
    after = *step->next;
    this_fiber::yield();
  }
}

Result<std::vector<model::TopicInfo>> EmbeddedStore::topics() {
  return seen_durable(Result<std::vector<model::TopicInfo>>{engine_->topics()});
}
Result<model::TopicInfo> EmbeddedStore::topic(std::string_view name) { return seen_durable(engine_->topic(name)); }
Result<std::vector<model::GroupInfo>> EmbeddedStore::groups(std::string_view topic) {
  return seen_durable(engine_->groups(topic));
}
Result<std::vector<model::PendingInfo>> EmbeddedStore::pending(std::string_view topic, std::string_view group,
                                                               StreamId after, std::uint32_t count) {
  return seen_durable(engine_->pending(topic, group, after, count));
}
Result<std::uint64_t> EmbeddedStore::erase_entries(std::string_view topic, std::span<const StreamId> ids) {
  auto erased = engine_->erase_entries(topic, ids);
  if (!erased) return erased.error();
  TIDEMARK_TRY(wait_durable(erased->lsn));
  return erased->count;
}

// --- Time and state ---

Result<std::vector<model::CollectionInfo>> EmbeddedStore::collections() { return seen_durable(engine_->collections()); }
Result<model::DocumentCount> EmbeddedStore::count_documents(const model::Partition& partition,
                                                            std::string_view collection, std::uint64_t at_most) {
  return seen_durable(engine_->count_documents(partition, collection, at_most));
}
Result<std::vector<model::Timer>> EmbeddedStore::timers(const std::optional<model::TimerPlace>& after,
                                                        std::uint32_t count) {
  return seen_durable(engine_->timers(after, count));
}

Result<TimePoint> EmbeddedStore::maintain() { return engine_->maintain(); }

Result<BackupMade> EmbeddedStore::backup(const BackupWish& wish) {
  struct Turn {
    std::atomic<bool>& taken;
    ~Turn() { taken = false; }
  };
  if (backs_up_.exchange(true)) return fail(ErrorCode::in_use, "another backup is being made; wait until it is done");
  backup_bytes_done_ = 0;
  backup_bytes_ = 0;
  const Turn turn{backs_up_};
  if (!backups_) backups_ = std::make_unique<fiber::BlockingPool>("backup", fiber::BlockingPoolOptions{.threads = 1});
  std::stop_source stop;
  const storage::BackupWish where{.folder = wish.folder.empty() ? path_ + ".backups" : wish.folder,
                                  .now = clock_.now(),
                                  .keep = wish.keep,
                                  .stop = stop.get_token(),
                                  .progress = [this](std::uint64_t done, std::uint64_t of) {
                                    backup_bytes_ = of;  // first: what is done is never more
                                    backup_bytes_done_ = done;
                                  }};
  auto made = backups_->run([&] { return engine_->storage().backup(where); }, stop);
  if (!made) return made.error();
  return BackupMade{made->path, made->lsn, made->made, made->bytes, made->copied_bytes, std::move(made->removed)};
}

std::optional<BackupProgress> EmbeddedStore::backup_underway() const {
  if (!backs_up_) return std::nullopt;
  return BackupProgress{backup_bytes_done_, backup_bytes_};
}

DurabilityReport EmbeddedStore::durability() const {
  using Mode = storage::Durability::Mode;
  switch (durability_.mode) {
    case Mode::always:
      return {.summary = "every commit is on disk (fsync) before it is acknowledged", .loses_nothing = true};
    case Mode::interval:
      return {.summary = "a power loss may take the commits of the last " +
                         std::to_string(durability_.interval.count()) + " ms; kill -9 takes none"};
    case Mode::never:
      return {.summary = "a power loss may take what the operating system has not written; kill -9 takes nothing"};
  }
  return {};
}

Health EmbeddedStore::health() const {
  if (const auto writable = engine_->storage().writable(); !writable)
    return {.ready = false, .reason = writable.error().text()};
  if (const auto intact = engine_->storage().intact(); !intact)
    return {.ready = false, .reason = intact.error().message};
  if (engine_->disk_is_low())
    return {.ready = false, .reason = "less free disk than the reserve: endpoints are refused, handlers go on"};
  return {.ready = true, .reason = {}};
}

}  // namespace tidemark::store
