// Partitions and the processes that share them: how many a service has, and who is there.
#include "conformance/store_test.hpp"

namespace tidemark::conformance {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Partitions : public StoreTest {
 protected:
  Result<void> declare(const std::string& service, std::uint16_t count) {
    return on_fiber([&] { return store().declare_partitions(service, count); });
  }
  std::vector<std::string> join(const std::string& member, Duration time = 10s, const std::string& service = "suite") {
    return on_fiber([&] { return store().join(service, member, time); }).or_raise();
  }
  void leave(const std::string& member) {
    on_fiber([&] { return store().leave("suite", member); }).or_raise();
  }
};

TEST_F(Partitions, CanBeDeclaredAgainWithTheSameNumber) {
  declare("suite", 4).or_raise();
  declare("suite", 4).or_raise();
  declare("other", 1).or_raise();
  declare("most", 1024).or_raise();
}

TEST_F(Partitions, KeepTheNumberThatWasDeclaredFirst) {
  declare("suite", 4).or_raise();
  crash();
  for (const std::uint16_t wrong : {1, 3, 5, 8}) {
    const auto refused = declare("suite", wrong);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid);
    EXPECT_THAT(refused.error().text(), HasSubstr("suite"));
    EXPECT_THAT(refused.error().text(), HasSubstr("4")) << "which number stands";
  }
  declare("suite", 4).or_raise();
}

TEST_F(Partitions, AreOneAtLeastAnd1024AtMost) {
  for (const std::uint16_t wrong : {0, 1025}) EXPECT_EQ(declare("suite", wrong).error().code, ErrorCode::invalid);
  declare("suite", 2).or_raise();
}

TEST_F(Partitions, AreSharedByThoseWhoAreThere) {
  EXPECT_THAT(join("b"), ElementsAre("b"));
  EXPECT_THAT(join("a"), ElementsAre("a", "b"));
  EXPECT_THAT(join("a"), ElementsAre("a", "b"));
  leave("b");
  EXPECT_THAT(join("a"), ElementsAre("a"));
  leave("b");
}

TEST_F(Partitions, AreNotSharedByThoseOfAnotherService) {
  join("a");
  EXPECT_THAT(join("x", 10s, "others"), ElementsAre("x"));
}

TEST_F(Partitions, AreLeftByAMemberThatIsSilent) {
  join("a", 10s);
  join("b", 20s);
  clock_.advance(10s - 1ms);
  EXPECT_THAT(join("c", 20s), ElementsAre("a", "b", "c"));
  clock_.advance(1ms);
  EXPECT_THAT(join("c", 20s), ElementsAre("b", "c"));
  join("b", 20s);
  clock_.advance(20s - 1ms);
  EXPECT_THAT(join("b", 20s), ElementsAre("b", "c"));
  clock_.advance(1ms);
  EXPECT_THAT(join("b", 20s), ElementsAre("b"));
}

}  // namespace
}  // namespace tidemark::conformance
