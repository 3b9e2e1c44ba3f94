#include "store/redis/replication.hpp"

#include <algorithm>
#include <utility>

#include "store/redis/answer.hpp"
#include "store/redis/keys.hpp"
#include "store/redis/server.hpp"

namespace tidemark::store {
namespace {

constexpr std::size_t FAILED_KEPT = 10'000;  // for those who ask later
constexpr std::size_t ROUND_COMMITS = 500;   // their records are looked for in one call
constexpr int TRIES = 3;                     // when the connection changes between the two requests

Failure unconfirmed(std::string why) {
  return fail(ErrorCode::unavailable, "what was applied or read may get lost: " + std::move(why), "replication");
}

}  // namespace

// --- ReplicationWaits ---

Lsn ReplicationWaits::begin(Shared& shared) {
  const std::lock_guard lock{mutex_};
  const Lsn lsn = shared.next_lsn();
  waiting_.try_emplace(lsn);
  return lsn;
}

void ReplicationWaits::end(std::span<const Lsn> lsns, const std::optional<Failure>& failure) {
  std::vector<fiber::Completion<Outcome>> released;
  {
    const std::lock_guard lock{mutex_};
    for (const Lsn lsn : lsns) {
      auto ended = waiting_.extract(lsn);
      if (ended.empty()) continue;
      if (failure) failed_.emplace(lsn, *failure);
      std::ranges::move(ended.mapped(), std::back_inserter(released));
    }
    while (failed_.size() > FAILED_KEPT) failed_.erase(failed_.begin());
  }
  for (const auto& completion : released) completion.set(failure);
}

Result<void> ReplicationWaits::wait(Lsn lsn) {
  for (;;) {
    fiber::Completion<Outcome> ended;
    {
      const std::lock_guard lock{mutex_};
      if (const auto failed = failed_.find(lsn); failed != failed_.end()) return failed->second;
      const auto behind = waiting_.upper_bound(lsn);
      if (behind == waiting_.begin()) return {};
      std::prev(behind)->second.push_back(ended);  // the last one: most end together
    }
    if (auto failure = ended.wait()) return *std::move(failure);
  }
}

bool ReplicationWaits::is_over(Lsn lsn) const {
  const std::lock_guard lock{mutex_};
  return (waiting_.empty() || lsn < waiting_.begin()->first) && !failed_.contains(lsn);
}

void ReplicationWaits::doubt(const model::Partition& partition) {
  const std::lock_guard lock{mutex_};
  ++doubts_[partition];
}

std::uint64_t ReplicationWaits::doubts(const model::Partition& partition) const {
  const std::lock_guard lock{mutex_};
  const auto at = doubts_.find(partition);
  return at == doubts_.end() ? 0 : at->second;
}

// --- Replication ---

Replication::Replication(Server& server) : server_{server}, tasks_{server.thread().loop()} {}

Replication::~Replication() = default;

Replication::Line& Replication::line_of(const model::Partition& partition) {
  auto& line = lines_[partition];
  if (!line) {
    line = std::make_unique<Line>();
    line->partition = partition;
  }
  return *line;
}

void Replication::confirm(const model::Partition& partition, std::uint64_t number, Lsn lsn) {
  Line& line = line_of(partition);
  line.waiting.push_back({number, lsn});
  if (std::exchange(line.is_running, true)) return;
  try {
    tasks_.spawn("replication of " + partition.tag(), [this, &line] { run(line); });
  } catch (const Error& error) {  // too many fibers: the commit stands all the same
    line.is_running = false;
    end(std::exchange(line.waiting, {}), unconfirmed(error.what()));
  }
}

Lsn Replication::read(const model::Partition& partition) {
  Shared& shared = server_.shared();
  if (shared.replication.doubts(partition) == line_of(partition).doubts_dispelled) return shared.next_lsn();
  return write(partition);
}

Lsn Replication::write(const model::Partition& partition) {
  Shared& shared = server_.shared();
  if (shared.options.wait_replicas == 0) return shared.next_lsn();
  const Lsn lsn = shared.replication.begin(shared);
  confirm(partition, 0, lsn);
  return lsn;
}

void Replication::run(Line& line) {
  while (!line.waiting.empty()) {
    const auto count = std::min(line.waiting.size(), ROUND_COMMITS);
    const std::vector<Commit> round{line.waiting.begin(), line.waiting.begin() + static_cast<std::ptrdiff_t>(count)};
    line.waiting.erase(line.waiting.begin(), line.waiting.begin() + static_cast<std::ptrdiff_t>(count));
    try {
      auto& waits = server_.shared().replication;
      const auto doubts = waits.doubts(line.partition);
      const auto asked = ask(line, round);
      if (asked)
        line.doubts_dispelled = doubts;
      else
        waits.doubt(line.partition);
      end(round, asked ? std::nullopt : std::optional{asked.error()});
    } catch (...) {
      end(round, unconfirmed("this process ends before it knows of the replicas"));
      end(line.waiting, unconfirmed("this process ends before it knows of the replicas"));
      throw;
    }
  }
  line.is_running = false;
}

void Replication::end(std::span<const Commit> commits, const std::optional<Failure>& failure) {
  std::vector<Lsn> lsns;
  for (const auto& commit : commits) lsns.push_back(commit.lsn);
  server_.shared().replication.end(lsns, failure);
}

Result<void> Replication::ask(Line& line, std::span<const Commit> commits) {
  auto& shared = server_.shared();
  const auto& options = shared.options;
  const auto key = keys::session(line.partition, shared.session);
  if (!line.connection) line.connection = server_.client().open_blocking(key);
  auto mark = shared.function("mark", {key}, FunctionCall::Effect::repeatable);
  for (const auto& commit : commits)
    if (commit.number > 0) mark << commit.number;
  auto wait = redis::Command{"WAIT", options.wait_replicas, std::max<std::int64_t>(options.wait_timeout.count(), 1)};

  std::string why = "its replicas could not be asked";
  for (int tries = 0; tries < TRIES; ++tries) {
    const auto marked = line.connection->call(mark.command(), options.client.request_timeout);
    if (!marked.answered()) {
      why = "its replicas could not be asked: " + marked.failure->text();
      continue;
    }
    if (is_missing_function(marked.value)) {
      TIDEMARK_TRY(server_.load_functions());
      continue;
    }
    const auto found = refusal_or(marked.value, "mark");
    if (!found) return unconfirmed(found.error().text());
    const auto waited = line.connection->call(wait, options.wait_timeout + options.client.request_timeout);
    if (!waited.answered() || waited.connection != marked.connection) continue;
    if (waited.value.is_error()) return unconfirmed(failure_of(waited.value, "WAIT").text());
    if (waited.value.number >= options.wait_replicas) return {};
    return unconfirmed(detail::concatenate("only ", waited.value.number, " of ", options.wait_replicas,
                                           " replicas have it so far; look at their connections to the master"));
  }
  return unconfirmed(std::move(why));
}

}  // namespace tidemark::store
