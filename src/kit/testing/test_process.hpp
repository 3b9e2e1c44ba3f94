// Process: what one process of a service does about partitions, on a bench's loop and store, and what may happen to it.
// Several share a bench, as they would share a server.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fiber/sync.hpp"
#include "kit/dispatch/partition_keeper.hpp"
#include "kit/testing/test_bench.hpp"

namespace tidemark::kit {

// One process's way to the store. On one loop.
class Link final : public DelegatingStore {
 public:
  using DelegatingStore::DelegatingStore;

  enum class State {
    good,
    hung,   // the process stands still: calls begin, and their answers arrive, when it goes on
    outage  // every call fails
  };
  void set(State state) {
    state_ = state;
    changed_.notify_all();
  }

  Result<void> declare_topic(const model::TopicDefinition& topic) override {
    return pass([&] { return DelegatingStore::declare_topic(topic); });
  }
  Result<void> declare_group(std::string_view topic, std::string_view group, StreamId start) override {
    return pass([&] { return DelegatingStore::declare_group(topic, group, start); });
  }
  Result<std::vector<std::string>> join(std::string_view service, std::string_view member, Duration time) override {
    return pass([&] { return DelegatingStore::join(service, member, time); });
  }
  Result<void> leave(std::string_view service, std::string_view member) override {
    return pass([&] { return DelegatingStore::leave(service, member); });
  }
  Result<store::LeaseAnswer> lease(const model::Partition& partition, std::string_view owner, Duration time) override {
    return pass([&] { return DelegatingStore::lease(partition, owner, time); });
  }
  Result<void> release(const model::Lease& lease) override {
    return pass([&] { return DelegatingStore::release(lease); });
  }
  Result<model::Forwarded> forward(const model::Forwarding& forwarding) override {
    return pass([&] { return DelegatingStore::forward(forwarding); });
  }
  Result<void> move_cursor(std::string_view topic, std::string_view group, StreamId to) override {
    return pass([&] { return DelegatingStore::move_cursor(topic, group, to); });
  }
  Result<model::Committed> commit(const model::Commit& commit) override {
    return pass([&] { return DelegatingStore::commit(commit); });
  }
  Result<model::Read<std::optional<model::Document>>> find(const model::Partition& partition,
                                                           std::string_view collection, std::string_view id) override {
    return pass([&] { return DelegatingStore::find(partition, collection, id); });
  }
  Result<model::Batch> fetch(const store::Subscription& by, std::uint32_t count, std::size_t bytes,
                             Instant deadline) override {
    return pass([&] { return DelegatingStore::fetch(by, count, bytes, deadline); });
  }
  Result<model::Batch> claim(const store::Subscription& by, Duration idle, StreamId after,
                             std::uint32_t count) override {
    return pass([&] { return DelegatingStore::claim(by, idle, after, count); });
  }
  Result<Lsn> record_attempt(const store::Subscription& by, StreamId id, std::uint64_t token,
                             std::uint32_t attempt) override {
    return pass([&] { return DelegatingStore::record_attempt(by, id, token, attempt); });
  }
  Result<std::vector<StreamId>> extend_leases(const store::Subscription& by,
                                              std::span<const std::pair<StreamId, std::uint64_t>> deliveries) override {
    return pass([&] { return DelegatingStore::extend_leases(by, deliveries); });
  }
  Result<std::vector<model::Entry>> read(std::string_view topic, StreamId after, std::uint32_t count) override {
    return pass([&] { return DelegatingStore::read(topic, after, count); });
  }
  Result<std::optional<model::Entry>> read_one(std::string_view topic, StreamId id) override {
    return pass([&] { return DelegatingStore::read_one(topic, id); });
  }
  Result<bool> wait_for_entries(std::span<const store::Position> positions, Instant deadline) override {
    return pass([&] { return DelegatingStore::wait_for_entries(positions, deadline); });
  }
  Result<model::TopicInfo> topic(std::string_view name) override {
    return pass([&] { return DelegatingStore::topic(name); });
  }
  Result<std::vector<model::GroupInfo>> groups(std::string_view topic) override {
    return pass([&] { return DelegatingStore::groups(topic); });
  }

 private:
  template <class Call>
  auto pass(const Call& call) -> decltype(call()) {
    const auto refused = fail(ErrorCode::unavailable, "the store can't be reached");
    changed_.wait([this] { return state_ != State::hung; });
    if (state_ == State::outage) return refused;
    auto answer = call();
    changed_.wait([this] { return state_ != State::hung; });
    if (state_ == State::outage) return refused;
    return answer;
  }

  State state_ = State::good;
  fiber::Signal changed_;
};

class Process {
 public:
  Process(Bench& bench, std::string name, std::uint16_t partitions)
      : bench_{bench},
        link_{bench.inner},
        catalog_{link_, bench.service.spec()},
        runtime_{.store = link_,
                 .catalog = catalog_,
                 .clock = bench.clock,
                 .metrics = metrics_,
                 .suspects = suspects_,
                 .service = bench.service.name(),
                 .partitions = partitions,
                 .consumer = std::move(name),
                 .nonce = 1,
                 .timer_set = [] {}},
        keeper_{{&bench.loop.loop()}, runtime_, bench.service.spec()} {
    bench.loop.run("start", [&] {
      for (const auto& handler : bench.service.spec().handlers)
        bench.inner->declare_group(handler.topic, handler.group, StreamId::min()).or_raise();
      keeper_.start().or_raise();
    });
    bench.loop.run_ready();
  }
  // Ends in good order, unless it was killed.
  ~Process() {
    bench_.loop.run("stop", [&] {
      keeper_.begin_drain();
      keeper_.finish_drain(bench_.clock.instant() + Duration{1000});
    });
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void hang() { link_.set(Link::State::hung); }
  void go_on() { link_.set(Link::State::good); }
  void lose_store() { link_.set(Link::State::outage); }

  std::vector<std::uint16_t> held() const { return keeper_.held(); }
  const std::string& name() const { return runtime_.consumer; }
  Runtime& runtime() { return runtime_; }
  PartitionKeeper& keeper() { return keeper_; }

 private:
  Bench& bench_;
  Link link_;
  telemetry::Metrics metrics_;
  Turnstile suspects_;
  Catalog catalog_;
  Runtime runtime_;
  PartitionKeeper keeper_;
};

// A process that ends so that the store hears nothing of it.
inline void kill(std::unique_ptr<Process>& process) {
  process->lose_store();
  process.reset();
}

}  // namespace tidemark::kit
