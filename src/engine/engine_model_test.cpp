// The engine's topics and groups beside a simple model of Redis's, over random steps, restarts and crashes.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/redis_model.hpp"
#include "engine/test_engine.hpp"

namespace tidemark::engine {
namespace {

using storage::TestDirectory;

struct Step {
  std::uint8_t kind;
  std::uint16_t a, b;
};

void showValue(const Step& step, std::ostream& out) {
  out << '{' << int{step.kind} << ", " << step.a << ", " << step.b << '}';
}

class Side {
 public:
  Side() { open(); }

  void take(const Step& step) {
    switch (step.kind % 24) {
      case 0:
      case 1:
      case 2:
      case 3: return append(step.a % 16 ? step.a % 4 + 1u : 300u);  // at times more than fit two range records
      case 4: return append_at(topic().last.ms + step.a % 3, topic().last.seq + step.b % 3);
      case 5:
      case 6:
      case 7: return deliver(step);
      case 8:
      case 9: return settle(step, model::Settlement::Kind::acknowledge);
      case 10: return settle(step, model::Settlement::Kind::retry);
      case 11: return settle_with_stale_token(step);
      case 12: return claim(step);
      case 13: return erase(step);
      case 14: return trim(step);
      case 15: return reopen(step, true);
      case 16: return reopen(step, false);
      case 17: return clock_.advance(Duration{step.a % 2000});
      case 18: return clock_.jump_to(clock_.now() - Duration{step.a % 500});
      case 19: return set_cursor(step);
      case 20: return record_attempt(step);
      case 21: return acknowledge(step);
      case 22: return extend(step);
      case 23: return redrive(step);
    }
  }

  void compare() {
    const auto info = engine_->topic(TOPIC).value();
    RC_ASSERT(info.length == topic().entries.size());
    RC_ASSERT(info.entries_added == topic().added_ids.size());
    RC_ASSERT(info.bytes == topic().bytes());
    RC_ASSERT(info.last_id == topic().last);
    RC_ASSERT(info.max_deleted_id == topic().max_deleted);
    RC_ASSERT(info.first_id == (topic().entries.empty() ? StreamId{} : topic().entries.begin()->first));
    compare_entries(false);
    compare_entries(true);
    const auto groups = engine_->groups(TOPIC).value();
    RC_ASSERT(groups.size() == topic().groups.size());
    for (const auto& group : groups) compare_group(group);
  }

 private:
  static constexpr const char* TOPIC = "orders";

  void open() {
    engine_ = Engine::open({.storage = {.path = directory_->path(), .durability = {storage::Durability::Mode::never}},
                            .clock = &clock_})
                  .or_raise();
    if (topic_.groups.empty()) {
      for (const auto* name : {"billing", "shipping"}) {
        engine_->declare_group(TOPIC, name, StreamId::min()).value();
        topic_.groups[name];
      }
    }
  }
  ModelTopic& topic() { return topic_; }
  ModelGroup& group(const Step& step) { return topic_.groups[group_name(step)]; }
  static const char* group_name(const Step& step) { return step.b % 2 ? "billing" : "shipping"; }
  static const char* consumer_name(const Step& step) { return step.a % 2 ? "ann" : "bob"; }
  static Subscription by(const Step& step) { return {TOPIC, group_name(step), consumer_name(step)}; }

  model::Fields next_fields() {
    model::Fields fields;
    ++made_;
    fields.add("n", std::string(made_ % 7, 'x') + std::to_string(made_));
    return fields;
  }

  void append(std::size_t count) {
    model::Commit commit;
    for (std::size_t i = 0; i < count; ++i) commit.publications.push_back({TOPIC, next_fields(), {}});
    const auto committed = engine_->commit(commit).value();
    for (std::size_t i = 0; i < count; ++i) {
      RC_ASSERT(committed.published[i] == topic().next_id(clock_.now()));
      topic().append(committed.published[i], commit.publications[i].fields);
    }
  }

