// Rehearsal: one run of a handler over an event that commits nothing, to see what it would do.
//
// The handler runs as it would for a redriven event, on the documents as they are now. The later redrive has the
// effect_key() in common with it; ids of new documents and events tell the time of the entry that is handled, and
// differ. It can't get beyond tx.durable(), because what follows that is to happen outside; what it leaves for
// after_durable() is counted and not called. What it does outside all the same, before it returns, it does. Whether the
// commit would be refused (a conflict, a unique index) is not seen.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kit/dispatch/placement.hpp"
#include "kit/run/run_record.hpp"
#include "kit/run/runtime.hpp"
#include "kit/service/spec.hpp"
#include "model/commit.hpp"
#include "model/fields.hpp"

namespace tidemark::kit {

struct Rehearsal {
  std::optional<std::string> error;  // what the run failed with
  bool stopped_at_durable = false;   // it would have gone on behind tx.durable()
  std::vector<model::Publication> publications;
  std::vector<model::TimerChange> timers;
  std::vector<ChangedDocument> documents;
  std::size_t effects = 0;  // left for after_durable()
};

// What an event is to be rehearsed as.
struct RehearsedEvent {
  model::Fields fields;
  StreamId origin;              // its id in its topic
  std::uint16_t partition = 0;  // where it takes effect
};

// On a fiber of any loop; takes no longer than the handler's deadline. Throws what the store refuses.
Rehearsal rehearse(Runtime& runtime, const detail::HandlerSpec& spec, const RehearsedEvent& event);

}  // namespace tidemark::kit
