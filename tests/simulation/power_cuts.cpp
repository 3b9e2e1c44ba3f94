#include "power_cuts.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "engine_model.hpp"
#include "storage/simulated_disk.hpp"

namespace tidemark::engine {
namespace {

using storage::SimulatedDisk;
using Operation = SimulatedDisk::Operation;
using Fault = SimulatedDisk::Fault;

model::Publication publication(const std::string& topic, const std::string& text) {
  model::Fields fields;
  fields.add("text", text);
  return {topic, std::move(fields), {}};
}

// One thread of a process: does this and that, and notes what it was told.
class Worker {
 public:
  Worker(Engine& engine, const Clock& clock, std::string name, bool alone, std::uint64_t seed)
      : engine_{engine}, clock_{clock}, name_{std::move(name)}, alone_{alone}, random_{seed} {}

  void work(int steps, const SimulatedDisk& disk) {
    static constexpr std::array STEPS{&Worker::publish,     &Worker::publish, &Worker::change_thing, &Worker::deliver,
                                      &Worker::deliver,     &Worker::handle,  &Worker::handle,       &Worker::retry,
                                      &Worker::acknowledge, &Worker::claim,   &Worker::start_run,    &Worker::set_timer,
                                      &Worker::maintain,    &Worker::set_key, &Worker::wait};
    for (; steps > 0 && disk.has_power(); --steps) (this->*STEPS[random_.below(STEPS.size())])();
  }
  std::vector<ModelChange>& changes() { return changes_; }

 private:
  struct Held {
    std::string group;
    StreamId id;
    std::uint64_t token = 0;
    std::uint32_t attempts = 0;
  };

  // What a commit holds, and what the model is told once it has its ids.
  struct Draft {
    model::Commit commit{.partition = PARTITION};
    std::vector<std::function<void(ModelState&)>> effects;
  };

  void note(Lsn lsn, std::function<void(ModelState&)> apply) { changes_.push_back({lsn, std::move(apply)}); }
  std::string next_name(const char* what) { return what + name_ + "-" + std::to_string(++made_); }
  std::string filler() { return std::string(random_.below(8) ? random_.below(60) : random_.below(6000), 'x'); }

  void add_thing(Draft& draft) {
    const auto id = "t" + std::to_string(random_.below(THINGS));
    if (random_.below(5) == 0) {
      draft.commit.documents.push_back({COLLECTION, id, std::nullopt, {}});
      draft.effects.push_back([id](ModelState& state) { state.things.erase(id); });
      return;
    }
    ModelState::Thing thing;
    thing.color = "c" + std::to_string(random_.below(COLORS));
    thing.slot = next_name("s");
    thing.json = R"({"color":")" + thing.color + R"(","slot":")" + thing.slot + R"(","filler":")" + filler() + R"("})";
    draft.commit.documents.push_back({COLLECTION, id, thing.json, {++made_, random_.next()}});
    draft.effects.push_back([id, thing](ModelState& state) { state.things[id] = thing; });
  }
  void add_key(Draft& draft) {
    const auto key = "k" + std::to_string(random_.below(KEYS)), value = next_name("v");
    draft.commit.keys.push_back({key, value, clock_.now() + std::chrono::hours{24 * 365}});
    draft.effects.push_back([key, value](ModelState& state) { state.keys[key] = value; });
  }
  void add_timer(Draft& draft) {
    const auto name = next_name("timer");
    const auto timer = publication(ALARMS, name);
    draft.commit.timers.push_back({name, clock_.now(), ALARMS, timer.fields});
    draft.effects.push_back([name](ModelState& state) { state.timers.insert(name); });
  }
  void add_publications(Draft& draft, const std::string& topic, std::uint64_t count) {
    for (; count > 0; --count) draft.commit.publications.push_back(publication(topic, next_name("e") + filler()));
  }

  // False when the commit was refused, which changes nothing.
  bool commit(Draft draft) {
    const auto committed = engine_.commit(draft.commit);
    if (!committed) return false;
    auto entries = std::move(draft.commit.publications);
    note(committed->lsn, [effects = std::move(draft.effects), entries = std::move(entries),
                          ids = committed->published](ModelState& state) {
      for (const auto& effect : effects) effect(state);
      for (std::size_t i = 0; i < ids.size(); ++i)
        state.topics[entries[i].topic][ids[i]] = entries[i].fields.find("text").value();
    });
    return true;
  }

