#include "kit/dispatch/placement.hpp"

#include <gtest/gtest.h>

#include "kit/dispatch/dead_letters.hpp"
#include "kit/testing/test_bench.hpp"
#include "kit/testing/test_service.hpp"

namespace tidemark::kit {
namespace {

class Cluster final : public DelegatingStore {
 public:
  using DelegatingStore::DelegatingStore;
  bool is_distributed() const noexcept override { return true; }
};

struct PlacementTest : ::testing::Test {
  PlacementTest() {
    service.on<Noted>("noted", [](Transaction&, const Noted&) {}).group("g");
  }
  Placement on_one_server(std::uint16_t partitions) { return {bench.store, "notes", partitions, handler()}; }
  Placement on_a_cluster(std::uint16_t partitions) { return {cluster, "notes", partitions, handler()}; }
  const detail::HandlerSpec& handler() const { return service.spec().handlers.front(); }

  Service service{"notes"};
  Bench bench{service};
  Cluster cluster{bench.inner};
};

TEST_F(PlacementTest, OfOnePartitionOnOneServerIsBare) {
  const auto placement = on_one_server(1);
  EXPECT_FALSE(placement.has_inboxes());
  EXPECT_EQ(placement.topic(0), "noted");
  EXPECT_EQ(placement.redrive_topic(0), "noted.g.redrive");
  EXPECT_EQ(placement.dead_topic(0), "noted.g.dead");
}

TEST_F(PlacementTest, OfSeveralPartitionsHasInboxesAndCommonDeadLetters) {
  const auto placement = on_one_server(4);
  EXPECT_TRUE(placement.has_inboxes());
  EXPECT_EQ(placement.topic(3), "{notes:3}noted.g");
  EXPECT_EQ(placement.redrive_topic(3), "{notes:3}noted.g.redrive");
  EXPECT_EQ(placement.dead_topic(3), "noted.g.dead");
}

TEST_F(PlacementTest, OnAClusterIsWithThePartitionWhateverTheirNumber) {
  for (const std::uint16_t partitions : {1, 4}) {
    const auto placement = on_a_cluster(partitions);
    EXPECT_TRUE(placement.has_inboxes());
    EXPECT_EQ(placement.topic(0), "{notes:0}noted.g");
    EXPECT_EQ(placement.dead_topic(0), "{notes:0}noted.g.dead");
  }
}

TEST_F(PlacementTest, FollowsTheHandlersKeyAndElseThePublishers) {
  model::Fields event;
  event.add("key", "a");
  event.add("number", "7");
  EXPECT_EQ(on_one_server(4).key_of(event), "a");
  event.add("ce_subject", "s");
  EXPECT_EQ(on_one_server(4).key_of(event), "s");
  service.on<Noted>("numbers", [](Transaction&, const Noted&) {}).key(&Noted::number);
  const Placement by_number{bench.store, "notes", 4, service.spec().handlers.back()};
  EXPECT_EQ(by_number.key_of(event), "7");
  EXPECT_EQ(by_number.partition_of(event), model::partition_of("7", 4));
}

TEST(LetterId, IsReadAsItIsWritten) {
  for (const LetterId id : {LetterId{{17, 3}, 0}, LetterId{{17, 3}, 12}})
    EXPECT_EQ(LetterId::parse(id.text()).or_raise(), id) << id.text();
  EXPECT_EQ((LetterId{{17, 3}, 0}).text(), "17-3");
  for (const auto* wrong : {"", "x", "17-3@", "17-3@x", "17-3@70000"}) EXPECT_FALSE(LetterId::parse(wrong)) << wrong;
}

}  // namespace
}  // namespace tidemark::kit
