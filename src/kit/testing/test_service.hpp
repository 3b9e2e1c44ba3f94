// What the tests of running services share: a service's types, an application over a store with trouble on demand, and
// looks behind the scenes.
#pragma once
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/ulid.hpp"
#include "fiber/fiber.hpp"
#include "fiber/io_thread.hpp"
#include "kit/dispatch/dead_letters.hpp"
#include "kit/host/application.hpp"
#include "kit/host/loopback_client.hpp"
#include "kit/setup/open_store.hpp"
#include "kit/testing/test_store.hpp"
#include "tidemark/testing.hpp"
#include "tidemark/tidemark.hpp"

namespace tidemark::kit {

// A document, an event, and what a request asks for.
struct Note {
  std::string id;
  std::string text;
  int count = 0;
};
BOOST_DESCRIBE_STRUCT(Note, (), (id, text, count))

struct Noted {
  std::string key;
  int number = 0;
};
BOOST_DESCRIBE_STRUCT(Noted, (), (key, number))

struct Batch {
  std::string key;
  int count = 0;
};
BOOST_DESCRIBE_STRUCT(Batch, (), (key, count))

// What handlers of one test have seen, from any thread.
class Seen {
 public:
  void add(const std::string& key, int number) {
    const std::scoped_lock lock{mutex_};
    numbers_[key].push_back(number);
  }
  std::vector<int> of(const std::string& key) const {
    const std::scoped_lock lock{mutex_};
    const auto at = numbers_.find(key);
    return at == numbers_.end() ? std::vector<int>{} : at->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<int>> numbers_;
};

inline std::vector<int> first_numbers(int count) {
  std::vector<int> numbers;
  for (int i = 0; i < count; ++i) numbers.push_back(i);
  return numbers;
}

constexpr Retry QUICKLY{.attempts = 3, .first = Duration{1}, .at_most = Duration{5}};

// A service "notes" with POST /publish {"key","count"}, which publishes `count` numbered events of the key.
inline Service make_notes() {
  Service service{"notes"};
  service.post("/publish", [](Transaction& tx, const Batch& batch) {
    for (int i = 0; i < batch.count; ++i) tx.publish(Noted{batch.key, i});
  });
  return service;
}

// Runs services over a TestStore, in a folder of its own. One thread.
class TroubledApplication {
 public:
  explicit TroubledApplication(std::vector<const Service*> services, Duration drain = std::chrono::seconds{10},
                               std::uint16_t with_partitions = 1, bool distributed = false)
      : partitions{with_partitions}, services_{std::move(services)}, drain_{drain} {
    trouble.distributed = distributed;
    start();
  }
  ~TroubledApplication() {
    trouble.release_tidemark();
    application_.reset();
    std::filesystem::remove_all(folder_);
  }
  TroubledApplication(const TroubledApplication&) = delete;
  TroubledApplication& operator=(const TroubledApplication&) = delete;

  void start() {
    Settings settings;
    std::vector<const detail::ServiceSpec*> specs;
    for (const auto* service : services_) {
      settings.ports[service->name()] = 0;
      specs.push_back(&service->spec());
    }
    settings.threads = 2;
    settings.drain = drain_;
    settings.partitions = partitions;
    auto store = std::make_unique<TestStore>(open_store("embedded:" + folder_).or_raise(), trouble);
    store_ = store.get();
    application_ = std::make_unique<Application>(std::move(store), std::move(settings), std::move(specs));
    application_->start().or_raise();
  }
  // What Application::stop() says.
  bool stop() {
    const bool in_time = application_->stop();
    application_.reset();
    return in_time;
  }
  void restart() {
    stop();
    start();
  }

  // Which services the next start() runs.
  void serve(std::vector<const Service*> services) { services_ = std::move(services); }

  std::uint16_t port(std::string_view service = "notes") const { return application_->port(service); }
  testing::Reply request(std::string_view method, std::string_view path, std::string_view body = {},
                         const LoopbackClient::Headers& headers = {}) const {
    return LoopbackClient::request(port(), method, path, body, headers);
  }
  testing::Reply publish(const std::string& key, int count) const {
    return request("POST", "/publish", to_json(Batch{key, count}));
  }

  // --- Looks behind the scenes, on a fiber of the test's own ---

  template <class Look>
  auto at_store(const Look& look) {
    std::optional<decltype(look(std::declval<store::Store&>()))> result;
    thread_.run("look", [&] { result = look(*store_); });
    return std::move(*result);
  }
  std::vector<model::Entry> entries(const std::string& topic) {
    return at_store([&](store::Store& store) {
      auto read = store.read(topic, StreamId::min(), 10'000);
      const bool is_there = read || read.error().code != ErrorCode::not_found;
      return is_there ? std::move(read).or_raise() : std::vector<model::Entry>{};
    });
  }
  // As a client of the broker, or an operator, would write it.
  void append(const std::string& topic, const std::vector<std::pair<std::string, std::string>>& members) {
    at_store([&](store::Store& store) {
      model::Commit commit;
      commit.publications.push_back({.topic = topic, .fields = {}, .id = {}});
      for (const auto& [name, value] : members) commit.publications.back().fields.add(name, value);
      return store.commit(commit).or_raise();
    });
  }
  std::vector<DeadLetter> dead_letters(const std::string& topic = "noted", const std::string& group = "notes") {
    return at_store([&](store::Store& store) {
      for (const auto* service : services_)
        for (const auto& handler : service->spec().handlers)
          if (handler.topic == topic && handler.group == group)
            return DeadLetters{store, {store, service->name(), partitions, handler}}.list({}, 1000).or_raise();
      throw std::logic_error{"no handler reads " + topic + " as " + group};
    });
  }
  std::vector<model::PendingInfo> pending(const std::string& topic = "noted", const std::string& group = "notes") {
    return at_store(
        [&](store::Store& store) { return store.pending(topic, group, StreamId::min(), 10'000).or_raise(); });
  }

  // Looks again and again until `holds()`; throws TimedOut after 30 s.
  template <class Condition>
  void wait_until(const Condition& holds) const {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (!holds()) {
      if (std::chrono::steady_clock::now() > until) throw TimedOut{"what the test waits for did not come about"};
      std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
  }

  Trouble trouble;
  const std::uint16_t partitions;

 private:
  static std::string make_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "tidemark-kit-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw Error{ErrorCode::io, "can't make a temporary folder: " + name};
    return name;
  }

  std::vector<const Service*> services_;
  Duration drain_;
  std::string folder_ = make_folder();
  fiber::IoThread thread_{"test"};
  store::Store* store_ = nullptr;
  std::unique_ptr<Application> application_;
};

}  // namespace tidemark::kit
