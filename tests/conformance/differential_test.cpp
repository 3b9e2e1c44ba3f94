// The same random steps on the embedded store and on Redis: both give the same answers, down to ids and error codes.
//
// Each run prints its seed where it fails; TIDEMARK_SEED replays it.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <deque>
#include <map>
#include <set>

#include "base/random.hpp"
#include "conformance/answer_text.hpp"
#include "conformance/store_test.hpp"
#include "storage/test_directory.hpp"
#include "store/embedded/embedded_store.hpp"

namespace tidemark::conformance {
namespace {

constexpr int RUNS = 6, STEPS = 250;
constexpr std::size_t STORES = 2, IN_HAND_MAX = 40, STEPS_SHOWN = 12;

const std::vector<std::string> TOPICS{"orders", "stock"};
const std::vector<std::string> GROUPS{"first", "second"};

// A delivery as each store gave it: the same, but for its token.
struct InHand {
  store::Subscription by;
  StreamId id;
  std::array<std::uint64_t, STORES> tokens;
};

class Differential : public testing::Test {
 protected:
  Differential() { open(); }

  // Makes a call of both stores; they must agree. The call gets the store, and its number if it takes one.
  template <class Call>
  auto both(Call call) {
    const auto one = [&](std::size_t number) {
      if constexpr (std::is_invocable_v<Call&, store::Store&, std::size_t>) {
        return call(*stores_[number], number);
      } else {
        return call(*stores_[number]);
      }
    };
    using Answer = decltype(one(0));
    std::vector<Answer> answers;
    loop_.run(
        "step",
        [&] {
          for (std::size_t number = 0; number < STORES; ++number) answers.push_back(one(number));
        },
        std::chrono::seconds{60});
    const auto embedded = text(answers[0]), redis = text(answers[1]);
    if (embedded != redis) {
      ADD_FAILURE() << "embedded: " << embedded << "\nredis:    " << redis << "\n"
                    << (answers[0] ? "" : answers[0].error().text()) << "\n"
                    << (answers[1] ? "" : answers[1].error().text());
    }
    return answers;
  }

  void start(std::uint64_t seed) {
    random_ = Random{seed};
    for (const auto& topic : TOPICS)
      for (const auto& group : GROUPS) both([&](auto& store) { return store.declare_group(topic, group, {}); });
    declare_documents(0);
  }

  void step() {
    switch (below(20)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4: return commit_something();
      case 5:
      case 6: return fetch();
      case 7: return claim();
      case 8: return record_attempt();
      case 9: return extend_leases();
      case 10:
      case 11: return query();
      case 12: return look_at_documents();
      case 13: return look_at_topics();
      case 14: return let_time_pass();
      case 15: return declare_documents(below(4));
      case 16: return forward();
      case 17: return erase_or_move();
      case 18: return leases();
      case 19:
        if (below(4) == 0) reopen();
        if (below(8) == 0) remake_group();
    }
  }

  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
  void note(std::string what) {
    steps_.push_back(std::move(what));
    if (steps_.size() > STEPS_SHOWN) steps_.pop_front();
  }
  std::string steps() const {
    std::string all;
    for (const auto& step : steps_) all += step + "\n";
    return all;
  }

 private:
  void open() {
    for (auto& store : stores_) store.reset();
    stores_[0] = store::EmbeddedStore::open({.path = directory_.path(),
                                             .durability = {.mode = storage::Durability::Mode::never},
                                             .disk_reserve_bytes = 0,
                                             .clock = &clock_})
                     .or_raise();
    stores_[1] = subject_->open(clock_, {}).or_raise();
  }

  // As processes end and begin: leases are given back, and what was pending is taken over. What is kept of leases and
  // heart-beats over a restart is the store's affair.
  void reopen() {
    note("reopen");
    if (lease_[0]) both([&](store::Store& store, std::size_t number) { return store.release(*lease_[number]); });
    lease_ = former_lease_ = {};
    open();
    for (const auto& topic : TOPICS) {
      for (const auto& group : GROUPS) {
        const store::Subscription by{topic, group, "ann"};
        keep(by, both([&](store::Store& store) { return store.claim(by, Duration{0}, StreamId{}, 1000); }));
      }
    }
  }