  void publish() {
    Draft draft;
    add_publications(draft, ORDERS, 1 + random_.below(3));
    if (random_.below(2)) add_thing(draft);
    if (random_.below(3) == 0) add_key(draft);
    commit(std::move(draft));
  }
  void change_thing() {
    Draft draft;
    add_thing(draft);
    commit(std::move(draft));
  }
  void set_timer() {
    Draft draft;
    add_timer(draft);
    commit(std::move(draft));
  }
  void set_key() {
    Draft draft;
    add_key(draft);
    commit(std::move(draft));
  }

  void deliver() { take(false); }
  void claim() { take(true); }
  void take(bool pending) {
    const auto group = GROUPS[random_.below(GROUPS.size())];
    // A claim of several is several commits, between which others may come.
    const auto count = static_cast<std::uint32_t>(pending && !alone_ ? 1 : 1 + random_.below(4));
    const Subscription by{ORDERS, group, name_};
    const auto batch =
        pending ? engine_.claim(by, Duration{0}, StreamId::min(), count) : engine_.deliver(by, count, SIZE_MAX);
    if (!batch || batch->deliveries.empty()) return;
    for (const auto& delivery : batch->deliveries)
      held_.push_back({group, delivery.id, delivery.token, delivery.attempts});
    note(batch->lsn, [group, pending, name = name_, deliveries = batch->deliveries](ModelState& state) {
      auto& of_group = state.groups[group];
      for (const auto& delivery : deliveries)
        of_group.pending[delivery.id] = {name, delivery.deliveries, delivery.attempts};
      if (!pending) of_group.cursor = deliveries.back().id;
    });
  }

  // What was handed over longest ago, and may be another's by now.
  std::optional<Held> take_held() {
    if (held_.empty()) return std::nullopt;
    const auto held = held_.front();
    held_.erase(held_.begin());
    return held;
  }

  // A handler's commit: its effects and the acknowledgement.
  void handle() {
    const auto held = take_held();
    if (!held) return;
    Draft draft;
    draft.commit.settlements.push_back({ORDERS, held->group, held->id, held->token});
    draft.effects.push_back(
        [group = held->group, id = held->id](ModelState& state) { state.groups[group].pending.erase(id); });
    add_publications(draft, DONE, 1);
    add_thing(draft);
    if (random_.below(3) == 0) add_timer(draft);
    commit(std::move(draft));
  }
  void retry() {
    const auto held = take_held();
    if (!held) return;
    Draft draft;
    const auto attempts = held->attempts + 1;
    draft.commit.settlements.push_back({ORDERS, held->group, held->id, held->token, model::Settlement::Kind::retry,
                                        clock_.now(), attempts, "no luck"});
    draft.effects.push_back([group = held->group, id = held->id, attempts](ModelState& state) {
      state.groups[group].pending[id].attempts = attempts;
    });
    commit(std::move(draft));
  }
  void start_run() {
    if (held_.empty()) return;
    auto& held = held_.front();
    const auto lsn = engine_.record_attempt({ORDERS, held.group, name_}, held.id, held.token, held.attempts + 1);
    if (!lsn) return;
    ++held.attempts;
    note(*lsn, [group = held.group, id = held.id, attempts = held.attempts](ModelState& state) {
      state.groups[group].pending[id].attempts = attempts;
    });
  }
  void acknowledge() {
    const auto held = take_held();
    if (!held) return;
    const auto counted = engine_.acknowledge(ORDERS, held->group, {&held->id, 1});
    if (!counted || counted->count == 0) return;
    note(counted->lsn,
         [group = held->group, id = held->id](ModelState& state) { state.groups[group].pending.erase(id); });
  }

  void maintain() { static_cast<void>(engine_.maintain().has_value()); }
  void wait() { engine_.storage().wait_durable(engine_.storage().sequenced()); }

  Engine& engine_;
  const Clock& clock_;
  const std::string name_;
  const bool alone_;
  Random random_;
  std::vector<ModelChange> changes_;
  std::vector<Held> held_;
  std::uint64_t made_ = 0;
};

class PowerCuts {
 public:
  PowerCuts(std::uint64_t seed, Sabotage sabotage, Tried& tried) : random_{seed}, sabotage_{sabotage}, tried_{tried} {}

  std::string play() {
    for (auto rounds = 1 + random_.below(3); rounds > 0; --rounds, ++round_) {
      break_disk();
      if (auto wrong = work_until_cut(); !wrong.empty()) return wrong;
      disk_ = random_.below(5) ? disk_->after_power_loss(random_) : disk_->after_kill();
      if (auto wrong = compare(); !wrong.empty()) return wrong;
      ++tried_.cuts;
    }
    return {};
  }

