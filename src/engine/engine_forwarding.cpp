// Engine: passing entries on from one topic to another, so that each arrives once.
//
// The target's last id says how far it has the source: it moves with the entries, in one commit, and past those that
// are not meant for the target. So neither a record of its own nor a look at the source is needed.
#include "engine/effects.hpp"
#include "engine/engine.hpp"
#include "engine/topics.hpp"
#include "model/rules.hpp"

namespace tidemark::engine {
// What the source took, the target takes: sizes are not looked at, or one large entry would end the forwarding.
Result<model::Forwarded> Engine::forward(const model::Forwarding& forwarding) {
  TIDEMARK_TRY(check_name("topic", forwarding.target));
  TIDEMARK_TRY(model::check_forwarding(forwarding));
  TIDEMARK_TRY(storage_->writable());
  std::vector<Wake> wakes;
  model::Forwarded forwarded;
  {
    const std::lock_guard lock{mutex_};
    auto* topic = topics_->find(forwarding.target);
    const auto last = topic ? topic->stream.last_id() : StreamId{};
    const bool missing_in_between = forwarding.from > last;
    if (topic && (missing_in_between || forwarding.to <= last)) return model::Forwarded{last, storage_->sequenced()};
    auto& effects = begin();
    if (!topic) topic = &topics_->create(forwarding.target, effects);
    if (!missing_in_between) {
      for (const auto& entry : forwarding.entries)
        if (entry.id > last) append(*topic, entry.id, entry.fields, wakes);
      if (forwarding.to > topic->stream.last_id()) {
        topic->stream.move_last_id(forwarding.to);
        topic->write(effects);
      }
    }
    forwarded = {topic->stream.last_id(), sequence()};
  }
  for (const auto& wake : wakes) wake();
  return forwarded;
}

}  // namespace tidemark::engine
