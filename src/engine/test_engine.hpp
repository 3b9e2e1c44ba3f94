// TestEngine: an engine in a directory of its own, with a clock that stands still.
#pragma once
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "engine/engine.hpp"
#include "storage/test_directory.hpp"

namespace tidemark::engine {

inline model::Fields fields_of(std::initializer_list<std::pair<std::string_view, std::string_view>> pairs) {
  model::Fields fields;
  for (const auto& [name, value] : pairs) fields.add(name, value);
  return fields;
}

inline model::Publication publication(std::string topic, std::string_view text = "x") {
  return {std::move(topic), fields_of({{"text", text}}), {}};
}

class TestEngine {
 public:
  explicit TestEngine(const Limits& limits = {}, std::uint64_t disk_reserve_bytes = 0)
      : limits_{limits}, disk_reserve_bytes_{disk_reserve_bytes} {
    open();
  }

  Engine* operator->() { return engine_.get(); }
  VirtualClock& clock() { return clock_; }
  const std::string& path() const { return directory_->path(); }

  void reopen() {
    engine_.reset();
    open();
  }
  void reopen_after_crash() {
    auto left = std::make_unique<storage::TestDirectory>();
    left->become_copy_of(*directory_);
    engine_.reset();
    directory_ = std::move(left);
    open();
  }

  StreamId publish(const std::string& topic, std::string_view text = "x") {
    model::Commit commit;
    commit.publications.push_back(publication(topic, text));
    return engine_->commit(commit).value().published.front();
  }
  std::vector<std::string> texts(const std::string& topic) {
    std::vector<std::string> texts;
    const auto entries = engine_->read(topic, {.count = 10'000}).value();
    for (const auto& entry : entries) texts.emplace_back(entry.fields.find("text").value_or(""));
    return texts;
  }

 private:
  void open() {
    engine_ = Engine::open({.storage = {.path = directory_->path(), .durability = {storage::Durability::Mode::never}},
                            .clock = &clock_,
                            .disk_reserve_bytes = disk_reserve_bytes_,
                            .limits = limits_})
                  .or_raise();
  }

  Limits limits_;
  std::uint64_t disk_reserve_bytes_;
  VirtualClock clock_;
  std::unique_ptr<storage::TestDirectory> directory_ = std::make_unique<storage::TestDirectory>();
  std::unique_ptr<Engine> engine_;
};

}  // namespace tidemark::engine
