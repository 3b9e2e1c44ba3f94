// AdminBench: the admin API of a service over a bench's store, asked without a socket.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/problem.hpp"
#include "http/router.hpp"
#include "json/json.hpp"
#include "kit/admin/admin.hpp"
#include "kit/testing/test_bench.hpp"
#include "kit/testing/test_service.hpp"

namespace tidemark::kit {

// Counts the entries that are read without a group, and on demand ends pages early, as a store does where entries are
// large, and says that it is making a backup.
class EntryCountingStore final : public DelegatingStore {
 public:
  using DelegatingStore::DelegatingStore;
  Result<std::vector<model::Entry>> read(std::string_view topic, StreamId after, std::uint32_t count) override {
    return counted(DelegatingStore::read(topic, after, std::min(count, page_max)));
  }
  Result<std::vector<model::Entry>> read_back(std::string_view topic, StreamId before, std::uint32_t count) override {
    return counted(DelegatingStore::read_back(topic, before, std::min(count, page_max)));
  }
  Result<std::vector<model::Timer>> timers(const std::optional<model::TimerPlace>& after,
                                           std::uint32_t count) override {
    return DelegatingStore::timers(after, std::min(count, page_max));
  }
  Result<bool> wait_for_entries(std::span<const store::Position> positions, Instant deadline) override {
    ++waits;
    return DelegatingStore::wait_for_entries(positions, deadline);
  }
  std::optional<store::BackupProgress> backup_underway() const override { return underway; }
  Result<model::TopicInfo> topic(std::string_view name) override {
    if (name == removed_topic) return fail(ErrorCode::not_found, "there is no such topic", std::string{name});
    return DelegatingStore::topic(name);
  }
  std::size_t entries_read = 0, waits = 0;
  std::uint32_t page_max = UINT32_MAX;
  std::string removed_topic;
  std::optional<store::BackupProgress> underway;

 private:
  Result<std::vector<model::Entry>> counted(Result<std::vector<model::Entry>> entries) {
    if (entries) entries_read += entries->size();
    return entries;
  }
};

// A client of a stream of events: keeps what it is sent, and takes no more while it is blocked.
class StreamClient final : public EventWriter {
 public:
  struct Event {
    std::string name, id, data;
  };
  void send(std::string_view event, std::string_view id, std::string_view data) override {
    room_.wait([this] { return !blocked; });
    events.push_back({std::string{event}, std::string{id}, std::string{data}});
  }
  void comment(std::string_view text) override { comments.emplace_back(text); }
  void unblock() {
    blocked = false;
    room_.notify_all();
  }

  std::vector<Event> events;
  std::vector<std::string> comments;
  bool blocked = false;

 private:
  fiber::Signal room_;
};

class AdminBench {
 public:
  explicit AdminBench(const Service& service, Settings with = {})
      : bench{service},
        settings{std::move(with)},
        keeper_{{&bench.loop.loop()}, bench.runtime, service.spec()},
        admin_{context()} {
    bench.loop.run("declare", [&] { bench.catalog.declare().or_raise(); });
    admin_.add_routes(router_);
  }

  // `path` is below /admin/v1, and may have a query.
  Response ask(Method method, std::string path, std::string body = {}, std::vector<Request::Header> headers = {}) {
    Request request;
    request.method = method;
    const auto question = path.find('?');
    request.path = "/admin/v1" + path.substr(0, question);
    if (question != path.npos) request.raw_query = path.substr(question + 1);
    request.headers = std::move(headers);
    if (!body.empty()) request.headers.push_back({"Content-Type", "application/json"});
    request.body = std::move(body);
    Response response;
    bench.loop.run("ask", [&] {
      try {
        response = router_(request);
      } catch (const Error&) {
        response = http::problem_of(std::current_exception());
      }
    });
    return response;
  }
  Response get(std::string path) { return ask(Method::get, std::move(path)); }
  Response post(std::string path, std::string body) { return ask(Method::post, std::move(path), std::move(body)); }

  // The members of what is answered with 200, by name.
  std::map<std::string, Json> members(const std::string& path) {
    const auto response = get(path);
    EXPECT_EQ(response.status, 200) << path << ": " << response.body;
    return json::from_json<std::map<std::string, Json>>(response.body).or_raise();
  }

  // Connects a client to a stream of events; it stays so until the bench ends.
  void connect(StreamClient& client, const std::string& path, std::vector<Request::Header> headers = {}) {
    auto response = std::make_shared<Response>(ask(Method::get, path, {}, std::move(headers)));
    ASSERT_TRUE(response->events) << response->body;
    streams_.push_back(bench.loop.loop().spawn("stream", [response, &client] { response->events(client); }));
    bench.loop.run_ready();
  }

  Bench bench;
  Settings settings;
  EntryCountingStore store{bench.inner};

 private:
  AdminContext context() {
    AdminContext made{.store = store, .clock = bench.clock, .metrics = bench.metrics, .settings = settings};
    made.services.push_back({bench.service.spec(), bench.runtime, keeper_});
    return made;
  }

  PartitionKeeper keeper_;
  Admin admin_;
  http::Router router_;
  std::vector<fiber::FiberHandle> streams_;
};

}  // namespace tidemark::kit
