// StoreOn: a RedisStore on a test's server, and the test's own loop to call it from, by the machine's clock.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "fiber/manual_loop.hpp"
#include "redis/test_processes.hpp"
#include "store/redis/redis_store.hpp"

namespace tidemark::store {

class StoreOn {
 public:
  explicit StoreOn(const std::string& url) : store_{RedisStore::open(parse_redis_url(url).or_raise()).or_raise()} {}

  Store& operator*() { return *store_; }
  Store* operator->() { return store_.get(); }
  fiber::ManualLoop& loop() { return loop_; }
  void close() { store_.reset(); }

  // Calls on a fiber, and returns what that returns.
  template <class Call>
  auto run(Call call) {
    std::unique_ptr<decltype(call())> result;
    loop_.run("test", [&] { result.reset(new auto(call())); });
    return std::move(*result);
  }

 private:
  fiber::ManualLoop loop_{Clock::system()};
  std::unique_ptr<Store> store_;
};

inline model::Fields text_fields(std::string_view text) {
  model::Fields fields;
  fields.add("text", text);
  return fields;
}

}  // namespace tidemark::store
