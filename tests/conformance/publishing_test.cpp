// Publishing to topics that stand elsewhere than the partition that publishes: part of the commit all the same.
#include "conformance/store_test.hpp"

namespace tidemark::conformance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::string SHARED = "shared.orders";

class Publishing : public StoreTest {
 protected:
  Commit publication(const model::Partition& partition, std::string_view text) {
    auto publishing = commit_in(partition);
    publishing.publications.push_back(event(SHARED, text));
    return publishing;
  }
  // What has arrived, once `count` have. The store may bring them a moment later than the commit.
  std::vector<std::string> arrived(std::size_t count) {
    const auto there = [&] { return texts(SHARED).size() >= count; };
    while (!there()) maintain();
    return texts(SHARED);
  }
};

TEST_F(Publishing, FromSeveralPartitionsArrivesOnceAndInOrder) {
  declare_topic(SHARED);
  for (int i = 0; i < 10; ++i) {
    commit(publication(PARTITION, "a" + std::to_string(i)));
    commit(publication(OTHER_PARTITION, "b" + std::to_string(i)));
  }
  const auto all = arrived(20);
  ASSERT_THAT(all, SizeIs(20));
  int a = 0, b = 0;
  for (const auto& text : all) EXPECT_EQ(text, text[0] == 'a' ? "a" + std::to_string(a++) : "b" + std::to_string(b++));
}

TEST_F(Publishing, GoesWithTheCommitOrNotAtAll) {
  declare_documents();
  declare_topic(SHARED);
  auto wrong = publication(PARTITION, "never");
  wrong.expected_documents.push_back(expect_version("missing", version_after()));
  EXPECT_EQ(refused(wrong), ErrorCode::conflict);
  auto right = publication(PARTITION, "1");
  right.documents.push_back(put("d", R"({"n":1})"));
  commit(right);
  EXPECT_THAT(arrived(1), ElementsAre("1"));
  EXPECT_TRUE(find("d"));
}

TEST_F(Publishing, IsThereAfterACrash) {
  declare_topic(SHARED);
  Lsn last;
  for (int i = 0; i < 5; ++i) last = commit(publication(OTHER_PARTITION, std::to_string(i))).lsn;
  wait_durable(last);
  crash();
  EXPECT_THAT(arrived(5), ElementsAre("0", "1", "2", "3", "4"));
  commit(publication(OTHER_PARTITION, "5"));
  EXPECT_THAT(arrived(6), SizeIs(6));
}

TEST_F(Publishing, GivesTheTopicIdsThatRise) {
  for (int i = 0; i < 5; ++i) commit(publication(i % 2 ? PARTITION : OTHER_PARTITION, std::to_string(i)));
  arrived(5);
  const auto entries = on_fiber([&] { return store().read(SHARED, StreamId::min(), 100); }).or_raise();
  for (std::size_t i = 1; i < entries.size(); ++i) EXPECT_GT(entries[i].id, entries[i - 1].id);
}

TEST_F(Publishing, ByTimerArrivesToo) {
  declare_topic(SHARED);
  auto setting = commit_in(OTHER_PARTITION);
  setting.timers.push_back({.name = "t", .due = clock_.now() + 10s, .topic = SHARED, .fields = text_fields("timed")});
  commit(setting);
  maintain();
  EXPECT_THAT(texts(SHARED), IsEmpty());
  clock_.advance(10s);
  EXPECT_THAT(arrived(1), ElementsAre("timed"));
}

TEST_F(Publishing, CanBeReadAsAGroupFromAnyPartition) {
  const store::Subscription by{SHARED, "stock", "ann"};
  declare_group(by);
  commit(publication(PARTITION, "1"));
  arrived(1);
  EXPECT_THAT(texts_of(fetch(by)), ElementsAre("1"));
}

}  // namespace
}  // namespace tidemark::conformance
