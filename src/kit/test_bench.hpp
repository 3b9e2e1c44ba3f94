// Bench: a real store and one loop that a test drives by hand, under a clock that stands still until told otherwise:
// for what is about time, and about who holds how much.
#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "fiber/manual_loop.hpp"
#include "kit/open_store.hpp"
#include "kit/runtime.hpp"
#include "kit/spec.hpp"
#include "kit/test_store.hpp"
#include "kit/turnstile.hpp"
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
  int reads = 0;
};

struct Bench {
  explicit Bench(const Service& of) : service{of} {}
  ~Bench() { std::filesystem::remove_all(folder); }

  void append(const std::string& topic, const std::vector<std::pair<std::string, std::string>>& members,
              std::optional<StreamId> id = std::nullopt) {
    model::Commit commit;
    commit.publications.push_back({.topic = topic, .fields = {}, .id = id});
    for (const auto& [name, value] : members) commit.publications.back().fields.add(name, value);
    static_cast<void>(store.commit(commit).or_raise());
    loop.run_ready();
  }

  static std::string make_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "tidemark-bench-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw Error{ErrorCode::io, "can't make a temporary folder: " + name};
    return name;
  }

  const Service& service;
  std::string folder = make_folder();
  VirtualClock clock;
  CountingStore store{open_store("embedded:" + folder + "?durability=never", clock).or_raise()};
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

}  // namespace tidemark::kit
