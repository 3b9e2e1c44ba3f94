#include "kit/run/idempotency.hpp"

#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "fiber/manual_loop.hpp"
#include "fiber/task_group.hpp"

namespace tidemark::kit {
namespace {

Request post(std::string body, std::string key = "k1") {
  Request request;
  request.method = Method::post;
  request.path = "/orders";
  request.body = std::move(body);
  if (!key.empty()) request.headers.push_back({"Idempotency-Key", std::move(key)});
  return request;
}

TEST(Idempotency, IsAskedForByTheHeaderAndNotForSafeMethods) {
  EXPECT_FALSE(idempotent_request(post("{}", ""), "POST /orders"));
  auto request = post("{}");
  request.method = Method::get;
  EXPECT_FALSE(idempotent_request(request, "GET /orders"));
  EXPECT_THROW(static_cast<void>(idempotent_request(post("{}", std::string(256, 'x')), "POST /orders")), Malformed);
}

TEST(Idempotency, KeepsCallersAndRoutesApart) {
  const auto mine = idempotent_request(post("{}"), "payments POST /orders");
  auto other_caller = post("{}");
  other_caller.headers.push_back({"Authorization", "Bearer x"});
  EXPECT_NE(mine->name, idempotent_request(other_caller, "payments POST /orders")->name);
  EXPECT_NE(mine->name, idempotent_request(post("{}"), "payments POST /refunds")->name);
  EXPECT_EQ(mine->name, idempotent_request(post("{ }"), "payments POST /orders")->name);
}

TEST(Idempotency, GivesTheStoredAnswerBack) {
  const auto request = *idempotent_request(post("{}"), "POST /orders");
  Response response = Response::json(R"({"id":"1"})", 201);
  response.headers.push_back({"ETag", "\"1-a\""});
  const auto change = stored_answer(request, response, TimePoint{});
  EXPECT_TRUE(change.must_be_absent);
  const auto again = replay(request, *change.value).or_raise();
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, R"({"id":"1"})");
  EXPECT_EQ(again.headers.at(0).value, "\"1-a\"");
}

TEST(Idempotency, KeepsAnAnswerForADay) {
  const TimePoint now{std::chrono::hours{1000}};
  EXPECT_EQ(stored_answer(*idempotent_request(post("{}"), "r"), Response::json("{}"), now).expires,
            now + std::chrono::hours{24});
}

TEST(Idempotency, RefusesTheSameKeyWithAnotherBody) {
  const auto stored = stored_answer(*idempotent_request(post("{}"), "r"), Response::json("{}"), TimePoint{});
  const auto other = replay(*idempotent_request(post("[]"), "r"), *stored.value);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::invalid);
}

TEST(IdempotencyGate, LetsOneOfANameRunAtATime) {
  VirtualClock clock;
  fiber::ManualLoop driver{clock};
  IdempotencyGate gate;
  int running = 0, most = 0, others = 0;
  driver.run("test", [&] {
    fiber::TaskGroup group;
    for (int i = 0; i < 5; ++i)
      group.spawn("same", [&] {
        const auto turn = gate.enter("a");
        most = std::max(most, ++running);
        this_fiber::sleep_for(Duration{10});
        --running;
      });
    group.spawn("other", [&] {
      const auto turn = gate.enter("b");
      others = running;
    });
    group.wait();
  });
  EXPECT_EQ(most, 1);
  EXPECT_EQ(others, 1) << "another name had to wait";
}

}  // namespace
}  // namespace tidemark::kit
