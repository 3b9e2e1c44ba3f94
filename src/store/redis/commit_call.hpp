// CommitCall: a commit as lua/commit.lua takes it.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/commit.hpp"
#include "store/redis/catalog.hpp"
#include "store/redis/commit_numbers.hpp"
#include "store/redis/document_query.hpp"
#include "store/redis/shared.hpp"

namespace tidemark::store {

// What a commit's queries give now; in the order of commit.expected_queries.
struct QueryState {
  std::shared_ptr<const Collection> collection;
  DocumentQuery planned;
  PageRead read;
};

// The collections that a commit names, by their names.
using CommitCollections = std::map<std::string, std::shared_ptr<const Collection>, std::less<>>;

// Sizes and names, which need no server: `invalid`, `too_large`.
Result<void> check_sizes(const model::Commit& commit);

class CommitCall {
 public:
  // Errors of documents that can't be indexed; `invalid` on a cluster for what stands elsewhere than the partition.
  static Result<CommitCall> encode(const Shared& shared, const model::Commit& commit,
                                   const CommitCollections& collections, const std::vector<QueryState>& queries,
                                   CommitNumbers::Number number);

  enum class Sending {
    first,
    first_unfenced,         // a copy of it may be executed later, and must then find its record
    repeated,               // it may have been executed; then its answer is wanted, even from a full server
    repeated_and_recorded,  // and the server has had a record of this session
  };
  FunctionCall call(const Shared& shared, Sending sending) const;

 private:
  friend class CommitEncoder;
  bool refusable_ = false;
  std::string sequence_, extends_ms_;
  std::vector<std::string> keys_;
  redis::Arguments counts_, arguments_;
};

// A commit that was sent may be executed by the server later than its repetition, when its connection hangs and does
// not break. What an acknowledgement was for is fenced then; where there is none, the first one looks for a record,
// too.
CommitCall::Sending first_sending(const model::Commit& commit);

// The stream that a publication of the partition is appended to: the topic, or on a cluster, where that stands
// elsewhere, the partition's outbox for it.
std::string stream_for(const Shared& shared, const model::Partition& partition, const std::string& topic);

}  // namespace tidemark::store