 private:
  void break_disk() {
    constexpr std::uint64_t ALWAYS = 1'000'000;
    switch (sabotage_) {
      case Sabotage::none:
      case Sabotage::tidemark_moves_early: return;
      case Sabotage::log_syncs_lost: return disk_->fail(Operation::sync, 1, Fault::lost, ".log", ALWAYS);
      case Sabotage::one_log_sync_lost: return disk_->fail(Operation::sync, 1 + random_.below(9), Fault::lost, ".log");
      case Sabotage::directory_syncs_lost: return disk_->fail(Operation::sync_directory, 1, Fault::lost, "", ALWAYS);
    }
  }

  Result<std::unique_ptr<Engine>> open() {
    storage::Durability durability;
    if (sabotage_ == Sabotage::tidemark_moves_early) durability = {storage::Durability::Mode::interval, HOUR};
    return Engine::open({.storage = {.path = "/data",
                                     .durability = durability,
                                     .cache_bytes = 1 << 20,
                                     .write_buffer_bytes = 16 << 10,
                                     .env = &disk_->env()},
                         .clock = &clock_,
                         .disk_reserve_bytes = 0});
  }

  static Result<void> declare(Engine& engine) {
    TIDEMARK_TRY(engine.declare_collection({COLLECTION, {{"color", "color"}, {"slot", "slot", true}}}));
    for (const auto& group : GROUPS) TIDEMARK_TRY(engine.declare_group(ORDERS, group, StreamId::min()));
    return {};
  }

  std::string work_until_cut() {
    std::atomic<Engine*> open_engine{nullptr};
    const auto note_durable = [&] {
      if (const Engine* engine = open_engine) durable_ = std::max(durable_, engine->durable());
    };
    disk_->cut_power_after(1 + random_.below(250), note_durable);
    const auto engine = open();
    if (!engine) return engine.error().text();
    open_engine = engine->get();
    changes_.clear();
    if (const auto declared = declare(**engine); !declared) return declared.error().text();
    work(**engine);
    if (disk_->has_power()) note_durable();  // nobody works any more; then it fails
    disk_->cut_power();
    open_engine = nullptr;
    return {};
  }

  void work(Engine& engine) {
    std::vector<std::unique_ptr<Worker>> workers;
    std::vector<std::thread> threads;
    const auto count = 1 + random_.below(3);
    for (auto number = count; number > 0; --number) {
      const auto name = std::to_string(round_) + "w" + std::to_string(number);
      workers.push_back(std::make_unique<Worker>(engine, clock_, name, count == 1, random_.next()));
      threads.emplace_back([this, worker = workers.back().get()] { worker->work(80, *disk_); });
    }
    for (auto& thread : threads) thread.join();
    for (const auto& worker : workers) std::ranges::move(worker->changes(), std::back_inserter(changes_));
    tried_.commits += changes_.size();
  }

  std::string compare() {
    clock_.advance(std::chrono::minutes{1});
    const auto engine = open();
    if (!engine) return engine.error().text();
    const auto recovered = (*engine)->sequenced();
    if (recovered < durable_)
      return tidemark::detail::concatenate("commits up to LSN ", durable_, " were durable, those up to ", recovered,
                                           " are left");
    tried_.durable_commits += static_cast<std::uint64_t>(
        std::ranges::count_if(changes_, [&](const ModelChange& change) { return change.lsn <= durable_; }));
    apply_up_to(recovered, std::move(changes_), state_);
    if (const auto declared = declare(**engine); !declared) return declared.error().text();
    auto wrong = state_.difference(**engine);
    if (!wrong.empty())
      return tidemark::detail::concatenate(wrong, "; recovered up to LSN ", recovered, ", durable: ", durable_);
    durable_ = recovered;
    return {};
  }

  static constexpr std::chrono::hours HOUR{1};
  Random random_;
  const Sabotage sabotage_;
  Tried& tried_;
  VirtualClock clock_;
  std::unique_ptr<SimulatedDisk> disk_ = std::make_unique<SimulatedDisk>();
  std::uint64_t round_ = 0;
  std::vector<ModelChange> changes_;  // since the last power cut
  ModelState state_;                  // at the last one
  Lsn durable_;
};

}  // namespace

std::string play_power_cuts(std::uint64_t seed, Sabotage sabotage, Tried& tried) {
  return PowerCuts{seed, sabotage, tried}.play();
}

}  // namespace tidemark::engine