  void append_at(std::uint64_t ms, std::uint64_t seq) {
    const StreamId id{ms, seq};
    model::Commit commit;
    commit.publications.push_back({TOPIC, next_fields(), id});
    const auto committed = engine_->commit(commit);
    RC_ASSERT(committed.has_value() == (id > topic().last));
    if (committed) topic().append(id, commit.publications[0].fields);
  }

  void deliver(const Step& step) {
    auto& g = group(step);
    const auto count = step.a / 2 % 16 ? step.a / 2 % 6u : 1000u;
    const auto batch = engine_->deliver(by(step), count, SIZE_MAX).value();
    g.consumers.insert(consumer_name(step));
    auto expected = topic().above(g.cursor);
    expected.resize(std::min<std::size_t>(expected.size(), count));
    RC_ASSERT(batch.deliveries.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const auto& delivery = batch.deliveries[i];
      RC_ASSERT(delivery.id == expected[i]);
      RC_ASSERT(delivery.fields == topic().entries[expected[i]]);
      RC_ASSERT(delivery.token == batch.deliveries[0].token);
      RC_ASSERT(delivery.suspect == (expected[0] <= g.suspect_up_to));
      g.pending[expected[i]] = {.consumer = consumer_name(step),
                                .token = delivery.token,
                                .handed_over = clock_.now(),
                                .idle_since = clock_.instant(),
                                .suspect = delivery.suspect};
      g.cursor = expected[i];
    }
  }

  auto pick_pending(const Step& step) {
    auto& pending = group(step).pending;
    return pending.empty() ? pending.end() : std::next(pending.begin(), step.a / 2 % pending.size());
  }

  void settle(const Step& step, model::Settlement::Kind kind) {
    const auto picked = pick_pending(step);
    if (picked == group(step).pending.end()) return;
    auto& [id, entry] = *picked;
    const auto retry_at = clock_.now() + Duration{step.a};
    model::Commit commit;
    commit.settlements.push_back({TOPIC, group_name(step), id, entry.token, kind, retry_at, entry.attempts + 1, "bad"});
    commit.publications.push_back({TOPIC, next_fields(), {}});
    const auto committed = engine_->commit(commit).value();
    topic().append(committed.published[0], commit.publications[0].fields);
    if (kind == model::Settlement::Kind::acknowledge) {
      group(step).pending.erase(picked);
      return;
    }
    ++entry.attempts;
    entry.retry_at = retry_at;
    entry.error = "bad";
    entry.idle_since = clock_.instant();
    entry.suspect = false;
  }

  void settle_with_stale_token(const Step& step) {
    const auto picked = pick_pending(step);
    const bool known = picked != group(step).pending.end();
    model::Commit commit;
    commit.settlements.push_back({TOPIC, group_name(step), known ? picked->first : StreamId{1, 1}, 12345});
    commit.publications.push_back({TOPIC, next_fields(), {}});
    RC_ASSERT(engine_->commit(commit).error().code == ErrorCode::fenced);
  }

  void claim(const Step& step) {
    auto& g = group(step);
    const Duration idle{step.a % 3 ? step.a % 1500 : 0};
    const auto after = step.b % 5 || g.pending.empty() ? StreamId::min() : g.pending.begin()->first;
    const auto count = step.b / 2 % 5 + 1u;
    const auto batch = engine_->claim(by(step), idle, after, count).value();
    g.consumers.insert(consumer_name(step));
    std::size_t claimed = 0;
    for (auto at = g.pending.upper_bound(after); at != g.pending.end() && claimed < count;) {
      auto& [id, entry] = *at;
      if (clock_.instant() - entry.idle_since < idle) {
        ++at;
        continue;
      }
      if (!topic().entries.contains(id)) {
        at = g.pending.erase(at);
        continue;
      }
      RC_ASSERT(claimed < batch.deliveries.size());
      const auto& delivery = batch.deliveries[claimed++];
      RC_ASSERT(delivery.id == id);
      RC_ASSERT(delivery.fields == topic().entries[id]);
      RC_ASSERT(delivery.token != entry.token);
      RC_ASSERT(delivery.deliveries == ++entry.deliveries);
      RC_ASSERT(delivery.attempts == entry.attempts);
      RC_ASSERT(delivery.retry_at == entry.retry_at);
      RC_ASSERT(delivery.last_error == entry.error);
      RC_ASSERT(delivery.suspect == entry.suspect);
      entry.consumer = consumer_name(step);
      entry.token = delivery.token;
      entry.handed_over = clock_.now();
      entry.idle_since = clock_.instant();
      ++at;
    }
    RC_ASSERT(claimed == batch.deliveries.size());
  }