  // Whether an entry that is deleted under a handler's hands is still pending is the store's affair.
  bool is_in_hand(const std::string& topic, StreamId id) const {
    return std::ranges::any_of(in_hand_, [&](const auto& one) { return one.by.topic == topic && one.id == id; });
  }

  store::Subscription somebody() { return {TOPICS[below(2)], GROUPS[below(2)], below(2) ? "ann" : "bob"}; }
  std::string document_id() { return "d" + std::to_string(below(6)); }
  std::string value() {
    static const std::vector<std::string> VALUES{"null",  "true",  "1",      "1.0",  "-3",          "2.5",
                                                 "1e300", "\"a\"", "\"ab\"", "\"\"", "\"\\u0000\"", "9007199254740993",
                                                 "[1]"};
    return VALUES[below(VALUES.size())];
  }

  // --- Commits ---

  void commit_something() {
    auto commit = commit_in();
    commit.refusable = below(2);
    std::vector<const InHand*> settled;  // of each settlement
    std::string what = "commit:";
    if (!in_hand_.empty() && below(2)) {
      for (auto count = 1 + below(3); count > 0; --count) {
        settled.push_back(&in_hand_[below(in_hand_.size())]);
        commit.settlements.push_back({.topic = settled.back()->by.topic,
                                      .group = settled.back()->by.group,
                                      .id = settled.back()->id,
                                      .error = {}});
        if (below(3) == 0) {
          auto& retry = commit.settlements.back();
          retry.kind = model::Settlement::Kind::retry;
          retry.retry_at = clock_.now() + Duration{below(1000)};
          retry.attempts = static_cast<std::uint32_t>(below(5));
          retry.error = below(2) ? "bad luck" : "";
        }
        what += " settle " + commit.settlements.back().topic + "/" + commit.settlements.back().group + "/" +
                text(commit.settlements.back().id);
      }
    }
    for (auto count = below(3); count > 0; --count) {
      commit.publications.push_back(event(TOPICS[below(2)], std::to_string(++made_)));
      if (below(6) == 0) commit.publications.back().id = StreamId{1'700'000'000'000 + below(20'000), below(3)};
      what += " publish " + commit.publications.back().topic +
              (commit.publications.back().id ? text(*commit.publications.back().id) : "");
    }
    for (auto count = below(3); count > 0; --count) change_document(commit, what);
    if (below(4) == 0) change_key(commit, what);
    if (below(4) == 0) change_timer(commit, what);
    if (below(5) == 0 && !published_.empty()) {
      const auto& [topic, id] = published_[below(published_.size())];
      if (is_in_hand(topic, id)) return;
      commit.erasures.push_back({topic, id});
      erased_.insert(topic);
      what += " erase " + topic + "/" + text(id);
    }
    note(what);
    const auto answers = both([&](store::Store& store, std::size_t number) {
      for (std::size_t i = 0; i < settled.size(); ++i) commit.settlements[i].token = settled[i]->tokens[number];
      return store.commit(commit);
    });
    if (!answers[0]) return;
    for (const auto* delivery : settled) extend_lease(*delivery);
    for (std::size_t i = 0; i < commit.publications.size(); ++i)
      published_.emplace_back(commit.publications[i].topic, answers[0]->published[i]);
    for (const auto& change : commit.documents) {
      if (change.json) {
        versions_[change.id] = change.version;
      } else {
        versions_.erase(change.id);
      }
    }
  }

  void change_document(Commit& commit, std::string& what) {
    const auto id = document_id();
    const auto known = versions_.find(id);
    const auto current = known == versions_.end() ? std::nullopt : std::optional{known->second};
    if (below(3)) commit.expected_documents.push_back(expect_version(id, below(8) ? current : version_after(current)));
    if (below(5) == 0) {
      commit.documents.push_back(erase(id));
    } else {
      commit.documents.push_back(put(id, R"({"n":)" + value() + R"(,"deep":{"s":)" + value() + "}}", current));
    }
    what += " " + id + (commit.documents.back().json.value_or(" erased"));
  }

  void change_key(Commit& commit, std::string& what) {
    model::KeyChange change{.key = "k" + std::to_string(below(3)), .value = {}, .expires = {}};
    if (below(4)) {
      change.value = std::to_string(++made_);
      change.expires = clock_.now() + Duration{1 + below(2000)};
      change.must_be_absent = below(2);
    }
    what += " key " + change.key + (change.value ? "=" + *change.value : " erased");
    commit.keys.push_back(std::move(change));
  }

  void change_timer(Commit& commit, std::string& what) {
    model::TimerChange change{
        .name = "t" + std::to_string(below(3)), .due = {}, .topic = TOPICS[below(2)], .fields = {}};
    if (below(4)) {
      change.due = clock_.now() + Duration{below(2000)};
      change.fields = text_fields("timed " + std::to_string(++made_));
    }
    what += " timer " + change.name + " " + text(change.due);
    commit.timers.push_back(std::move(change));
  }

  // --- Deliveries ---

  void keep(const store::Subscription& by, const std::vector<Result<model::Batch>>& answers) {
    if (!answers[0] || !answers[1]) return;
    const auto& embedded = answers[0]->deliveries;
    const auto& redis = answers[1]->deliveries;
    for (std::size_t i = 0; i < std::min(embedded.size(), redis.size()); ++i) {
      in_hand_.push_back({by, embedded[i].id, {embedded[i].token, redis[i].token}});
      if (in_hand_.size() > IN_HAND_MAX) in_hand_.pop_front();
    }
  }

  void fetch() {
    const auto by = somebody();
    const auto count = static_cast<std::uint32_t>(1 + below(4));
    note("fetch " + by.topic + "/" + by.group + " as " + by.consumer + " " + std::to_string(count));
    keep(by, both([&](store::Store& store) { return store.fetch(by, count, 1 << 20, clock_.instant()); }));
  }

  void claim() {
    const auto by = somebody();
    const Duration idle{below(3) ? below(1500) : 0};
    const auto count = static_cast<std::uint32_t>(1 + below(4));
    const auto after = below(3) || in_hand_.empty() ? StreamId{} : in_hand_[below(in_hand_.size())].id;
    note("claim " + by.topic + "/" + by.group + " as " + by.consumer + " " + std::to_string(count) + " idle " +
         std::to_string(idle.count()) + " after " + text(after));
    keep(by, both([&](store::Store& store) { return store.claim(by, idle, after, count); }));
  }

  void record_attempt() {
    if (in_hand_.empty()) return;
    const auto& delivery = in_hand_[below(in_hand_.size())];
    const auto attempt = static_cast<std::uint32_t>(below(4));
    note("attempt " + delivery.by.topic + "/" + delivery.by.group + "/" + text(delivery.id));
    both([&](store::Store& store, std::size_t number) {
      return store.record_attempt(delivery.by, delivery.id, delivery.tokens[number], attempt);
    });
  }

  // Of a delivery that may wait for a retry now. Whether that by itself begins its idle time anew is the store's
  // affair.
  void extend_lease(const InHand& delivery) {
    both([&](store::Store& store, std::size_t number) {
      return store.extend_leases(delivery.by, std::vector{std::pair{delivery.id, delivery.tokens[number]}});
    });
  }

  void extend_leases() {
    const auto by = somebody();
    note("extend " + by.topic + "/" + by.group + " as " + by.consumer);
    both([&](store::Store& store, std::size_t number) {
      std::vector<std::pair<StreamId, std::uint64_t>> deliveries;
      for (const auto& delivery : in_hand_)
        if (delivery.by.topic == by.topic && delivery.by.group == by.group && delivery.by.consumer == by.consumer)
          deliveries.emplace_back(delivery.id, delivery.tokens[number]);
      return store.extend_leases(by, deliveries);
    });
  }

  // --- Documents ---

  void declare_documents(std::uint64_t kind) {
    std::vector<model::IndexDefinition> indexes{{.name = "by_n", .path = "n"}};
    if (kind == 1) indexes = {};
    if (kind == 2) indexes.push_back({.name = "by_s", .path = "deep.s"});
    if (kind == 3) indexes.front().unique = true;
    note("declare " + std::to_string(kind));
    both([&](store::Store& store) { return store.declare_collection({.name = DOCUMENTS, .indexes = indexes}); });
  }

  void query() {
    model::Query query{
        .collection = DOCUMENTS, .index = below(3) ? "by_n" : "", .equal = {}, .from = {}, .below = {}, .after = {}};
    if (!query.index.empty() && below(2)) {
      static const std::vector<model::IndexValue> VALUES{
          nullptr, true,  std::int64_t{1},  std::int64_t{-3},
          2.5,     1e300, std::string{"a"}, std::uint64_t{9007199254740993}};
      if (below(2)) {
        query.equal = VALUES[below(VALUES.size())];
      } else {
        if (below(3)) query.from = VALUES[below(VALUES.size())];
        if (below(3)) query.below = VALUES[below(VALUES.size())];
      }
    }
    query.descending = below(2);
    query.limit = static_cast<std::uint32_t>(1 + below(4));
    note("query '" + query.index + "' limit " + std::to_string(query.limit));
    std::array<std::string, STORES> after;
    for (int pages = 0; pages < 4; ++pages) {
      const auto read = both([&](store::Store& store, std::size_t number) {
        query.after = after[number];
        return store.query(PARTITION, query);
      });
      if (!read[0] || !read[1]) return;
      if (pages == 0 && below(2)) commit_what_was_read(query, read);
      if (read[0]->value.next.empty()) return;
      for (std::size_t number = 0; number < STORES; ++number) after[number] = read[number]->value.next;
    }
  }

  // Another document may change it meanwhile.
  void commit_what_was_read(model::Query query, const std::vector<Result<model::Read<model::Page>>>& read) {
    query.after.clear();
    if (below(2)) commit_something();
    note("commit of a query");
    both([&](store::Store& store, std::size_t number) {
      auto commit = commit_in();
      commit.expected_queries.push_back({query, model::digest_of(read[number]->value)});
      commit.publications.push_back(event("orders", "read"));
      return store.commit(commit);
    });
  }

  void look_at_documents() {
    for (int i = 0; i < 6; ++i)
      both([&](store::Store& store) { return store.find(PARTITION, DOCUMENTS, "d" + std::to_string(i)); });
    for (int i = 0; i < 3; ++i)
      both([&](store::Store& store) { return store.find_key(PARTITION, "k" + std::to_string(i)); });
    both([&](store::Store& store) { return store.find(OTHER_PARTITION, DOCUMENTS, "d1"); });
  }

  // --- Topics ---

  void look_at_topics() {
    for (const auto& topic : TOPICS) {
      both([&](store::Store& store) { return store.topic(topic); });
      both([&](store::Store& store) { return store.read(topic, StreamId{}, 10'000); });
      both([&](store::Store& store) { return groups_of(store, topic); });
      for (const auto& group : GROUPS)
        both([&](store::Store& store) { return store.pending(topic, group, StreamId{}, 1000); });
      if (!published_.empty()) {
        const auto id = published_[below(published_.size())].second;
        both([&](store::Store& store) { return store.read_one(topic, id); });
        both([&](store::Store& store) { return store.read(topic, id, 2); });
      }
    }
  }

  // Redis 7.0 counts a lag wrongly once entries were deleted (https://github.com/redis/redis/pull/13338).
  Result<std::vector<model::GroupInfo>> groups_of(store::Store& store, const std::string& topic) const {
    auto groups = store.groups(topic);
    if (!groups || !erased_.contains(topic)) return groups;
    for (auto& group : *groups) group.lag = 0;
    return groups;
  }

  void let_time_pass() {
    clock_.advance(Duration{below(1200)});
    note("time passes, to " + text(clock_.now()));
    if (below(4) == 0) return;
    for (auto& store : stores_) {
      loop_.run(
          "maintain",
          [&] {
            while (store->maintain().or_raise() <= clock_.now()) continue;
          },
          std::chrono::seconds{60});
    }
  }

  void forward() {
    const auto inbox = model::own_topic(PARTITION, "inbox");
    const auto from = below(3) ? forwarded_ : StreamId{below(30), 0};
    model::Forwarding forwarding{.source = "orders", .target = inbox, .from = from, .to = {}, .entries = {}};
    forwarding.to = {from.ms + below(6), 0};
    for (auto ms = from.ms + 1; ms <= forwarding.to.ms; ++ms)
      if (ms % 3) forwarding.entries.push_back({{ms, 0}, text_fields(std::to_string(ms))});
    if (below(10) == 0 && forwarding.entries.size() > 1) std::swap(forwarding.entries[0], forwarding.entries[1]);
    note("forward (" + text(forwarding.from) + ", " + text(forwarding.to) + "]");
    const auto answers = both([&](store::Store& store) { return store.forward(forwarding); });
    if (answers[0]) forwarded_ = answers[0]->last;
    both([&](store::Store& store) { return store.read(inbox, StreamId{}, 10'000); });
    both([&](store::Store& store) { return store.topic(inbox); });
  }

  void erase_or_move() {
    if (published_.empty()) return;
    const auto [topic, id] = published_[below(published_.size())];
    if (below(2)) {
      if (is_in_hand(topic, id)) return;
      note("erase " + topic + "/" + text(id));
      erased_.insert(topic);
      both([&](store::Store& store) { return store.erase_entries(topic, std::vector<StreamId>{id, {1, 1}}); });
    } else {
      const auto group = GROUPS[below(2)];
      note("move " + topic + "/" + group + " to " + text(id));
      both([&](store::Store& store) { return store.move_cursor(topic, group, id); });
    }
  }

  void leases() {
    const auto owner = below(2) ? "ann" : "bob";
    const Duration time{1 + below(3000)};
    note(std::string{"lease for "} + owner);
    const auto answers = both([&](store::Store& store) { return store.lease(PARTITION, owner, time); });
    if (answers[0] && answers[0]->lease) {
      former_lease_ = lease_;
      for (std::size_t number = 0; number < STORES; ++number) lease_[number] = answers[number]->lease;
    }
    const auto& used = below(2) ? lease_ : former_lease_;
    if (!used[0]) return;
    auto by = somebody();
    keep(by, both([&](store::Store& store, std::size_t number) {
           by.lease = used[number];
           return store.fetch(by, 1, 1 << 20, clock_.instant());
         }));
    if (below(3) == 0) both([&](store::Store& store, std::size_t number) { return store.release(*used[number]); });
  }

  void remake_group() {
    if (published_.empty()) return;
    const auto by = somebody();
    note("remake " + by.topic + "/" + by.group);
    both([&](store::Store& store) { return store.remove_group(by.topic, by.group); });
    both([&](store::Store& store) { return store.fetch(by, 1, 1, clock_.instant()); });
    const auto& [topic, id] = published_.at(below(published_.size()));
    const auto from = topic == by.topic ? id : StreamId{};
    both([&](store::Store& store) { return store.declare_group(by.topic, by.group, from); });
  }

  VirtualClock clock_;
  fiber::ManualLoop loop_{clock_};
  std::unique_ptr<Subject> subject_ = make_subject();
  storage::TestDirectory directory_;
  std::array<std::unique_ptr<store::Store>, STORES> stores_;
  Random random_{0};
  std::deque<std::string> steps_;

  std::uint64_t made_ = 0;
  std::deque<InHand> in_hand_;
  std::vector<std::pair<std::string, StreamId>> published_;
  std::set<std::string> erased_;  // topics of which something was deleted
  std::map<std::string, model::Version> versions_;
  StreamId forwarded_;
  std::array<std::optional<model::Lease>, STORES> lease_, former_lease_;
};

class StoresAgree : public Differential, public testing::WithParamInterface<int> {};

TEST_P(StoresAgree, WhateverIsDone) {
  const char* const given = std::getenv("TIDEMARK_SEED");
  const auto seed = given ? std::strtoull(given, nullptr, 10) : thread_random().next();
  start(seed);
  for (int i = 0; i < STEPS && !HasFailure(); ++i) step();
  if (HasFailure()) ADD_FAILURE() << "TIDEMARK_SEED=" << seed << ", the last steps:\n" << steps();
}
INSTANTIATE_TEST_SUITE_P(Seeds, StoresAgree, testing::Range(0, RUNS));

}  // namespace
}  // namespace tidemark::conformance
