#include "store/redis/committing.hpp"

#include <algorithm>
#include <set>

#include "fiber/fiber.hpp"
#include "store/redis/answer.hpp"
#include "store/redis/keys.hpp"
#include "store/redis/outboxes.hpp"
#include "store/redis/replication.hpp"
#include "telemetry/log.hpp"

namespace tidemark::store {
namespace {

constexpr int DECLARED_ANEW_AT_MOST = 20;  // while this commit was on its way
constexpr Duration REPEATED_FOR{30'000};   // where the fiber's deadline is not earlier
constexpr Duration PAUSE_FIRST{20}, PAUSE_AT_MOST{500};

Failure unknown_outcome(const Failure& last) {
  return fail(ErrorCode::unavailable, "whether the commit was applied is not known: " + last.text(), "commit");
}

}  // namespace

Result<model::Committed> Committing::run() {
  auto committed = apply();
  if (committed) forward(*committed);
  return committed;
}

Result<model::Committed> Committing::apply() {
  TIDEMARK_TRY(prepare());
  for (int anew = 0;; ++anew) {
    const auto collections = find_collections();
    if (!collections) return collections.error();
    const auto queries = ask_queries(*collections);
    if (!queries) return queries.error();
    const auto number = shared_.numbers->next(commit_.partition, server_.thread().loop().now());
    const auto call = CommitCall::encode(shared_, commit_, *collections, *queries, number);
    if (!call) return call.error();
    auto answer = send(*call);
    if (!answer) return answer.error();

    const bool stale = answer->is_list() && answer->items.size() == 3 && answer->items[0].text == "stale";
    if (stale && anew < DECLARED_ANEW_AT_MOST) {
      shared_.catalog->forget(commit_.partition, answer->items[2].text);
      continue;
    }
    return accept(*answer, number);
  }
}

Result<void> Committing::prepare() {
  TIDEMARK_TRY(check_sizes(commit_));
  TIDEMARK_TRY(server_.enter(commit_.partition));
  for (const auto& publication : commit_.publications) {
    if (stream_for(shared_, commit_.partition, publication.topic) == publication.topic) continue;
    if (commit_.refusable)
      TIDEMARK_TRY(shared_.backlogs.check(keys::outbox(commit_.partition, publication.topic), publication.topic));
    TIDEMARK_TRY(at_.outboxes->announce(commit_.partition, publication.topic));
  }
  for (const auto& timer : commit_.timers) {
    if (!timer.due || stream_for(shared_, commit_.partition, timer.topic) == timer.topic) continue;
    TIDEMARK_TRY(at_.outboxes->announce(commit_.partition, timer.topic));
  }
  return {};
}

Result<CommitCollections> Committing::find_collections() {
  CommitCollections collections;
  const auto add = [&](const std::string& name) -> Result<void> {
    if (collections.contains(name)) return {};
    auto found = shared_.catalog->find(server_, commit_.partition, name);
    if (!found) return found.error();
    collections.emplace(name, *std::move(found));
    return {};
  };
  for (const auto& expected : commit_.expected_documents) TIDEMARK_TRY(add(expected.collection));
  for (const auto& expected : commit_.expected_queries) TIDEMARK_TRY(add(expected.query.collection));
  for (const auto& change : commit_.documents) TIDEMARK_TRY(add(change.collection));
  return collections;
}

// The digest that is expected can't be computed by a function. So the queries are asked here once more, and what they
// give is what the function compares.
Result<std::vector<QueryState>> Committing::ask_queries(const CommitCollections& collections) {
  std::vector<QueryState> states;
  for (const auto& expected : commit_.expected_queries) {
    const auto& query = expected.query;
    const auto& collection = collections.find(query.collection)->second;
    auto planned = plan_query(*collection, commit_.partition, query);
    if (!planned) return planned.error();
    auto read = ask_query(server_, *collection, commit_.partition, *planned, query);
    if (!read) {
      count(read.error());
      return read.error();
    }
    if (model::digest_of(read->page) != expected.digest) {
      ++shared_.counters.conflicts;
      return fail(ErrorCode::conflict, "gives other documents than when it was read; read it again and repeat",
                  "query of '" + query.collection + "'");
    }
    states.push_back({.collection = collection, .planned = *std::move(planned), .read = *std::move(read)});
  }
  return states;
}

Result<resp::Value> Committing::send(const CommitCall& call) {
  auto sending = first_sending(commit_);
  const bool fenced = sending == CommitCall::Sending::first;
  const auto until = std::min(this_fiber::deadline(), server_.thread().loop().clock().instant() + REPEATED_FOR);
  bool may_have_run = false;
  for (auto pause = PAUSE_FIRST;; pause = std::min(2 * pause, PAUSE_AT_MOST)) {
    auto reply = server_.reply(call.call(shared_, sending));
    if (reply.answered()) return std::move(reply.value);
    may_have_run = may_have_run || reply.may_have_run;
    if (!may_have_run) return *std::move(reply.failure);
    if (server_.thread().loop().clock().instant() + pause >= until) return unknown_outcome(*reply.failure);
    ++shared_.counters.repeats;
    // Without a record, what settles something can be tried: had it been applied, it would be fenced.
    const bool must_be_recorded = !fenced && shared_.numbers->is_recorded(commit_.partition);
    sending = must_be_recorded ? CommitCall::Sending::repeated_and_recorded : CommitCall::Sending::repeated;
    this_fiber::sleep_for(pause);
  }
}

Result<model::Committed> Committing::accept(const resp::Value& answer, CommitNumbers::Number number) {
  if (answer.error_code() == "OOM") shared_.note_out_of_memory();
  const auto applied = refusal_or(answer, "commit");
  if (!applied) {
    count(applied.error());
    return applied.error();
  }
  if (commit_.refusable) shared_.note_memory_again();
  if (!commit_.changes_nothing()) shared_.numbers->note_recorded(commit_.partition);
  shared_.counters.commits += stands_for_;

  model::Committed committed;
  Answer ids{*applied, 1};
  for (std::size_t i = 0; i < commit_.publications.size(); ++i) committed.published.push_back(ids.id());
  if (!ids.good()) return strange_answer("commit");
  committed.lsn = note_lsn(number);
  std::set<std::string_view> topics;
  for (const auto& publication : commit_.publications) topics.insert(publication.topic);
  for (const auto topic : topics) shared_.waiters.changed(topic);
  return committed;
}

// The commit stands, whatever becomes of this: any process's maintain() forwards what is left.
void Committing::forward(const model::Committed& committed) {
  if (!shared_.is_cluster) return;
  try {
    forward_published(committed);
  } catch (const fiber::DeadlineExceeded&) {
    log::warn("events wait to be forwarded", {{"partition", commit_.partition.tag()}, {"reason", "no time was left"}});
  }
}

void Committing::forward_published(const model::Committed& committed) {
  for (std::size_t i = 0; i < committed.published.size(); ++i) {
    const auto& topic = commit_.publications[i].topic;
    if (stream_for(shared_, commit_.partition, topic) == topic) continue;
    // What goes to another node must not outlive what it came from.
    if (!shared_.replication.wait(committed.lsn)) return;
    if (auto forwarded = at_.outboxes->forward(commit_.partition, topic, committed.published[i]); !forwarded) {
      log::warn("an event waits to be forwarded", {{"topic", topic}, {"reason", forwarded.error().text()}});
    }
  }
}

Lsn Committing::note_lsn(CommitNumbers::Number number) {
  if (shared_.options.wait_replicas == 0 || commit_.changes_nothing()) return shared_.next_lsn();
  const Lsn lsn = shared_.replication.begin(shared_);
  at_.replication->confirm(commit_.partition, number.value, lsn);
  return lsn;
}

void Committing::count(const Failure& failure) {
  if (stands_for_ > 1) return;
  shared_.counters.conflicts += failure.code == ErrorCode::conflict;
  shared_.counters.fenced += failure.code == ErrorCode::fenced;
}

}  // namespace tidemark::store
