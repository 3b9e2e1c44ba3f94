// RedisStore: moving entries into topics that only forwarders write to.
#include <algorithm>
#include <span>

#include "model/rules.hpp"
#include "store/redis/answer.hpp"
#include "store/redis/names.hpp"
#include "store/redis/redis_store.hpp"
#include "store/redis/replication.hpp"
#include "telemetry/log.hpp"

namespace tidemark::store {
namespace {

// A source that ends below where the target has read it has lost entries, in a fail-over for example.
void report_lost_history(Server& server, const model::Forwarding& forwarding, StreamId target_last) {
  const auto value = server.run(server.shared().function("last_id", {forwarding.source}, FunctionCall::Effect::reads));
  if (!value) return;
  const auto source_last = Answer{*value, 1}.id();
  if (target_last <= source_last) return;
  log::warn("a topic ends before what was already forwarded from it: the server has lost some of it",
            {{"topic", forwarding.source},
             {"ends", source_last.text()},
             {"target", forwarding.target},
             {"forwarded", target_last.text()}});
}

// A function appends an entry from Lua's stack, which has room for some 8,000 names and values.
constexpr std::size_t FUNCTION_FIELDS_MAX = 3'000;

bool is_large(const model::Entry& entry) { return entry.fields.count() > FUNCTION_FIELDS_MAX; }

// What no function can append. XADD itself does it once, and only above what is there.
Result<void> append_large(Server& server, const std::string& target, const model::Entry& entry) {
  redis::Command command{"XADD", target, entry.id.text()};
  for (const auto& field : entry.fields) command << field.name << field.value;
  command.at(target).repeatable();
  const auto appended = server.run(command);
  const bool is_there = !appended && appended.error().text().find("equal or smaller") != std::string::npos;
  if (!appended && !is_there) return appended.error();
  return {};
}

// Entries that a function can append. Returns the target's last id.
Result<StreamId> append(Server& server, const std::string& target, StreamId from, StreamId to,
                        std::span<const model::Entry> entries) {
  auto call = server.shared().function("forward", {target}, FunctionCall::Effect::repeatable);
  call << from.text() << to.text();
  for (const auto& entry : entries) {
    call << entry.id.text() << entry.fields.count() * 2;
    for (const auto& field : entry.fields) call << field.name << field.value;
  }
  const auto value = server.run(call);
  if (!value) return value.error();
  Answer answer{*value, 1};
  const auto last = answer.id();
  if (!answer.good()) return strange_answer("forward");
  return last;
}

}  // namespace

Result<model::Forwarded> RedisStore::forward(const model::Forwarding& forwarding) {
  TIDEMARK_TRY(check_name("topic", forwarding.target));
  TIDEMARK_TRY(model::check_forwarding(forwarding));
  return locals_.run([&](Local& at) -> Result<model::Forwarded> {
    const auto partition = partition_of_topic(forwarding.target);
    const auto written = [&] { return partition ? at.replication->write(*partition) : shared_->next_lsn(); };
    StreamId from = forwarding.from, last;
    for (std::span entries{forwarding.entries};;) {
      const auto large = std::ranges::find_if(entries, is_large);
      const bool is_rest = large == entries.end();
      const auto to = is_rest ? forwarding.to : large == entries.begin() ? from : (large - 1)->id;
      const auto appended = append(at.server, forwarding.target, from, to, {entries.begin(), large});
      if (!appended) return appended.error();
      last = *appended;
      if (is_rest || last < to) break;
      if (last < large->id) {
        // It must not outlive what stands before it.
        TIDEMARK_TRY(shared_->replication.wait(written()));
        TIDEMARK_TRY(append_large(at.server, forwarding.target, *large));
      }
      from = large->id;
      entries = {large + 1, entries.end()};
    }
    const model::Forwarded forwarded{last, written()};
    const bool question = forwarding.from == StreamId::min() && forwarding.to == StreamId::min();
    if (question) {
      report_lost_history(at.server, forwarding, forwarded.last);
    } else {
      shared_->waiters.changed(forwarding.target);
    }
    return forwarded;
  });
}

}  // namespace tidemark::store
