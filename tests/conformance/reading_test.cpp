// Reading without a group: in order, in pages, and only what is durable.
#include "conformance/store_test.hpp"

namespace tidemark::conformance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Reading : public StoreTest {};

TEST_F(Reading, GivesEntriesAboveAnIdOldestFirst) {
  std::vector<StreamId> ids;
  for (const char* text : {"1", "2", "3", "4"}) ids.push_back(publish("users", text));
  const auto page = on_fiber([&] { return store().read("users", ids[0], 2); }).or_raise();
  ASSERT_EQ(page.size(), 2u);
  EXPECT_EQ(page[0].id, ids[1]);
  EXPECT_EQ(text_of(page[1].fields), "3");
  EXPECT_THAT(on_fiber([&] { return store().read("users", ids[3], 2); }).or_raise(), IsEmpty());
  EXPECT_THAT(on_fiber([&] { return store().read("users", StreamId::max(), 2); }).or_raise(), IsEmpty());
}

TEST_F(Reading, GivesEntriesBelowAnIdNewestFirst) {
  std::vector<StreamId> ids;
  for (const char* text : {"1", "2", "3", "4"}) ids.push_back(publish("users", text));
  const auto page = on_fiber([&] { return store().read_back("users", ids[3], 2); }).or_raise();
  ASSERT_EQ(page.size(), 2u);
  EXPECT_EQ(page[0].id, ids[2]);
  EXPECT_EQ(text_of(page[1].fields), "2");
  EXPECT_EQ(on_fiber([&] { return store().read_back("users", StreamId::max(), 10); }).or_raise().size(), 4u);
  EXPECT_THAT(on_fiber([&] { return store().read_back("users", ids[0], 2); }).or_raise(), IsEmpty());
  EXPECT_THAT(on_fiber([&] { return store().read_back("users", StreamId::min(), 2); }).or_raise(), IsEmpty());
  EXPECT_EQ(on_fiber([&] { return store().read_back("nowhere", StreamId::max(), 1); }).error().code,
            ErrorCode::not_found);
}

TEST_F(Reading, GivesOneEntry) {
  const StreamId id = publish("users", "1");
  const auto entry = on_fiber([&] { return store().read_one("users", id); }).or_raise();
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->id, id);
  EXPECT_EQ(text_of(entry->fields), "1");
  EXPECT_FALSE(on_fiber([&] { return store().read_one("users", id.next()); }).or_raise());
}

TEST_F(Reading, OfATopicThatThereIsNotIsNotFound) {
  EXPECT_EQ(on_fiber([&] { return store().read("nowhere", {}, 1); }).error().code, ErrorCode::not_found);
  EXPECT_EQ(on_fiber([&] { return store().read_one("nowhere", {}); }).error().code, ErrorCode::not_found);
  EXPECT_EQ(on_fiber([&] { return store().topic("nowhere"); }).error().code, ErrorCode::not_found);
  EXPECT_EQ(on_fiber([&] { return store().groups("nowhere"); }).error().code, ErrorCode::not_found);
  EXPECT_EQ(on_fiber([&] { return store().pending("nowhere", "g", {}, 1); }).error().code, ErrorCode::not_found);
}

TEST_F(Reading, ShowsOnlyWhatIsDurableAndConsumersGetWhatIsSequenced) {
  const store::Subscription consumer{"users", "cards", "one"};
  declare_group(consumer);
  for (int i = 0; i < 20; ++i) {
    auto publishing = commit_in();
    publishing.publications.push_back(event("users", std::to_string(i)));
    const auto committed = commit(publishing);
    EXPECT_EQ(fetch(consumer).at(0).id, committed.published.at(0));  // at once: nobody waits for a disk here
    const auto entry = on_fiber([&] { return store().read_one("users", committed.published.at(0)); }).or_raise();
    EXPECT_TRUE(!entry || store().is_durable(committed.lsn));
    const auto again = commit(publishing);
    EXPECT_EQ(fetch(consumer).at(0).id, again.published.at(0));
    const auto entries = on_fiber([&] { return store().read("users", {}, 1000); }).or_raise();
    EXPECT_TRUE(entries.back().id != again.published.at(0) || store().is_durable(again.lsn));
  }
}

TEST_F(Reading, CountsWhatLiesBetweenTwoIds) {
  std::vector<StreamId> ids;
  for (int i = 0; i < 10; ++i) ids.push_back(publish("users", std::to_string(i)));
  const auto count = [&](StreamId after, StreamId up_to, std::uint64_t at_most = 1000) {
    return on_fiber([&] { return store().count_entries("users", after, up_to, at_most); }).or_raise();
  };
  EXPECT_EQ(count(StreamId::min(), StreamId::max()).count, 10u);
  EXPECT_EQ(count(StreamId::min(), ids[3]).count, 4u);
  EXPECT_EQ(count(ids[3], ids[7]).count, 4u);
  EXPECT_EQ(count(ids[7], ids[7]).count, 0u);
  EXPECT_EQ(count(ids[7], ids[3]).count, 0u);
  EXPECT_EQ(count(ids[9], StreamId::max()).count, 0u);
  EXPECT_EQ(count(StreamId::max(), StreamId::max()).count, 0u);

  const StreamId erased[] = {ids[1], ids[5], ids[9]};
  EXPECT_EQ(on_fiber([&] { return store().erase_entries("users", erased); }).or_raise(), 3u);
  const auto rest = count(StreamId::min(), StreamId::max());
  EXPECT_EQ(rest.count, 7u);
  EXPECT_TRUE(rest.is_exact);
  EXPECT_EQ(count(ids[4], ids[6]).count, 1u);
  EXPECT_EQ(count(ids[5], ids[6]).count, 1u);
  const auto some = count(StreamId::min(), StreamId::max(), 5);
  EXPECT_EQ(some.count, 5u);
  EXPECT_FALSE(some.is_exact);
  EXPECT_TRUE(count(StreamId::min(), StreamId::max(), 7).is_exact);
  EXPECT_EQ(on_fiber([&] { return store().count_entries("nowhere", {}, StreamId::max(), 1); }).error().code,
            ErrorCode::not_found);
}

TEST_F(Reading, LeavesOutWhatWasErased) {
  const StreamId first = publish("users", "1");
  publish("users", "2");
  const StreamId ids[] = {first};
  EXPECT_EQ(on_fiber([&] { return store().erase_entries("users", ids); }).or_raise(), 1u);
  EXPECT_EQ(on_fiber([&] { return store().erase_entries("users", ids); }).or_raise(), 0u);
  EXPECT_THAT(texts("users"), ElementsAre("2"));
  EXPECT_FALSE(on_fiber([&] { return store().read_one("users", first); }).or_raise());
  reopen();
  EXPECT_THAT(texts("users"), ElementsAre("2"));
}

}  // namespace
}  // namespace tidemark::conformance
