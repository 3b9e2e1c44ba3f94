// Idempotency-Key over real sockets: a repeated request gets the first one's answer and does nothing.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>

#include "kit/testing/test_service.hpp"

namespace tidemark::kit {
namespace {

using namespace std::chrono_literals;

class RepeatedRequests : public ::testing::Test {
 protected:
  RepeatedRequests() {
    const auto create = [this](Transaction& tx, const Batch& batch) {
      ++runs_;
      while (hold_) this_fiber::sleep_for(Duration{1});
      if (fail_) throw Invalid{"not today"};
      const Note note{tx.new_id(), batch.key, batch.count};
      tx.put(note);
      tx.publish(Noted{note.id, batch.count});
      return note;
    };
    service_.post("/notes", create);
    service_.post("/others", create);
    app_ = std::make_unique<TroubledApplication>(std::vector<const Service*>{&service_});
  }

  testing::Reply post(const std::string& key, int count = 1, const LoopbackClient::Headers& more = {},
                      const std::string& path = "/notes") {
    auto headers = more;
    headers.emplace_back("Idempotency-Key", key);
    return app_->request("POST", path, to_json(Batch{"a", count}), headers);
  }

  std::atomic<int> runs_{0};
  std::atomic<bool> hold_{false}, fail_{false};
  Service service_{"notes"};
  std::unique_ptr<TroubledApplication> app_;
};

TEST_F(RepeatedRequests, AtTheSameTimeRunOnce) {
  hold_ = true;
  std::vector<std::future<testing::Reply>> replies;
  for (int i = 0; i < 8; ++i) replies.push_back(std::async(std::launch::async, [&] { return post("k"); }));
  app_->wait_until([&] { return runs_ == 1; });
  hold_ = false;
  std::set<std::string> bodies;
  for (auto& reply : replies) {
    const auto answer = reply.get();
    EXPECT_EQ(answer.status, 201) << answer.body;
    bodies.insert(answer.body);
  }
  EXPECT_EQ(bodies.size(), 1u);
  EXPECT_EQ(runs_, 1);
  EXPECT_EQ(app_->entries("noted").size(), 1u);
}

TEST_F(RepeatedRequests, GetTheSameAnswerAlsoAfterARestart) {
  const auto first = post("k");
  ASSERT_EQ(first.status, 201);
  EXPECT_TRUE(first.header("Idempotent-Replayed").empty());
  app_->restart();
  const auto again = post("k");
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
  for (const auto* name : {"ETag", "Location", "Content-Type"})
    EXPECT_EQ(again.header(name), first.header(name)) << name;
  EXPECT_EQ(runs_, 1);
}

TEST_F(RepeatedRequests, WithAnotherBodyAreRefused) {
  ASSERT_EQ(post("k", 1).status, 201);
  const auto other = post("k", 2);
  EXPECT_EQ(other.status, 422);
  EXPECT_NE(other.body.find("Idempotency-Key"), std::string::npos) << other.body;
  EXPECT_EQ(runs_, 1);
}

TEST_F(RepeatedRequests, OfAnotherCallerOrRouteAreOthers) {
  std::set<std::string> bodies{post("k").body, post("k", 1, {{"Authorization", "Bearer x"}}).body,
                               post("k", 1, {{"Authorization", "Bearer y"}}).body, post("k", 1, {}, "/others").body};
  EXPECT_EQ(bodies.size(), 4u);
  EXPECT_EQ(runs_, 4);
}

TEST_F(RepeatedRequests, RunAgainWhenTheFirstOneFailed) {
  fail_ = true;
  EXPECT_EQ(post("k").status, 422);
  fail_ = false;
  EXPECT_EQ(post("k", 2).status, 201) << "a refusal was kept, or the body that it was for";
  EXPECT_EQ(runs_, 2);
}

TEST_F(RepeatedRequests, SurviveConflictsWithOneEffect) {
  app_->trouble.conflicts = 5;
  const auto first = post("k");
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(post("k").body, first.body);
  EXPECT_EQ(runs_, 6);
  EXPECT_EQ(app_->entries("noted").size(), 1u);
}

TEST_F(RepeatedRequests, NeedAKeyThatIsOne) {
  EXPECT_EQ(post("").status, 400);
  EXPECT_EQ(post(std::string(256, 'x')).status, 400);
  EXPECT_EQ(runs_, 0);
}

}  // namespace
}  // namespace tidemark::kit