  std::vector<StreamId> pick_entries(const Step& step) {
    std::vector<StreamId> ids{{step.a, step.b}};  // not there
    if (topic().entries.empty()) return ids;
    for (std::size_t i = 0; i <= step.b % 3u; ++i)
      ids.push_back(std::next(topic().entries.begin(), (step.a + i * 3) % topic().entries.size())->first);
    if (step.b % 4 == 0) ids.push_back(topic().entries.rbegin()->first);
    return ids;
  }

  void erase(const Step& step) {
    const auto ids = pick_entries(step);
    RC_ASSERT(engine_->erase_entries(TOPIC, ids).value().count == topic().erase(ids));
  }

  void trim(const Step& step) {
    const bool force = step.b % 3 == 0;
    Trim trim;
    if (step.b % 2) trim.length = step.a % 10u;
    if (step.b % 2 == 0 && !topic().entries.empty())
      trim.from = std::next(topic().entries.begin(), step.a % topic().entries.size())->first;
    const auto dropped = engine_->trim(TOPIC, trim, force).value();
    RC_ASSERT(dropped.count == topic().trim(trim.length, trim.from.value_or(StreamId::min()), force));
  }

  void reopen(const Step& step, bool clean) {
    if (step.a % 4) return;  // now and then: it takes longer than all other steps
    if (clean) {
      engine_.reset();
    } else {
      auto left = std::make_unique<TestDirectory>();
      left->become_copy_of(*directory_);
      engine_.reset();
      directory_ = std::move(left);
    }
    open();
    drop_deleted_of_ranges();
    topic().reopen(clean, clock_);
  }

