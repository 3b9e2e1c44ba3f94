// Foresight: knows from a handler's runs which documents the next ones will look at, so that a run chain can ask for
// all of them at once. A run that looks at the document named by its event's "order_id" says that the next event's
// "order_id" names one, too. What it takes in vain costs a read; what it does not foresee is read by the run itself.
#pragma once
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "kit/run/run_chain.hpp"
#include "model/fields.hpp"
#include "model/partition.hpp"
#include "store/store.hpp"

namespace tidemark::kit {

// Of one handler, on one thread.
class Foresight {
 public:
  // What a run of the event has looked at.
  void learn(const model::Fields& event, std::span<const RunDocument> documents);

  // On a fiber: reads what runs of these events will look at, as the partition has it, and gives it to their chain.
  // What can't be read is left to them.
  void look_ahead(store::Store& store, const model::Partition& partition, std::span<const model::Fields> events,
                  RunChain& chain) const;

 private:
  struct Link {
    const CollectionBinding* collection;
    std::string member;  // of the event, whose value is the document's id
  };
  std::vector<Link> links_;
};

}  // namespace tidemark::kit
