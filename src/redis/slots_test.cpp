#include "redis/slots.hpp"

#include <gtest/gtest.h>

#include <string>

#include "redis/client.hpp"

namespace tidemark::redis {
namespace {

using Kind = resp::Value::Kind;

resp::Value made(Kind kind, std::int64_t number, std::string text, std::vector<resp::Value> items) {
  resp::Value value;
  value.kind = kind;
  value.number = number;
  value.text = std::move(text);
  value.items = std::move(items);
  return value;
}
resp::Value integer(std::int64_t number) { return made(Kind::integer, number, "", {}); }
resp::Value text(std::string bytes) { return made(Kind::bulk_string, 0, std::move(bytes), {}); }
resp::Value list(std::vector<resp::Value> items) { return made(Kind::array, 0, "", std::move(items)); }

const Endpoint ASKED{"seed", 7000};

// What the specification of Redis Cluster gives as the check value of its CRC16, and what `CLUSTER KEYSLOT` answers.
TEST(Slots, AreThoseThatRedisComputes) {
  EXPECT_EQ(crc16("123456789"), 0x31c3);
  EXPECT_EQ(slot_of("foo"), 12182);
  EXPECT_EQ(slot_of("bar"), 5061);
  EXPECT_EQ(slot_of(""), 0);
}

TEST(Slots, FollowTheFirstHashTagUnlessItIsEmpty) {
  EXPECT_EQ(hash_tag("{inventory:3}doc:products:1"), "inventory:3");
  EXPECT_EQ(hash_tag("a{b}{c}"), "b");
  EXPECT_EQ(hash_tag("foo{{bar}}zap"), "{bar");
  EXPECT_EQ(hash_tag("foo{}{bar}"), "foo{}{bar}");
  EXPECT_EQ(hash_tag("foo{bar"), "foo{bar");
  EXPECT_EQ(hash_tag("foo}bar{"), "foo}bar{");
  EXPECT_EQ(slot_of("{user1000}.following"), slot_of("{user1000}.followers"));
  EXPECT_EQ(slot_of("{user1000}.following"), slot_of("user1000"));
}

TEST(SlotMap, GivesEachSlotToItsLastOwner) {
  SlotMap map;
  EXPECT_TRUE(map.empty());
  EXPECT_EQ(map.owner_of(0), nullptr);
  map.assign(0, SLOT_COUNT - 1, {"a", 1});
  map.assign(100, 100, {"b", 2});
  EXPECT_EQ(*map.owner_of(99), (Endpoint{"a", 1}));
  EXPECT_EQ(*map.owner_of(100), (Endpoint{"b", 2}));
  EXPECT_EQ(map.owners(), (std::vector<Endpoint>{{"a", 1}, {"b", 2}}));
  map.assign(100, 100, {"a", 1});
  EXPECT_EQ(map.owners(), (std::vector<Endpoint>{{"a", 1}}));
}

TEST(SlotMap, IsEqualToOneThatGivesTheSameSlotsToTheSameNodes) {
  SlotMap one, other;
  one.assign(0, 9, {"a", 1});
  one.assign(10, 19, {"b", 2});
  other.assign(10, 19, {"b", 2});
  EXPECT_FALSE(one == other);
  other.assign(0, 9, {"a", 1});
  EXPECT_TRUE(one == other);
}

TEST(SlotMap, IsReadFromClusterSlotsMastersOnly) {
  const resp::Value replica = list({text("c"), integer(7003), text("id")});
  const resp::Value answer =
      list({list({integer(0), integer(99), list({text("a"), integer(7001), text("id")}), replica}),
            list({integer(100), integer(16'383), list({text("b"), integer(7002)})})});
  const SlotMap map = read_cluster_slots(answer, ASKED).value();
  EXPECT_EQ(*map.owner_of(99), (Endpoint{"a", 7001}));
  EXPECT_EQ(*map.owner_of(100), (Endpoint{"b", 7002}));
  EXPECT_EQ(map.owners().size(), 2u);
}

TEST(SlotMap, TakesANodeWithoutAnAddressForTheOneThatWasAsked) {
  for (const resp::Value& host : {text(""), text("?"), resp::Value{}}) {
    const resp::Value answer = list({list({integer(5), integer(5), list({host, integer(7001)})})});
    EXPECT_EQ(*read_cluster_slots(answer, ASKED).value().owner_of(5), (Endpoint{"seed", 7001}));
  }
}

TEST(SlotMap, RefusesWhatIsNoListOfSlots) {
  const resp::Value node = list({text("a"), integer(7001)});
  for (const resp::Value& answer :
       {text("OK"), list({text("OK")}), list({list({integer(5), integer(16'384), node})}),
        list({list({integer(6), integer(5), node})}), list({list({integer(-1), integer(5), node})}),
        list({list({integer(1), integer(5), list({text("a"), integer(0)})})}),
        list({list({integer(1), integer(5)})})}) {
    EXPECT_FALSE(read_cluster_slots(answer, ASKED).has_value());
  }
  const resp::Value error = made(Kind::error, 0, "ERR This instance has cluster support disabled", {});
  EXPECT_NE(read_cluster_slots(error, ASKED).error().message.find("cluster support disabled"), std::string::npos);
}

TEST(Redirection, IsReadFromTheErrorOfTheServer) {
  const auto moved = read_redirection("MOVED 3999 127.0.0.1:6381", ASKED);
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->slot, 3999);
  EXPECT_EQ(moved->to, (Endpoint{"127.0.0.1", 6381}));
  EXPECT_EQ(read_redirection("ASK 1 ::1:6381", ASKED)->to, (Endpoint{"::1", 6381}));
  EXPECT_EQ(read_redirection("MOVED 1 :6381", ASKED)->to, (Endpoint{"seed", 6381}));
  EXPECT_EQ(read_redirection("MOVED 1 ?:6381", ASKED)->to, (Endpoint{"seed", 6381}));
  for (const char* error : {"MOVED", "MOVED 1", "MOVED x a:1", "MOVED 16384 a:1", "MOVED 1 a", "MOVED 1 a:0",
                            "MOVED 1 a:70000", "MOVED 1 a:1x"}) {
    EXPECT_FALSE(read_redirection(error, ASKED)) << error;
  }
}

}  // namespace
}  // namespace tidemark::redis