  // What was handed over and is deleted may count as settled after a restart, or when it is claimed.
  void drop_deleted_of_ranges() {
    for (auto& [name, g] : topic().groups) {
      std::set<StreamId> there;
      const auto infos = engine_->pending(TOPIC, name, StreamId::min(), 10'000).value();
      for (const auto& info : infos) there.insert(info.id);
      std::erase_if(g.pending, [&](const auto& entry) {
        return !topic().entries.contains(entry.first) && !there.contains(entry.first);
      });
    }
  }

  void set_cursor(const Step& step) {
    if (step.a % 4) return;  // now and then
    auto& g = group(step);
    auto cursor = StreamId{topic().last.ms + step.b % 5, 0};
    if (step.b % 3 && !topic().entries.empty())
      cursor = std::next(topic().entries.begin(), step.a / 4 % topic().entries.size())->first;
    engine_->set_group_cursor(TOPIC, group_name(step), cursor).value();
    g.cursor = cursor;
  }

  void record_attempt(const Step& step) {
    const auto picked = pick_pending(step);
    if (picked == group(step).pending.end()) return;
    auto& [id, entry] = *picked;
    const Subscription owner{TOPIC, group_name(step), entry.consumer};
    RC_ASSERT(engine_->record_attempt(owner, id, entry.token + 2, 9).error().code == ErrorCode::fenced);
    engine_->record_attempt(owner, id, entry.token, ++entry.attempts).value();
    entry.retry_at.reset();
    entry.idle_since = clock_.instant();
    entry.suspect = false;
  }

  void acknowledge(const Step& step) {
    auto& g = group(step);
    std::vector<StreamId> ids{{step.a, step.b}};
    for (const auto& [id, entry] : g.pending)
      if ((id.seq + id.ms + step.a) % 3 == 0) ids.push_back(id);
    RC_ASSERT(engine_->acknowledge(TOPIC, group_name(step), ids).value().count ==
              ids.size() - 1 + g.pending.count(ids[0]));
    for (const auto id : ids) g.pending.erase(id);
  }

  void extend(const Step& step) {
    auto& g = group(step);
    std::vector<std::pair<StreamId, std::uint64_t>> leases{{{1, 1}, 1}};
    for (auto& [id, entry] : g.pending) {
      if (entry.consumer != consumer_name(step)) continue;
      leases.emplace_back(id, entry.token);
      entry.idle_since = clock_.instant();
    }
    const auto lost = engine_->extend_leases(by(step), leases).value();
    RC_ASSERT(lost == std::vector<StreamId>{StreamId(1, 1)});
  }

  // Entries move to the end of the topic in one commit, or not at all.
  void redrive(const Step& step) {
    auto ids = pick_entries(step);
    ids.erase(ids.begin());
    std::sort(ids.begin(), ids.end());
    const bool repeats = std::unique(ids.begin(), ids.end()) != ids.end();
    model::Commit commit;
    for (const auto id : ids) commit.erasures.push_back({TOPIC, id});
    commit.publications.push_back({TOPIC, next_fields(), {}});
    const auto committed = engine_->commit(commit);
    if (repeats) {
      RC_ASSERT(committed.error().code == ErrorCode::not_found);
      return;
    }
    RC_ASSERT(topic().erase(ids) == ids.size());
    topic().append(committed.value().published[0], commit.publications[0].fields);
  }

  void compare_entries(bool reverse) {
    const auto entries = engine_->read(TOPIC, {.count = 10'000, .reverse = reverse}).value();
    auto expected = topic().above(StreamId::min());
    if (reverse) std::reverse(expected.begin(), expected.end());
    RC_ASSERT(entries.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      RC_ASSERT(entries[i].id == expected[i]);
      RC_ASSERT(entries[i].fields == topic().entries[expected[i]]);
    }
  }

  void compare_group(const model::GroupInfo& info) {
    const auto& g = topic().groups.at(info.name);
    RC_ASSERT(info.cursor == g.cursor);
    RC_ASSERT(info.lag == topic().above(g.cursor).size());
    RC_ASSERT(info.pending == g.pending.size());
    RC_ASSERT(info.consumers.size() == g.consumers.size());
    std::map<std::string, std::uint64_t> by_consumer;
    const auto pending = engine_->pending(TOPIC, info.name, StreamId::min(), 10'000).value();
    RC_ASSERT(pending.size() == g.pending.size());
    auto expected = g.pending.begin();
    for (const auto& entry : pending) {
      RC_ASSERT(entry.id == expected->first);
      RC_ASSERT(entry.consumer == expected->second.consumer);
      RC_ASSERT(entry.deliveries == expected->second.deliveries);
      RC_ASSERT(entry.attempts == expected->second.attempts);
      RC_ASSERT(entry.retry_at == expected->second.retry_at);
      RC_ASSERT(entry.last_error == expected->second.error);
      RC_ASSERT(entry.idle == clock_.instant() - expected->second.idle_since);
      ++by_consumer[entry.consumer];
      ++expected;
    }
    for (const auto& consumer : info.consumers) RC_ASSERT(consumer.pending == by_consumer[consumer.name]);
  }

  VirtualClock clock_;
  std::unique_ptr<TestDirectory> directory_ = std::make_unique<TestDirectory>();
  std::unique_ptr<Engine> engine_;
  ModelTopic topic_;
  std::uint64_t made_ = 0;
};

RC_GTEST_PROP(EngineModel, topics_and_groups_behave_as_redis_documents_them, ()) {
  const auto step = rc::gen::build<Step>(rc::gen::set(&Step::kind, rc::gen::arbitrary<std::uint8_t>()),
                                         rc::gen::set(&Step::a, rc::gen::arbitrary<std::uint16_t>()),
                                         rc::gen::set(&Step::b, rc::gen::arbitrary<std::uint16_t>()));
  const auto steps = *rc::gen::resize(300, rc::gen::container<std::vector<Step>>(step));
  Side side;
  for (const auto& each : steps) {
    side.take(each);
    side.compare();
  }
}

}  // namespace
}  // namespace tidemark::engine
