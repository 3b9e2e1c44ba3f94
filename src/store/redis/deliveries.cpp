// RedisStore: what groups hand over, and what becomes of it outside of commits.
#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "base/random.hpp"
#include "fiber/completion.hpp"
#include "fiber/fiber.hpp"
#include "store/redis/answer.hpp"
#include "store/redis/arrivals.hpp"
#include "store/redis/keys.hpp"
#include "store/redis/names.hpp"
#include "store/redis/redis_store.hpp"

namespace tidemark::store {
namespace {

// Never 0, and never of fewer than 16 digits.
std::uint64_t new_token() { return thread_random().next() | 1; }

std::string token_text(std::uint64_t token) {
  constexpr std::string_view DIGITS = "0123456789abcdef";
  std::string text(16, '0');
  for (auto at = text.rbegin(); at != text.rend(); ++at, token >>= 4) *at = DIGITS[token & 15];
  return text;
}

std::uint64_t token_of(std::string_view text) {
  std::uint64_t token = 0;
  std::from_chars(text.data(), text.data() + text.size(), token, 16);
  return token;
}

std::vector<std::string> keys_of(const Subscription& by) {
  std::vector<std::string> keys{by.topic, keys::runs(by.topic, by.group), keys::sessions(by.topic, by.group)};
  if (by.lease) keys.push_back(keys::lease(by.lease->partition));
  return keys;
}

void add_lease(FunctionCall& call, const Subscription& by) {
  if (by.lease) call << by.lease->owner << by.lease->epoch;
}

// What one call of fetch came to.
struct Fetched {
  model::Batch batch;
  StreamId wait_above;  // when it is empty
};

Result<Fetched> read_fetched(const resp::Value& value, Shared& shared) {
  Answer answer{value, 1};
  const auto token = token_of(answer.text());
  Fetched fetched;
  fetched.wait_above = answer.id();
  const auto& entries = answer.list().items;
  fetched.batch.deliveries.reserve(entries.size());
  bool good = answer.good();
  for (const auto& item : entries) {
    Answer entry{item};
    auto& delivery = fetched.batch.deliveries.emplace_back();
    delivery.id = entry.id();
    delivery.fields = entry.fields();
    delivery.token = token;
    good = good && entry.good();
  }
  if (!good) return strange_answer("fetch");
  fetched.batch.lsn = shared.next_lsn();
  return fetched;
}

// A fetch may not be sent twice, but a later one can ask for what earlier ones were handed, the oldest of it first. So
// whatever ends this one without its answer, its token is kept for that.
Result<Fetched> fetch_once(Local& at, const Subscription& by, std::uint32_t count, std::size_t bytes) {
  auto& shared = at.server.shared();
  shared.hand_overs.note_session(by.topic, by.group);
  auto lost = shared.hand_overs.take_lost(by);
  const auto keep = [&] {
    for (const auto token : lost) shared.hand_overs.note_lost(by, token);
  };
  const auto token = new_token();
  std::string asked_for;
  for (const auto one : lost) asked_for += token_text(one);
  auto call = shared.function("fetch", keys_of(by));
  call << by.group << by.consumer << count << bytes << token_text(token) << shared.session << asked_for;
  add_lease(call, by);
  redis::Reply reply;
  try {
    reply = at.server.reply(call);
  } catch (...) {
    lost.push_back(token);
    keep();
    throw;
  }
  if (!reply.answered()) {
    if (reply.may_have_run) lost.push_back(token);
    keep();
    return *reply.failure;
  }
  auto answer = refusal_or(std::move(reply.value), "fetch");
  if (!answer) {
    if (answer.error().code != ErrorCode::fenced) keep();  // else the next owner claims them
    return answer.error();
  }
  auto fetched = read_fetched(*answer, shared);
  // What was handed over to another lost one comes with a later call.
  const bool found =
      fetched && !fetched->batch.deliveries.empty() && std::erase(lost, fetched->batch.deliveries.front().token) > 0;
  if (found || !fetched) keep();
  return fetched;
}

// A fetch, and what it takes to wait if there was nothing.
struct Look {
  Result<Fetched> fetched;
  EntryWaiters::Registration registration;
};

}  // namespace

Result<model::Batch> RedisStore::fetch(const Subscription& by, std::uint32_t count, std::size_t bytes,
                                       Instant deadline) {
  if (count == 0) return fail(ErrorCode::invalid, "a fetch of no entries; ask for at least one", by.topic);
  TIDEMARK_TRY(check_name("consumer", by.consumer));
  // The wait may be on a loop that is not the connection's: it knows the deadline from the start.
  const auto limit = fiber::Loop::current()->schedule(deadline, [] {});
  for (;;) {
    const fiber::Completion<void> arrived;
    auto look = locals_.run([&](Local& at) -> Look {
      auto& waiters = shared_->waiters;
      const auto seen = waiters.changes(by.topic);
      Look now{fetch_once(at, by, count, bytes), {}};
      if (!now.fetched || !now.fetched->batch.deliveries.empty()) return now;
      const auto above = now.fetched->wait_above;
      now.registration = waiters.add(by.topic, seen, above, [arrived] { arrived.set(); });
      if (now.registration.armed()) at.arrivals->cover(by.topic, above);
      return now;
    });
    if (!look.fetched) return look.fetched.error();
    if (!look.fetched->batch.deliveries.empty()) return std::move(look.fetched->batch);
    if (!look.registration.armed()) {
      this_fiber::yield();  // another consumer may take all that comes: others on this thread get their turn
    } else if (!arrived.wait_until(deadline)) {
      return std::move(look.fetched->batch);
    }
  }
}

Result<model::Batch> RedisStore::claim(const Subscription& by, Duration idle, StreamId after, std::uint32_t count) {
  TIDEMARK_TRY(check_name("consumer", by.consumer));
  return locals_.run([&](Local& at) -> Result<model::Batch> {
    shared_->hand_overs.note_session(by.topic, by.group);
    model::Batch claimed;
    auto position = after.text();
    while (!position.empty() && claimed.deliveries.size() < count) {
      const auto token = new_token();
      auto call = shared_->function("claim", keys_of(by), FunctionCall::Effect::repeatable);
      call << by.group << by.consumer << idle.count() << position << count - claimed.deliveries.size()
           << token_text(token) << shared_->session;
      add_lease(call, by);
      const auto value = at.server.run(call);
      if (!value) return value.error();
      Answer answer{*value, 1};
      position = answer.text();
      const auto& entries = answer.list().items;
      bool good = answer.good();
      for (const auto& item : entries) {
        Answer entry{item};
        auto& delivery = claimed.deliveries.emplace_back();
        delivery.id = entry.id();
        delivery.fields = entry.fields();
        delivery.token = token;
        delivery.deliveries = static_cast<std::uint32_t>(entry.number());
        delivery.attempts = static_cast<std::uint32_t>(entry.number());
        delivery.suspect = entry.number() != 0;
        delivery.retry_at = entry.time();
        delivery.last_error = entry.text();
        good = good && entry.good();
      }
      if (!good) return strange_answer("claim");
    }
    claimed.lsn = shared_->next_lsn();
    return claimed;
  });
}

Result<Lsn> RedisStore::record_attempt(const Subscription& by, StreamId id, std::uint64_t token,
                                       std::uint32_t attempt) {
  return locals_.run([&](Local& at) -> Result<Lsn> {
    auto call = shared_->function("record_attempt", {by.topic, keys::runs(by.topic, by.group)},
                                  FunctionCall::Effect::repeatable);
    call << by.group << by.consumer << id.text() << token_text(token) << attempt;
    const auto answer = at.server.run(call);
    if (!answer) {
      if (answer.error().code == ErrorCode::fenced) ++shared_->counters.fenced;
      return answer.error();
    }
    return shared_->next_lsn();
  });
}

Result<std::vector<StreamId>> RedisStore::extend_leases(
    const Subscription& by, std::span<const std::pair<StreamId, std::uint64_t>> deliveries) {
  // In portions, so that a long list does not hold up the server.
  constexpr std::size_t PORTION = 500;
  return locals_.run([&](Local& at) -> Result<std::vector<StreamId>> {
    shared_->hand_overs.note_session(by.topic, by.group);
    std::vector<StreamId> lost;
    for (std::size_t from = 0; from < deliveries.size(); from += PORTION) {
      auto call = shared_->function("extend_leases",
                                    {by.topic, keys::runs(by.topic, by.group), keys::sessions(by.topic, by.group)},
                                    FunctionCall::Effect::repeatable);
      call << by.group << by.consumer << shared_->session;
      for (const auto& [id, token] : deliveries.subspan(from, std::min(PORTION, deliveries.size() - from)))
        call << id.text() << token_text(token);
      const auto value = at.server.run(call);
      if (!value) return value.error();
      Answer ids{Answer{*value, 1}.list()};
      while (!ids.at_end()) lost.push_back(ids.id());
      if (!ids.good()) return strange_answer("extend_leases");
    }
    return lost;
  });
}

// A session that is not taken back makes what it holds suspect. At the end of the process nobody waits long for that.
void RedisStore::end_sessions() noexcept {
  constexpr Duration AT_MOST{1'000};
  const auto sessions = shared_->hand_overs.sessions();
  if (sessions.empty()) return;
  try {
    static_cast<void>(locals_.run_from_outside([&](Local& at) -> Result<void> {
      const fiber::DeadlineScope limit{at.server.thread().loop().now() + AT_MOST};
      for (const auto& [topic, group] : sessions) {
        const auto key = keys::sessions(topic, group);
        redis::Command command{"HDEL", key, shared_->session};
        command.at(key).repeatable();
        if (const auto ended = at.server.run(command); !ended) return ended.error();
      }
      return {};
    }));
  } catch (const Error&) {
    // The server is out of reach, and the next process will take care as after a crash.
  }
}

}  // namespace tidemark::store
