// JointCommits: commits of a partition that wait at the same time become one call. As long as none of them concerns
// what another one changes, all of them together are applied just as one after the other; when the server refuses them,
// each is sent by itself, and shows whether it was the one.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <tuple>

#include "base/result.hpp"
#include "fiber/task_group.hpp"
#include "model/commit.hpp"
#include "store/redis/joining.hpp"

namespace tidemark::store {

struct Local;

class JointCommits {
 public:
  // All calls on the thread of `at`, which must outlive it.
  explicit JointCommits(Local& at);
  // On a fiber, unless the thread has ended.
  ~JointCommits();
  JointCommits(const JointCommits&) = delete;
  JointCommits& operator=(const JointCommits&) = delete;

  // On a fiber: as Store::commit.
  Result<model::Committed> commit(const model::Commit& commit);

 private:
  using Line = Joining<model::Commit, model::Committed>;
  // Partition; refusable; settles something. What differs in these is sent in another way.
  using Kind = std::tuple<model::Partition, bool, bool>;

  Line& line_of(const model::Commit& commit);
  void send(Line::Queue& queue);

  Local& at_;
  fiber::TaskGroup tasks_;
  std::map<Kind, std::unique_ptr<Line>> lines_;
};

// A number of commits of one kind as one.
class JointCommit {
 public:
  JointCommit();
  ~JointCommit();

  // `clashes` when it concerns what one of those changes that are there already, `full` when there are enough of them.
  // The commit must live on until the last one was added.
  enum class Added : std::uint8_t { yes, clashes, full };
  Added add(const model::Commit& commit);
  // Whether a commit may be added to any other.
  static bool is_possible(const model::Commit& commit);

  const model::Commit& whole() const noexcept { return whole_; }
  std::size_t count() const noexcept { return publications_.size(); }
  // What each has of what came of the whole, in the order in which they were added.
  std::vector<model::Committed> divide(model::Committed whole) const;

 private:
  struct Touched;

  bool is_apart(const model::Commit& commit) const;
  bool has_room_for(const model::Commit& commit) const;

  model::Commit whole_;
  std::vector<std::size_t> publications_;  // of each
  std::size_t bytes_ = 0;
  std::unique_ptr<Touched> touched_;
};

}  // namespace tidemark::store
