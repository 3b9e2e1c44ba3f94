// Forwarding: an inbox gets each event of its source once, with its id, whoever forwards how often.
#include <algorithm>
#include <map>

#include "base/random.hpp"
#include "conformance/store_test.hpp"

namespace tidemark::conformance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::string SOURCE = "shared.orders";
const std::string INBOX = model::own_topic(PARTITION, "orders.stock");
const store::Subscription BY{INBOX, "stock", "ann"};
const store::Subscription CURSOR{SOURCE, "stock", ""};

model::Entry entry(std::uint64_t ms) { return {{ms, 0}, text_fields(std::to_string(ms))}; }
StreamId at(std::uint64_t ms) { return {ms, 0}; }

class Forwarding : public StoreTest {
 protected:
  Result<model::Forwarded> try_forward(StreamId from, StreamId to, std::vector<model::Entry> entries,
                                       const std::string& target = INBOX) {
    const model::Forwarding forwarding{
        .source = SOURCE, .target = target, .from = from, .to = to, .entries = std::move(entries)};
    return on_fiber([&] { return store().forward(forwarding); });
  }
  // Returns where the inbox stands.
  StreamId forward(StreamId from, StreamId to, std::vector<model::Entry> entries = {},
                   const std::string& target = INBOX) {
    const auto forwarded = try_forward(from, to, std::move(entries), target).or_raise();
    wait_durable(forwarded.lsn);
    return forwarded.last;
  }
  std::vector<StreamId> ids(const std::string& topic) {
    std::vector<StreamId> ids;
    const auto entries = on_fiber([&] { return store().read(topic, StreamId::min(), 10'000); }).or_raise();
    for (const auto& entry : entries) ids.push_back(entry.id);
    return ids;
  }
  model::TopicInfo topic(const std::string& name) {
    return on_fiber([&] { return store().topic(name); }).or_raise();
  }
  void move_cursor(StreamId to, const store::Subscription& of = CURSOR) {
    on_fiber([&] { return store().move_cursor(of.topic, of.group, to); }).or_raise();
  }
  void erase_entries(const std::string& name, std::vector<StreamId> gone) {
    on_fiber([&] { return store().erase_entries(name, gone); }).or_raise();
  }
};

TEST_F(Forwarding, KeepsIdsFieldsAndOrder) {
  EXPECT_EQ(forward({}, at(9), {entry(3), {{3, 7}, text_fields("3-7")}, entry(8)}), at(9));
  EXPECT_THAT(ids(INBOX), ElementsAre(at(3), StreamId(3, 7), at(8)));
  EXPECT_THAT(texts(INBOX), ElementsAre("3", "3-7", "8"));
}

TEST_F(Forwarding, AsksWhereTheTargetStands) {
  EXPECT_EQ(forward({}, {}), at(0)) << "a new one";
  EXPECT_THAT(texts(INBOX), IsEmpty()) << "it is made";
  forward({}, at(9), {entry(3)});
  EXPECT_EQ(forward({}, {}), at(9));
}

TEST_F(Forwarding, MovesOnWhereNothingIsMeantForTheTarget) {
  EXPECT_EQ(forward({}, at(9)), at(9));
  EXPECT_THAT(texts(INBOX), IsEmpty());
  EXPECT_EQ(topic(INBOX).last_id, at(9));
  EXPECT_EQ(forward(at(9), at(12), {entry(11)}), at(12));
  EXPECT_THAT(ids(INBOX), ElementsAre(at(11)));
}

// Nobody's client is held to our limits.
TEST_F(Forwarding, TakesEntriesOfAnyNumberOfFields) {
  model::Fields many;
  for (int i = 0; i < 20'000; ++i) many.add("f" + std::to_string(i), "v");
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(forward({}, at(9), {entry(3), {at(4), many}, entry(5), {at(6), many}, {at(7), many}}), at(9));
    EXPECT_EQ(forward({}, at(9), {{at(9), many}}), at(9)) << "again";
  }
  EXPECT_EQ(forward(at(9), at(10), {{at(10), many}}), at(10));
  EXPECT_THAT(ids(INBOX), ElementsAre(at(3), at(4), at(5), at(6), at(7), at(10)));
  const auto taken = on_fiber([&] { return store().read_one(INBOX, at(6)); }).or_raise();
  EXPECT_EQ(taken.value().fields, many);

  EXPECT_EQ(forward(at(20), at(30), {{at(25), many}}), at(10)) << "something is missing in between";
  EXPECT_EQ(forward({}, at(2), {{at(2), many}}, model::own_topic(PARTITION, "fresh")), at(2));
}

TEST_F(Forwarding, RepeatedChangesNothing) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(forward({}, at(9), {entry(3), entry(8)}), at(9));
  EXPECT_EQ(forward({}, at(8), {entry(3), entry(8)}), at(9));
  EXPECT_EQ(forward({}, at(3), {entry(3)}), at(9));
  EXPECT_THAT(texts(INBOX), ElementsAre("3", "8"));
}

TEST_F(Forwarding, TakesOnlyWhatIsNewOfAnOverlap) {
  forward({}, at(5), {entry(3), entry(5)});
  EXPECT_EQ(forward({}, at(9), {entry(3), entry(5), entry(7)}), at(9));
  EXPECT_EQ(forward(at(4), at(11), {entry(5), entry(7), entry(10)}), at(11));
  EXPECT_THAT(texts(INBOX), ElementsAre("3", "5", "7", "10"));
}

TEST_F(Forwarding, AppliesNothingWhereSomethingIsMissingInBetween) {
  forward({}, at(5), {entry(3)});
  EXPECT_EQ(forward(at(6), at(9), {entry(7)}), at(5));
  EXPECT_THAT(texts(INBOX), ElementsAre("3"));
  EXPECT_EQ(forward(at(5), at(9), {entry(6), entry(7)}), at(9));
  EXPECT_THAT(texts(INBOX), ElementsAre("3", "6", "7"));
}

TEST_F(Forwarding, RefusesEntriesOutOfOrderOrRange) {
  const auto code = [&](StreamId from, StreamId to, std::vector<model::Entry> entries) {
    const auto forwarded = try_forward(from, to, std::move(entries));
    return forwarded ? ErrorCode::internal : forwarded.error().code;
  };
  EXPECT_EQ(code(at(5), at(4), {}), ErrorCode::invalid);
  EXPECT_EQ(code({}, at(9), {entry(5), entry(4)}), ErrorCode::invalid);
  EXPECT_EQ(code({}, at(9), {entry(5), entry(5)}), ErrorCode::invalid);
  EXPECT_EQ(code({}, at(9), {entry(10)}), ErrorCode::invalid);
  EXPECT_EQ(forward({}, {}), at(0)) << "nothing was applied";
}

TEST_F(Forwarding, HandsOutWhatItBrings) {
  declare_group(BY);
  forward({}, at(9), {entry(3), entry(8)});
  const auto deliveries = fetch(BY);
  EXPECT_THAT(texts_of(deliveries), ElementsAre("3", "8"));
  auto settling = commit_in();
  for (const auto& delivery : deliveries) settling.settlements.push_back(acknowledgement(BY, delivery));
  commit(settling);
  EXPECT_THAT(pending(BY), IsEmpty());
  EXPECT_EQ(group_info(BY).lag, 0U);
}

TEST_F(Forwarding, WakesWhoeverWaits) {
  declare_group(BY);
  std::vector<std::string> texts;
  auto waiting = loop_.loop().spawn(
      "fetch", [&] { texts = texts_of(store().fetch(BY, 10, 1 << 20, clock_.instant() + 1h).or_raise().deliveries); });
  loop_.run_ready();
  forward({}, at(2));
  forward(at(2), at(9), {entry(3)});
  ASSERT_TRUE(loop_.run_until([&] { return waiting.done(); }));
  EXPECT_THAT(texts, ElementsAre("3"));
}

// Retention may drop all that an inbox has: where it stands must not go back, or everything came again.
TEST_F(Forwarding, StandsWhereItStoodWhenRetentionHasDroppedAll) {
  declare_topic(INBOX, {.age = {}, .count = 0, .bytes = {}});
  declare_group(BY);
  forward({}, at(9), {entry(3), entry(8)});
  auto settling = commit_in();
  for (const auto& delivery : fetch(BY)) settling.settlements.push_back(acknowledgement(BY, delivery));
  wait_durable(commit(settling).lsn);
  maintain();
  ASSERT_THAT(texts(INBOX), IsEmpty());
  EXPECT_EQ(forward({}, {}), at(9));
  crash();
  EXPECT_EQ(forward({}, {}), at(9));
  EXPECT_EQ(forward({}, at(9), {entry(3), entry(8)}), at(9));
  EXPECT_THAT(texts(INBOX), IsEmpty());
  EXPECT_EQ(forward(at(9), at(12), {entry(11)}), at(12));
  EXPECT_THAT(texts_of(fetch(BY)), ElementsAre("11"));
}

TEST_F(Forwarding, StandsWhereItStoodWhenEntriesAreDeleted) {
  forward({}, at(9), {entry(3), entry(8)});
  erase_entries(INBOX, {at(3), at(8)});
  EXPECT_EQ(forward({}, at(9), {entry(3), entry(8)}), at(9));
  EXPECT_THAT(texts(INBOX), IsEmpty());
}

TEST_F(Forwarding, SurvivesACrash) {
  forward({}, at(9), {entry(3)});
  forward(at(9), at(20));
  crash();
  EXPECT_EQ(forward({}, {}), at(20));
  EXPECT_THAT(texts(INBOX), ElementsAre("3"));
}

// Each forwarder goes by what it heard last, which may be long ago.
TEST_F(Forwarding, BySeveralAtOnceBringsEachEventOnce) {
  const auto seed = thread_random().next();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random{seed};
  constexpr std::uint64_t EVENTS = 60;
  const auto partition_of = [](std::uint64_t ms) { return ms % 2; };
  const std::string inboxes[] = {INBOX, model::own_topic(OTHER_PARTITION, "orders.stock")};
  std::map<int, std::map<int, StreamId>> heard;  // by forwarder, then inbox
  std::vector<fiber::FiberHandle> fibers;
  int running = 0;
  for (int forwarder = 0; forwarder < 3; ++forwarder) {
    ++running;
    fibers.push_back(loop_.loop().spawn("forwarder", [&, forwarder, own = Random{random.next()}]() mutable {
      for (int inbox = 0; inbox < 2;) {
        auto& last = heard[forwarder][inbox];
        const auto to = std::min<std::uint64_t>(last.ms + own.below(5), EVENTS);
        model::Forwarding forwarding{
            .source = SOURCE, .target = inboxes[inbox], .from = last, .to = at(to), .entries = {}};
        for (auto ms = last.ms + 1; ms <= to; ++ms)
          if (partition_of(ms) == static_cast<std::uint64_t>(inbox)) forwarding.entries.push_back(entry(ms));
        last = store().forward(forwarding).or_raise().last;
        if (last == at(EVENTS)) ++inbox;
      }
      --running;
    }));
  }
  ASSERT_TRUE(loop_.run_until([&] { return running == 0; }));
  for (std::uint64_t inbox = 0; inbox < 2; ++inbox) {
    std::vector<StreamId> expected;
    for (std::uint64_t ms = 1; ms <= EVENTS; ++ms)
      if (partition_of(ms) == inbox) expected.push_back(at(ms));
    EXPECT_EQ(ids(inboxes[inbox]), expected);
  }
}

TEST_F(Forwarding, OfWhatWasPublishedArrivesAsItWas) {
  for (int i = 0; i < 5; ++i) {
    publish(SOURCE, std::to_string(i));
    clock_.advance(Duration{i % 2});
  }
  const auto entries = on_fiber([&] { return store().read(SOURCE, StreamId::min(), 100); }).or_raise();
  ASSERT_THAT(entries, SizeIs(5));
  const auto last = entries.back().id;
  EXPECT_EQ(forward({}, last, entries), last);
  EXPECT_THAT(texts(INBOX), ElementsAre("0", "1", "2", "3", "4"));
  EXPECT_EQ(ids(INBOX), ids(SOURCE));
}

// --- The cursor of the source's group, which a forwarder moves ---

TEST_F(Forwarding, MovedCursorsHoldRetentionBack) {
  declare_topic(SOURCE, {.age = {}, .count = 0, .bytes = {}});
  declare_group(CURSOR);
  for (const auto* text : {"1", "2", "3"}) publish(SOURCE, text);
  const auto published = ids(SOURCE);
  maintain();
  EXPECT_THAT(texts(SOURCE), ElementsAre("1", "2", "3"));
  EXPECT_EQ(group_info(CURSOR).lag, 3U);
  move_cursor(published.at(1));
  EXPECT_EQ(group_info(CURSOR).cursor, published.at(1));
  EXPECT_EQ(group_info(CURSOR).lag, 1U);
  EXPECT_EQ(group_info(CURSOR).entries_read, 2U);
  maintain();
  EXPECT_THAT(texts(SOURCE), ElementsAre("3"));
  move_cursor(published.at(2));
  maintain();
  EXPECT_THAT(texts(SOURCE), IsEmpty());
  EXPECT_EQ(group_info(CURSOR).lag, 0U);
}

TEST_F(Forwarding, MovedCursorsLeaveWhatIsPending) {
  const store::Subscription by{"orders", "stock", "ann"};
  declare_group(by);
  for (const auto* text : {"1", "2", "3"}) publish("orders", text);
  const auto first = fetch(by, 1);
  move_cursor(topic("orders").last_id, by);
  EXPECT_THAT(fetch(by), IsEmpty());
  ASSERT_THAT(pending(by), SizeIs(1));
  auto settling = commit_in();
  settling.settlements.push_back(acknowledgement(by, first.front()));
  commit(settling);
  EXPECT_THAT(pending(by), IsEmpty());
}

TEST_F(Forwarding, MovesNoCursorOfAGroupThatThereIsNot) {
  declare_topic(SOURCE);
  for (const auto& name : {SOURCE, std::string{"shared.nothing"}}) {
    const auto moved = on_fiber([&] { return store().move_cursor(name, "nobody", at(1)); });
    ASSERT_FALSE(moved);
    EXPECT_EQ(moved.error().code, ErrorCode::not_found);
  }
}

}  // namespace
}  // namespace tidemark::conformance
