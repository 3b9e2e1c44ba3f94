// Fences: what is done about a delivery is done only while it is still ours, by its token.
#include "conformance/store_test.hpp"

namespace tidemark::conformance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const store::Subscription FIRST{"orders", "stock", "first"};
const store::Subscription SECOND{"orders", "stock", "second"};

class Fences : public StoreTest {
 protected:
  Fences() {
    EXPECT_EQ(declare_documents(), ErrorCode::internal);
    declare_group(FIRST);
    publish("orders", "1");
    delivery_ = fetch(FIRST).at(0);
  }
  // What a handler would commit about the delivery.
  static Commit handled(const store::Subscription& by, const model::Delivery& delivery) {
    auto handled = commit_in();
    handled.settlements.push_back(acknowledgement(by, delivery));
    handled.documents.push_back(put("effect", "{}"));
    handled.publications.push_back(event("effects", "applied"));
    return handled;
  }
  void expect_no_effect() {
    EXPECT_FALSE(find("effect"));
    declare_topic("effects");
    EXPECT_THAT(texts("effects"), IsEmpty());
    EXPECT_EQ(pending(FIRST).size(), 1u);
  }

  model::Delivery delivery_;
};

TEST_F(Fences, LetTheOwnerCommitOnce) {
  const auto handling = handled(FIRST, delivery_);
  commit(handling);
  EXPECT_TRUE(find("effect"));
  EXPECT_THAT(pending(FIRST), IsEmpty());
  EXPECT_EQ(refused(handling), ErrorCode::fenced);
  EXPECT_THAT(texts("effects"), ElementsAre("applied")) << "an event takes effect once";
}

TEST_F(Fences, RefuseTheStaleTokenAfterAClaim) {
  const auto claimed = claim(SECOND).at(0);
  EXPECT_EQ(refused(handled(FIRST, delivery_)), ErrorCode::fenced);
  expect_no_effect();
  commit(handled(SECOND, claimed));
  EXPECT_TRUE(find("effect"));
}

TEST_F(Fences, RefuseTheStaleTokenOfTheSameConsumer) {
  const auto again = claim(FIRST).at(0);
  EXPECT_EQ(refused(handled(FIRST, delivery_)), ErrorCode::fenced);
  expect_no_effect();
  commit(handled(FIRST, again));
}

TEST_F(Fences, RefuseATokenThatWasNeverGiven) {
  auto forged = delivery_;
  forged.token ^= 2;
  EXPECT_EQ(refused(handled(FIRST, forged)), ErrorCode::fenced);
  forged = delivery_;
  forged.id = delivery_.id.next();
  EXPECT_EQ(refused(handled(FIRST, forged)), ErrorCode::fenced);
  EXPECT_EQ(refused(handled({"orders", "nobody", "first"}, delivery_)), ErrorCode::fenced);
  EXPECT_EQ(refused(handled({"nowhere", "stock", "first"}, delivery_)), ErrorCode::fenced);
  expect_no_effect();
}

TEST_F(Fences, RefuseTheWholeCommitForOneStaleDeliveryOfSeveral) {
  publish("orders", "2");
  const auto second = fetch(FIRST).at(0);
  claim(SECOND, 0ms, StreamId::min(), 1);
  auto handling = handled(FIRST, second);
  handling.settlements.push_back(acknowledgement(FIRST, delivery_));
  EXPECT_EQ(refused(handling), ErrorCode::fenced);
  EXPECT_EQ(pending(FIRST).size(), 2u);
}

TEST_F(Fences, RefuseAStaleRetry) {
  claim(SECOND);
  auto retrying = commit_in();
  retrying.settlements.push_back(retry(FIRST, delivery_, clock_.now() + 1h, 4, "stale"));
  EXPECT_EQ(refused(retrying), ErrorCode::fenced);
  EXPECT_FALSE(pending(FIRST).at(0).retry_at);
  EXPECT_EQ(pending(FIRST).at(0).last_error, "");
}

TEST_F(Fences, RefuseAStaleAttempt) {
  const auto claimed = claim(SECOND).at(0);
  EXPECT_EQ(record_attempt(FIRST, delivery_, 1), ErrorCode::fenced);
  EXPECT_EQ(record_attempt(FIRST, claimed, 1), ErrorCode::fenced) << "the token of another consumer";
  EXPECT_EQ(pending(FIRST).at(0).attempts, 0u);
  EXPECT_EQ(record_attempt(SECOND, claimed, 1), ErrorCode::internal);
  commit(handled(SECOND, claimed));
  EXPECT_EQ(record_attempt(SECOND, claimed, 2), ErrorCode::fenced) << "it is settled";
}

TEST_F(Fences, ComeBeforeConflicts) {
  put_document("read", "{}");
  claim(SECOND);
  auto handling = handled(FIRST, delivery_);
  handling.expected_documents.push_back(expect_version("read", {}));
  EXPECT_EQ(refused(handling), ErrorCode::fenced) << "a run that lost its delivery must not be repeated";
}

TEST_F(Fences, SettleWhatTwoGroupsHandedOverInOneCommit) {
  const store::Subscription other{"orders", "other", "o1"};
  declare_group(other);
  auto settling = commit_in();
  settling.settlements.push_back(acknowledgement(FIRST, delivery_));
  settling.settlements.push_back(acknowledgement(other, fetch(other).at(0)));
  commit(settling);
  EXPECT_THAT(pending(FIRST), IsEmpty());
  EXPECT_THAT(pending(other), IsEmpty());
}

}  // namespace
}  // namespace tidemark::conformance
