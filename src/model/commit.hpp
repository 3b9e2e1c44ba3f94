// Commit: everything that a handler or an endpoint does, applied as one or not at all.
//
// The store checks, in this order, before it changes anything: settlements (`fenced`), expectations of documents and
// queries (`conflict`), unique indexes (`already_exists`), erasures (`not_found`), topics' ids. A commit that fails has
// had no effect.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/lsn.hpp"
#include "model/delivery.hpp"
#include "model/document.hpp"
#include "model/partition.hpp"

namespace tidemark::model {

// The document must still be as it was read: this version, or absent.
struct DocumentExpectation {
  std::string collection, id;
  std::optional<Version> version;
};

// The query must still give these ids and versions, in this order.
struct QueryExpectation {
  Query query;
  std::uint64_t digest = 0;  // digest_of() of the page that was read
};
std::uint64_t digest_of(const Page& page);

struct DocumentChange {
  std::string collection, id;
  std::optional<std::string> json;  // none erases
  Version version;                  // the new one, for a put
};

struct Publication {
  std::string topic;
  Fields fields;
  std::optional<StreamId> id;  // none: assigned, "<now>-<seq>" above the last one
};

// An event to be published at a time to come. The same name again replaces it.
struct TimerChange {
  std::string name;              // unique within the partition
  std::optional<TimePoint> due;  // none cancels it
  std::string topic;
  Fields fields;
};

// Where a timer stands among all: they are in the order of their times.
struct TimerPlace {
  TimePoint due{};
  Partition partition;
  std::string name;
  friend auto operator<=>(const TimerPlace&, const TimerPlace&) = default;
};

// An event that is to be published at a time to come.
struct Timer {
  TimerPlace place;
  std::string topic;
  Fields fields;
};

// A key with a time to live.
struct KeyChange {
  std::string key;
  std::optional<std::string> value;  // none erases
  TimePoint expires{};
  bool must_be_absent = false;  // else: the commit fails with `already_exists`
};

// An entry to be deleted from its topic. It must be there: the commit fails with `not_found` when it is not, so that of
// two operators who redrive one dead letter one succeeds.
struct EntryErasure {
  std::string topic;
  StreamId id;
};

struct Commit {
  Partition partition;
  std::vector<Settlement> settlements;
  std::vector<DocumentExpectation> expected_documents;
  std::vector<QueryExpectation> expected_queries;
  std::vector<DocumentChange> documents;
  std::vector<Publication> publications;
  std::vector<TimerChange> timers;
  std::vector<KeyChange> keys;
  std::vector<EntryErasure> erasures;
  // An endpoint's commit; refused (`disk_full`, `overloaded`) where a handler's is not, so that cycles of services
  // can drain.
  bool refusable = false;

  bool changes_nothing() const {
    return settlements.empty() && documents.empty() && publications.empty() && timers.empty() && keys.empty() &&
           erasures.empty();
  }
};

struct Committed {
  Lsn lsn;                          // when it is durable, so is the commit
  std::vector<StreamId> published;  // the id of each publication
};

}  // namespace tidemark::model
