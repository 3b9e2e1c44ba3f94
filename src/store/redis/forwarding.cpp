// RedisStore: moving entries into topics that only forwarders write to.
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

}  // namespace

Result<model::Forwarded> RedisStore::forward(const model::Forwarding& forwarding) {
  TIDEMARK_TRY(check_name("topic", forwarding.target));
  TIDEMARK_TRY(model::check_forwarding(forwarding));
  return locals_.run([&](Local& at) -> Result<model::Forwarded> {
    auto call = shared_->function("forward", {forwarding.target}, FunctionCall::Effect::repeatable);
    call << forwarding.from.text() << forwarding.to.text();
    for (const auto& entry : forwarding.entries) {
      call << entry.id.text() << entry.fields.count() * 2;
      for (const auto& field : entry.fields) call << field.name << field.value;
    }
    const auto value = at.server.run(call);
    if (!value) return value.error();
    Answer answer{*value, 1};
    const auto partition = partition_of_topic(forwarding.target);
    const model::Forwarded forwarded{answer.id(), partition ? at.replication->write(*partition) : shared_->next_lsn()};
    if (!answer.good()) return strange_answer("forward");
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
