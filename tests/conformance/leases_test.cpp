// Leases: of all who want a partition one has it, and whoever had it before gets nothing more out of it.
#include "conformance/store_test.hpp"

namespace tidemark::conformance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Leases : public StoreTest {
 protected:
  Leases() { declare_group(reader("nobody")); }

  store::LeaseAnswer ask(const std::string& owner, Duration time = 10s, const model::Partition& partition = PARTITION) {
    return on_fiber([&] { return store().lease(partition, owner, time); }).or_raise();
  }
  model::Lease take(const std::string& owner, Duration time = 10s) { return ask(owner, time).lease.value(); }
  void release(const model::Lease& lease) {
    on_fiber([&] { return store().release(lease); }).or_raise();
  }

  static store::Subscription reader(const std::string& consumer, std::optional<model::Lease> lease = {}) {
    return {"orders", "stock", consumer, std::move(lease)};
  }
  ErrorCode fetch_error(const store::Subscription& by) {
    const auto batch = on_fiber([&] { return store().fetch(by, 10, 1 << 20, clock_.instant()); });
    return batch ? ErrorCode::internal : batch.error().code;
  }
  ErrorCode claim_error(const store::Subscription& by) {
    const auto batch = on_fiber([&] { return store().claim(by, 0ms, StreamId::min(), 10); });
    return batch ? ErrorCode::internal : batch.error().code;
  }
};

TEST_F(Leases, GoToTheFirstAndRefuseTheSecond) {
  const auto first = ask("ann");
  ASSERT_TRUE(first.lease);
  EXPECT_EQ(first.lease->owner, "ann");
  EXPECT_EQ(first.lease->partition, PARTITION);
  EXPECT_EQ(first.left, Duration{10s});
  clock_.advance(4s);
  const auto second = ask("bob");
  EXPECT_FALSE(second.lease);
  EXPECT_EQ(second.left, Duration{6s});
}

TEST_F(Leases, OfOnePartitionSayNothingOfAnother) {
  take("ann");
  EXPECT_TRUE(ask("bob", 10s, OTHER_PARTITION).lease);
}

TEST_F(Leases, AreRenewedByTheirOwnerUnderTheSameEpoch) {
  const auto first = take("ann");
  clock_.advance(9s);
  EXPECT_EQ(take("ann"), first);
  clock_.advance(9s);
  EXPECT_FALSE(ask("bob").lease);
  EXPECT_EQ(ask("bob").left, Duration{1s});
}

TEST_F(Leases, PassOnWhenTheirTimeIsOver) {
  const auto first = take("ann");
  clock_.advance(10s - 1ms);
  EXPECT_FALSE(ask("bob").lease);
  clock_.advance(1ms);
  const auto second = take("bob");
  EXPECT_EQ(second.owner, "bob");
  EXPECT_GT(second.epoch, first.epoch);
  EXPECT_FALSE(ask("ann").lease) << "the former owner waits like everybody";
}

TEST_F(Leases, PassOnAtOnceWhenTheyAreGivenBack) {
  const auto first = take("ann");
  release(first);
  const auto second = take("bob");
  EXPECT_GT(second.epoch, first.epoch);
}

TEST_F(Leases, CanNotBeGivenBackByAFormerOwner) {
  const auto first = take("ann");
  clock_.advance(10s);
  const auto second = take("bob");
  release(first);
  EXPECT_FALSE(ask("carl").lease);
  EXPECT_EQ(take("bob"), second);
  auto forged = second;
  forged.epoch -= 1;
  release(forged);
  EXPECT_FALSE(ask("carl").lease);
}

TEST_F(Leases, LetTheirOwnerFetchAndClaim) {
  const auto by = reader("ann", take("ann"));
  publish("orders", "1");
  EXPECT_THAT(texts_of(fetch(by)), ElementsAre("1"));
  EXPECT_THAT(texts_of(claim(by)), ElementsAre("1"));
}

TEST_F(Leases, LastUntilSomebodyElseHasThem) {
  const auto by = reader("ann", take("ann"));
  clock_.advance(1h);
  publish("orders", "1");
  EXPECT_THAT(fetch(by), SizeIs(1)) << "nobody else wants it";
}

