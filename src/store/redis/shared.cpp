#include "store/redis/shared.hpp"

#include "base/random.hpp"
#include "store/redis/catalog.hpp"
#include "store/redis/commit_numbers.hpp"
#include "store/redis/library.hpp"

namespace tidemark::store {
namespace {

constexpr char OUT_OF_MEMORY[] =
    "the server has reached its maxmemory: raise that, or let handlers and retention free some";

std::string random_hex() {
  std::string text;
  auto bits = thread_random().next();
  for (int digit = 0; digit < 16; ++digit, bits >>= 4) text.push_back("0123456789abcdef"[bits & 0xf]);
  return text;
}

}  // namespace

Shared::Shared(RedisOptions redis_options)
    : options{std::move(redis_options)},
      session{random_hex()},
      catalog{std::make_unique<Catalog>()},
      numbers{std::make_unique<CommitNumbers>()},
      is_cluster{options.client.topology == redis::Options::Topology::cluster} {}

Shared::~Shared() = default;

FunctionCall Shared::function(std::string_view name, std::span<const std::string> keys,
                              FunctionCall::Effect effect) const {
  return FunctionCall{library().function(name), keys, effect, now()};
}

std::string Shared::now() const {
  if (options.clock == &Clock::system()) return {};
  return std::to_string(options.clock->now().time_since_epoch().count());
}

void Shared::note_answer() noexcept {
  if (!reachable_.load(std::memory_order_relaxed)) reachable_.store(true, std::memory_order_relaxed);
}

void Shared::note_failure(const std::string& reason) {
  const std::lock_guard lock{mutex_};
  reason_ = reason;
  reachable_.store(false, std::memory_order_relaxed);
}

void Shared::note_out_of_memory() noexcept { out_of_memory_.store(true, std::memory_order_relaxed); }
void Shared::note_memory_again() noexcept {
  if (is_out_of_memory()) out_of_memory_.store(false, std::memory_order_relaxed);
}

Health Shared::health() const {
  if (!reachable_.load(std::memory_order_relaxed)) {
    const std::lock_guard lock{mutex_};
    return {.ready = false, .reason = options.url + ": " + reason_};
  }
  if (is_out_of_memory()) return {.ready = false, .reason = options.url + ": " + OUT_OF_MEMORY};
  return {.ready = true, .reason = {}};
}

bool Shared::set_durability(DurabilityReport report) {
  const std::lock_guard lock{mutex_};
  const bool changed = report.summary != durability_.summary;
  durability_ = std::move(report);
  return changed;
}

DurabilityReport Shared::durability() const {
  const std::lock_guard lock{mutex_};
  return durability_;
}

void Shared::note_service(std::string_view service, std::string_view stored) {
  const std::lock_guard lock{mutex_};
  services_.insert_or_assign(std::string{service}, std::string{stored});
}

std::optional<std::string> Shared::noted_service(std::string_view service) const {
  const std::lock_guard lock{mutex_};
  const auto noted = services_.find(service);
  return noted == services_.end() ? std::nullopt : std::optional{noted->second};
}

void Shared::forget_declared() {
  losses_.fetch_add(1, std::memory_order_relaxed);
  catalog->forget_all();
  topics.forget_announced();
  const std::lock_guard lock{mutex_};
  partitions_.clear();
  services_.clear();
}

bool Shared::note_partition(const model::Partition& partition) {
  const std::lock_guard lock{mutex_};
  return partitions_.insert(partition).second;
}

void Shared::forget_partition(const model::Partition& partition) {
  const std::lock_guard lock{mutex_};
  partitions_.erase(partition);
}

bool Shared::knows_partition(const model::Partition& partition) const {
  const std::lock_guard lock{mutex_};
  return partitions_.contains(partition);
}

std::vector<model::Partition> Shared::partitions() const {
  const std::lock_guard lock{mutex_};
  return {partitions_.begin(), partitions_.end()};
}

}  // namespace tidemark::store
