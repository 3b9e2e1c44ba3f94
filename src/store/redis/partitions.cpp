// RedisStore: partitions, the processes that share them, and leases.
#include <algorithm>

#include "store/redis/answer.hpp"
#include "store/redis/keys.hpp"
#include "store/redis/redis_store.hpp"
#include "telemetry/log.hpp"

namespace tidemark::store {
namespace {

constexpr std::uint16_t PARTITIONS_MAX = 1024;

Result<void> check_service(std::string_view service) {
  const bool good = !service.empty() && service.size() <= 100 && service.find_first_of("{}:") == std::string_view::npos;
  if (good) return {};
  return fail(ErrorCode::invalid, "a service's name has 1 to 100 bytes, and no braces or colons",
              "service '" + std::string{service} + "'");
}

}  // namespace

bool RedisStore::is_distributed() const noexcept { return shared_->is_cluster; }

Result<void> RedisStore::declare_partitions(std::string_view service, std::uint16_t count) {
  TIDEMARK_TRY(check_service(service));
  if (count < 1 || count > PARTITIONS_MAX) {
    return fail(ErrorCode::invalid, detail::concatenate("has 1 to ", PARTITIONS_MAX, " partitions, not ", count),
                "service '" + std::string{service} + "'");
  }
  return locals_.run([&](Local& at) -> Result<void> {
    auto call = shared_->function("partitions", {keys::partitions(service)}, FunctionCall::Effect::repeatable);
    call << count << at.server.shared().session;
    auto declared = at.server.run(call);
    if (!declared) {
      auto failure = declared.error();
      if (failure.about.empty()) failure.about = "service '" + std::string{service} + "'";
      return failure;
    }
    Answer items{*declared, 1};
    const auto stored = items.text();
    if (!items.good()) return strange_answer("partitions");
    shared_->note_service(service, stored);
    return {};
  });
}

Result<bool> RedisStore::has_lost(std::string_view service) {
  TIDEMARK_TRY(check_service(service));
  const auto declared = shared_->noted_service(service);
  if (!declared) return true;
  return locals_.run([&](Local& at) -> Result<bool> {
    const auto key = keys::partitions(service);
    redis::Command get{"GET", key};
    get.at(key).repeatable();
    const auto stored = at.server.run(get);
    if (!stored) return stored.error();
    if (stored->is_text() && stored->text == *declared) return false;
    log::error("the server has lost what was declared there: it was emptied, or it came back without its data",
               {{"service", service}});
    shared_->forget_declared();
    return true;
  });
}

Result<std::vector<std::string>> RedisStore::join(std::string_view service, std::string_view member, Duration time) {
  TIDEMARK_TRY(check_service(service));
  if (member.empty() || time <= Duration{0}) {
    return fail(ErrorCode::invalid, "a process that joins needs a name and a time",
                "service '" + std::string{service} + "'");
  }
  return locals_.run([&](Local& at) -> Result<std::vector<std::string>> {
    auto call = shared_->function("join", {keys::members(service)}, FunctionCall::Effect::repeatable);
    call << member << time.count();
    const auto answer = at.server.run(call);
    if (!answer) return answer.error();
    Answer items{*answer, 1};
    std::vector<std::string> members;
    for (const auto& name : items.list().items) members.push_back(name.text);
    if (!items.good()) return strange_answer("join");
    std::ranges::sort(members);
    return members;
  });
}

Result<void> RedisStore::leave(std::string_view service, std::string_view member) {
  TIDEMARK_TRY(check_service(service));
  return locals_.run([&](Local& at) -> Result<void> {
    auto call = shared_->function("leave", {keys::members(service)}, FunctionCall::Effect::repeatable);
    call << member;
    if (auto left = at.server.run(call); !left) return left.error();
    return {};
  });
}

Result<LeaseAnswer> RedisStore::lease(const model::Partition& partition, std::string_view owner, Duration time) {
  TIDEMARK_TRY(check_service(partition.service));
  if (owner.empty() || time <= Duration{0}) {
    return fail(ErrorCode::invalid, "a lease needs an owner and a time", partition.tag());
  }
  return locals_.run([&](Local& at) -> Result<LeaseAnswer> {
    TIDEMARK_TRY(at.server.enter(partition));
    auto call = shared_->function("lease", {keys::lease(partition)}, FunctionCall::Effect::repeatable);
    call << owner << time.count();
    const auto answer = at.server.run(call);
    if (!answer) return answer.error();
    Answer items{*answer, 1};
    LeaseAnswer leased;
    const auto epoch = items.limit();
    leased.left = Duration{static_cast<std::int64_t>(items.number())};
    if (!items.good()) return strange_answer("lease");
    if (epoch) leased.lease = model::Lease{.partition = partition, .owner = std::string{owner}, .epoch = *epoch};
    return leased;
  });
}

Result<void> RedisStore::release(const model::Lease& lease) {
  return locals_.run([&](Local& at) -> Result<void> {
    auto call = shared_->function("release", {keys::lease(lease.partition)}, FunctionCall::Effect::repeatable);
    call << lease.owner << lease.epoch;
    if (auto released = at.server.run(call); !released) return released.error();
    return {};
  });
}

}  // namespace tidemark::store
