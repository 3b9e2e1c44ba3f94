// RedisStore: reading without a group.
#include <atomic>
#include <memory>
#include <utility>

#include "fiber/completion.hpp"
#include "store/redis/answer.hpp"
#include "store/redis/arrivals.hpp"
#include "store/redis/entries.hpp"
#include "store/redis/keys.hpp"
#include "store/redis/redis_store.hpp"

namespace tidemark::store {
namespace {

// An empty answer may mean that there is no such topic.
Result<void> check_topic(Server& server, std::string_view topic) {
  redis::Command command{"EXISTS", topic};
  command.at(topic).repeatable();
  const auto exists = server.run(command);
  if (!exists) return exists.error();
  if (exists->number != 0) return {};
  return fail(ErrorCode::not_found, "there is no such topic; declare it, or publish to it",
              "topic '" + std::string{topic} + "'");
}

// Shared by several registrations, of which more than one may fire: the first one sets it.
struct FirstOf {
  fiber::Completion<void> arrived;
  std::atomic<bool> set{false};

  void fire() {
    if (!set.exchange(true)) arrived.set();
  }
};

}  // namespace

Result<std::vector<model::Entry>> RedisStore::read(std::string_view topic, StreamId after, std::uint32_t count) {
  return locals_.run([&](Local& at) -> Result<std::vector<model::Entry>> {
    auto entries = read_entries(at.server, topic, after, count);
    if (entries && entries->empty()) TIDEMARK_TRY(check_topic(at.server, topic));
    return entries;
  });
}

Result<std::vector<model::Entry>> RedisStore::read_back(std::string_view topic, StreamId before, std::uint32_t count) {
  return locals_.run([&](Local& at) -> Result<std::vector<model::Entry>> {
    auto entries = read_entries_back(at.server, topic, before, count);
    if (entries && entries->empty()) TIDEMARK_TRY(check_topic(at.server, topic));
    return entries;
  });
}

Result<std::optional<model::Entry>> RedisStore::read_one(std::string_view topic, StreamId id) {
  return locals_.run([&](Local& at) -> Result<std::optional<model::Entry>> {
    redis::Command command{"XRANGE", topic, id.text(), id.text()};
    command.at(topic).repeatable();
    const auto value = at.server.run(command);
    if (!value) return value.error();
    auto entries = entries_of(*value);
    if (!entries) return entries.error();
    if (!entries->empty()) return std::optional{std::move(entries->front())};
    TIDEMARK_TRY(check_topic(at.server, topic));
    return std::optional<model::Entry>{};
  });
}

Result<bool> RedisStore::wait_for_entries(std::span<const Position> positions, Instant deadline) {
  // The wait may be on a loop that is not the connection's: it knows the deadline from the start.
  const auto limit = fiber::Loop::current()->schedule(deadline, [] {});
  for (;;) {
    const auto first = std::make_shared<FirstOf>();
    std::vector<EntryWaiters::Registration> registrations;
    const auto there = locals_.run([&](Local& at) -> Result<bool> {
      auto& waiters = shared_->waiters;
      std::vector<std::uint64_t> seen;
      for (const auto& position : positions) seen.push_back(waiters.changes(position.topic));
      for (const auto& position : positions) {
        auto call = shared_->function("entries_above", {position.topic}, FunctionCall::Effect::repeatable);
        call << position.after.text();
        const auto value = at.server.run(call);
        if (!value) return value.error();
        Answer answer{*value, 1};
        if (answer.number() != 0) return true;
        if (!answer.good()) return strange_answer("entries_above");
      }
      for (std::size_t i = 0; i < positions.size(); ++i) {
        const auto& [topic, after] = positions[i];
        registrations.push_back(waiters.add(topic, seen[i], after, [first] { first->fire(); }));
        if (!registrations.back().armed()) {
          first->fire();
          break;
        }
        at.arrivals->cover(topic, after);
      }
      return false;
    });
    if (!there || *there) return there;
    if (!first->arrived.wait_until(deadline)) return false;
  }
}

Result<std::uint64_t> RedisStore::erase_entries(std::string_view topic, std::span<const StreamId> ids) {
  if (ids.empty()) return std::uint64_t{0};
  return locals_.run([&](Local& at) -> Result<std::uint64_t> {
    redis::Command command{"XDEL", topic};
    for (const auto id : ids) command << id.text();
    command.at(topic);
    const auto erased = at.server.run(command);
    if (!erased) return erased.error();
    return static_cast<std::uint64_t>(erased->number);
  });
}

}  // namespace tidemark::store
