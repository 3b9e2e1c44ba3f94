#include "store/embedded/leases.hpp"

#include <algorithm>

#include "base/random.hpp"

namespace tidemark::store {
namespace {

Failure fenced(const model::Lease& lease) {
  return fail(ErrorCode::fenced, "its lease has passed to another owner, or was given back",
              "partition " + lease.partition.tag());
}

Result<void> check_time(Duration time, const std::string& about) {
  if (time > Duration{0}) return {};
  return fail(ErrorCode::invalid, "it needs a time above 0", about);
}

void wake_all(const std::vector<engine::Wake>& wakes) {
  for (const auto& wake : wakes) wake();
}

}  // namespace

// Three quarters of all numbers stay free to rise into.
Leases::Leases(const Clock& clock) : clock_{clock}, first_epoch_{Random::from_entropy().next() >> 2} {}

// --- Members ---

Result<std::vector<std::string>> Leases::join(std::string_view service, std::string_view member, Duration time) {
  TIDEMARK_TRY(check_time(time, "member '" + std::string{member} + "'"));
  if (service.empty() || member.empty())
    return fail(ErrorCode::invalid, "a service and its member need names", "service '" + std::string{service} + "'");
  const auto now = clock_.instant();
  const std::lock_guard lock{mutex_};
  auto& members = members_[std::string{service}];
  members[std::string{member}] = now + time;
  std::erase_if(members, [&](const auto& other) { return other.second <= now; });
  std::vector<std::string> names;
  for (const auto& [name, until] : members) names.push_back(name);
  return names;
}

void Leases::leave(std::string_view service, std::string_view member) {
  const std::lock_guard lock{mutex_};
  const auto members = members_.find(service);
  if (members == members_.end()) return;
  if (const auto found = members->second.find(member); found != members->second.end()) members->second.erase(found);
}

// --- Leases ---

Leases::Held& Leases::held(const model::Partition& partition) {
  const std::lock_guard lock{mutex_};
  const auto [found, made] = held_.try_emplace(partition);
  if (made) found->second.epoch = first_epoch_;
  return found->second;
}

bool Leases::has(const Held& held, const model::Lease& lease) {
  return held.epoch == lease.epoch && held.owner == lease.owner && !held.owner.empty();
}

Result<LeaseAnswer> Leases::lease(const model::Partition& partition, std::string_view owner, Duration time) {
  TIDEMARK_TRY(check_time(time, "the lease of partition " + partition.tag()));
  if (owner.empty())
    return fail(ErrorCode::invalid, "whoever asks for a lease needs a name", "partition " + partition.tag());
  std::vector<engine::Wake> wakes;
  auto& held = this->held(partition);
  std::unique_lock lock{held.mutex};
  const auto now = clock_.instant();
  if (held.owner != owner) {
    if (!held.owner.empty() && held.until > now) return LeaseAnswer{.lease = {}, .left = held.until - now};
    held.owner = owner;
    ++held.epoch;
    held.waiters.take(wakes);
  }
  held.until = now + time;
  LeaseAnswer answer{.lease = model::Lease{partition, held.owner, held.epoch}, .left = time};
  lock.unlock();
  wake_all(wakes);
  return answer;
}

void Leases::release(const model::Lease& lease) {
  std::vector<engine::Wake> wakes;
  auto& held = this->held(lease.partition);
  {
    const std::unique_lock lock{held.mutex};
    if (!has(held, lease)) return;
    held.owner.clear();
    held.waiters.take(wakes);
  }
  wake_all(wakes);
}

Result<Leases::Hold> Leases::hold(const model::Lease& lease) {
  auto& held = this->held(lease.partition);
  Hold hold{held.mutex};
  if (!has(held, lease)) return fenced(lease);
  return hold;
}

Result<engine::Watch> Leases::watch(const model::Lease& lease, std::function<void()> wake) {
  auto& held = this->held(lease.partition);
  const std::unique_lock lock{held.mutex};
  if (!has(held, lease)) return fenced(lease);
  return held.waiters.add(std::move(wake));
}

}  // namespace tidemark::store
