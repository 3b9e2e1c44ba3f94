// Bench: a real store and one loop that a test drives by hand, under a clock that stands still until told otherwise:
// for what is about time, and about who holds how much.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "fiber/manual_loop.hpp"
#include "kit/dispatch/dispatcher.hpp"
#include "kit/run/runtime.hpp"
#include "kit/run/turnstile.hpp"
#include "kit/service/spec.hpp"
#include "kit/setup/open_store.hpp"
#include "kit/testing/test_store.hpp"
#include "telemetry/metrics.hpp"
#include "tidemark/service.hpp"

namespace tidemark::kit {

// Counts what is read without a group.
class CountingStore final : public DelegatingStore {
 public:
  using DelegatingStore::DelegatingStore;
  Result<std::vector<model::Entry>> read(std::string_view topic, StreamId after, std::uint32_t count) override {
    ++reads;
    return DelegatingStore::read(topic, after, count);
  }
  Result<model::Committed> commit(const model::Commit& commit) override {
    ++commits;
    return DelegatingStore::commit(commit);
  }
  int reads = 0;
  int commits = 0;
};

struct Bench {
  explicit Bench(const Service& of) : service{of} {}

  void append(const std::string& topic, const std::vector<std::pair<std::string, std::string>>& members,
              std::optional<StreamId> id = std::nullopt) {
    commit(topic, members, id);
    loop.run_ready();
  }

  void commit(const std::string& topic, const std::vector<std::pair<std::string, std::string>>& members,
              std::optional<StreamId> id) {
    model::Commit changes;
    changes.publications.push_back({.topic = topic, .fields = {}, .id = id});
    for (const auto& [name, value] : members) changes.publications.back().fields.add(name, value);
    static_cast<void>(store.commit(changes).or_raise());
  }

  // What another consumer of the handler's group gets of what is pending, and keeps.
  std::vector<model::Delivery> claim_as_another(Duration idle) {
    std::vector<model::Delivery> claimed;
    loop.run("claim", [&] { claimed = store.claim(another(), idle, StreamId::min(), 100).or_raise().deliveries; });
    return claimed;
  }
  // Appends an event that another consumer gets, which never does anything with it.
  void append_for_another(const std::string& topic, const std::vector<std::pair<std::string, std::string>>& members) {
    commit(topic, members, std::nullopt);
    // On this thread the dispatcher runs only when the loop does.
    static_cast<void>(store.fetch(another(), 1, 1 << 20, clock.instant()).or_raise());
    loop.run_ready();
  }
  store::Subscription another() const {
    const auto& handler = service.spec().handlers.front();
    return {handler.topic, handler.group, "another"};
  }
  Placement placement() const { return {runtime, service.spec().handlers.front()}; }

  // Outlives the store, which makes and deletes files until its end.
  struct Folder {
    Folder() {
      if (!::mkdtemp(path.data())) throw Error{ErrorCode::io, "can't make a temporary folder: " + path};
    }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::string path = (std::filesystem::temp_directory_path() / "tidemark-bench-XXXXXX").string();
  };

  const Service& service;
  Folder folder;
  VirtualClock clock;
  std::shared_ptr<store::Store> inner = open_store("embedded:" + folder.path + "?durability=never", clock).or_raise();
  CountingStore store{inner};
  telemetry::Metrics metrics;
  Turnstile suspects;
  Catalog catalog{store, service.spec()};
  Runtime runtime{.store = store,
                  .catalog = catalog,
                  .clock = clock,
                  .metrics = metrics,
                  .suspects = suspects,
                  .service = service.name(),
                  .consumer = "bench",
                  .nonce = 1,
                  .timer_set = [] {}};
  fiber::ManualLoop loop{clock};
};

// A dispatcher for the bench's only handler, from start to drain.
class BenchDispatcher {
 public:
  explicit BenchDispatcher(Bench& bench) : bench_{bench} {
    bench.loop.run("start", [&] {
      dispatcher_ = std::make_unique<Dispatcher>(bench.loop, bench.runtime, bench.service.spec().handlers.front());
      dispatcher_->start().or_raise();
    });
    bench.loop.run_ready();
  }
  ~BenchDispatcher() {
    bench_.loop.run("stop", [&] {
      dispatcher_->begin_drain();
      static_cast<void>(dispatcher_->finish_drain(bench_.clock.instant() + Duration{1000}));
      dispatcher_.reset();
    });
  }
  Dispatcher* operator->() const { return dispatcher_.get(); }

 private:
  Bench& bench_;
  std::unique_ptr<Dispatcher> dispatcher_;
};

}  // namespace tidemark::kit
