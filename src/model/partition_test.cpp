#include "model/partition.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tidemark::model {
namespace {

// Written down, because a key that moved to another partition would lose its documents.
TEST(PartitionOf, is_the_same_for_ever) {
  EXPECT_EQ(partition_of("", 1024), 961);
  EXPECT_EQ(partition_of("", 7), 3);
  EXPECT_EQ(partition_of("a", 1024), 192);
  EXPECT_EQ(partition_of("order-1", 8), 2);
  EXPECT_EQ(partition_of("order-1", 1000), 650);
  EXPECT_EQ(partition_of("Grüße", 1024), 681);
}

TEST(PartitionOf, is_the_only_one_where_there_is_one) {
  EXPECT_EQ(partition_of("", 1), 0);
  EXPECT_EQ(partition_of("order-1", 1), 0);
}

TEST(PartitionOf, spreads_keys) {
  for (const std::uint16_t count : {2, 3, 8, 24}) {
    constexpr int KEYS_EACH = 1000;
    std::vector<int> keys(count);
    for (int i = 0; i < count * KEYS_EACH; ++i) ++keys.at(partition_of("order-" + std::to_string(i), count));
    EXPECT_GT(*std::min_element(keys.begin(), keys.end()), KEYS_EACH * 8 / 10) << count;
    EXPECT_LT(*std::max_element(keys.begin(), keys.end()), KEYS_EACH * 12 / 10) << count;
  }
}

TEST(Partition, names_what_stands_with_it_by_its_tag) {
  const Partition partition{"roles", 3};
  EXPECT_EQ(partition.tag(), "{roles:3}");
  EXPECT_EQ(own_topic(partition, "user_created.user-role"), "{roles:3}user_created.user-role");
}

}  // namespace
}  // namespace tidemark::model