TEST_F(Leases, OfAFormerOwnerFetchAndClaimNothing) {
  const auto stale = reader("ann", take("ann"));
  publish("orders", "1");
  fetch(stale);
  publish("orders", "2");
  clock_.advance(10s);
  const auto owner = reader("bob", take("bob"));
  EXPECT_EQ(fetch_error(stale), ErrorCode::fenced);
  EXPECT_EQ(claim_error(stale), ErrorCode::fenced);
  EXPECT_THAT(texts_of(claim(owner)), ElementsAre("1"));
  EXPECT_THAT(texts_of(fetch(owner)), ElementsAre("2"));
}

TEST_F(Leases, AreToldApartByOwnerAndEpoch) {
  const auto lease = take("ann");
  auto other_owner = lease, other_epoch = lease;
  other_owner.owner = "bob";
  other_epoch.epoch += 1;
  EXPECT_EQ(fetch_error(reader("ann", other_owner)), ErrorCode::fenced);
  EXPECT_EQ(fetch_error(reader("ann", other_epoch)), ErrorCode::fenced);
  EXPECT_EQ(claim_error(reader("ann", other_epoch)), ErrorCode::fenced);
}

TEST_F(Leases, TakenOverFenceWhatTheFormerOwnerHadInHand) {
  const auto stale = reader("ann", take("ann"));
  publish("orders", "1");
  const auto in_hand = fetch(stale);
  clock_.advance(10s);
  const auto owner = reader("bob", take("bob"));
  const auto taken = claim(owner);
  ASSERT_THAT(taken, SizeIs(1));

  auto late = commit_in();
  late.settlements.push_back(acknowledgement(stale, in_hand.front()));
  late.publications.push_back(event("results", "late"));
  EXPECT_EQ(refused(late), ErrorCode::fenced);
  EXPECT_EQ(record_attempt(stale, in_hand.front(), 1), ErrorCode::fenced);

  auto settled = commit_in();
  settled.settlements.push_back(acknowledgement(owner, taken.front()));
  settled.publications.push_back(event("results", "in time"));
  commit(settled);
  EXPECT_THAT(texts("results"), ElementsAre("in time"));
  EXPECT_THAT(pending(owner), IsEmpty());
}

TEST_F(Leases, EndAWaitingFetchWhenTheyPass) {
  const auto stale = reader("ann", take("ann"));
  std::optional<ErrorCode> error;
  auto waiting = loop_.loop().spawn("fetch", [&] {
    const auto batch = store().fetch(stale, 10, 1 << 20, clock_.instant() + 1h);
    error = batch ? ErrorCode::internal : batch.error().code;
  });
  loop_.run_ready();
  EXPECT_FALSE(waiting.done());
  clock_.advance(10s);
  const auto owner = reader("bob", take("bob"));
  publish("orders", "1");  // at the latest now, when there would be something to hand over
  ASSERT_TRUE(loop_.run_until([&] { return waiting.done(); }));
  EXPECT_EQ(error, ErrorCode::fenced);
  EXPECT_THAT(texts_of(fetch(owner)), ElementsAre("1"));
}

TEST_F(Leases, OfAProcessThatWasKilledPassOnInTheEnd) {
  const auto stale = reader("ann", take("ann"));
  publish("orders", "1");
  const auto in_hand = fetch(stale);
  wait_durable(store().seen());
  crash();
  clock_.advance(10s);
  const auto lease = take("bob");
  EXPECT_NE(lease.epoch, stale.lease->epoch);
  EXPECT_EQ(fetch_error(stale), ErrorCode::fenced);
  EXPECT_THAT(texts_of(claim(reader("bob", lease))), ElementsAre("1"));
}

TEST_F(Leases, NeedAnOwnerAndATime) {
  const auto code = [&](const std::string& owner, Duration time) {
    const auto answer = on_fiber([&] { return store().lease(PARTITION, owner, time); });
    return answer ? ErrorCode::internal : answer.error().code;
  };
  EXPECT_EQ(code("", 10s), ErrorCode::invalid);
  EXPECT_EQ(code("ann", 0s), ErrorCode::invalid);
}

}  // namespace
}  // namespace tidemark::conformance
