// Topics and their entries as an operator sees, searches, follows and adds to them.
#include <gtest/gtest.h>

#include <algorithm>

#include "kit/testing/test_admin.hpp"

namespace tidemark::kit {
namespace {

using namespace std::chrono_literals;

class AdminTopics : public ::testing::Test {
 protected:
  AdminTopics() {
    service_.on<Noted>("noted", [](Transaction&, const Noted&) {});
  }

  void note(const std::string& key, int number, std::optional<StreamId> id = std::nullopt) {
    admin_.bench.append("noted", {{"key", key}, {"number", std::to_string(number)}, {"ce_type", "Noted"}}, id);
  }
  struct Found {
    std::vector<std::string> numbers;
    std::string next;
    std::uint64_t scanned = 0;
  };
  Found entries(const std::string& query) {
    const auto page = admin_.members("/topics/noted/entries" + query);
    Found found;
    for (const auto& item : json::from_json<std::vector<std::map<std::string, Json>>>(page.at("items").text).or_raise())
      found.numbers.push_back(
          json::from_json<std::map<std::string, std::string>>(item.at("fields").text).or_raise().at("number"));
    if (page.at("next").text != "null") found.next = json::from_json<std::string>(page.at("next").text).or_raise();
    found.scanned = json::from_json<std::uint64_t>(page.at("scanned").text).or_raise();
    return found;
  }
  using Numbers = std::vector<std::string>;

  Service service_ = make_notes();
  AdminBench admin_{service_};
};

TEST_F(AdminTopics, AreListedWithWhatIsKnownOfThem) {
  note("a", 1, StreamId{1000, 0});
  admin_.bench.append("noted.notes.dead", {{"key", "a"}});
  const auto topics = admin_.get("/topics").body;
  EXPECT_NE(topics.find(R"({"name":"noted","kind":"events","event":"Noted","length":1,"entries_added":1,)"),
            std::string::npos)
      << topics;
  EXPECT_NE(topics.find(R"("last_id":"1000-0","last_time":"1970-01-01T00:00:01.000Z")"), std::string::npos) << topics;
  EXPECT_NE(topics.find(R"({"name":"noted.notes.dead","kind":"dead_letters","length":1)"), std::string::npos) << topics;
}

TEST_F(AdminTopics, ShowTheSchemaOfTheirEventsAndTheirGroups) {
  note("a", 1);
  admin_.bench.inner->declare_group("noted", "others", StreamId::min()).or_raise();
  const auto topic = admin_.members("/topics/noted");
  EXPECT_NE(topic.at("schema").text.find(R"("number":{"type":"integer")"), std::string::npos)
      << topic.at("schema").text;
  EXPECT_NE(topic.at("groups").text.find(R"("group":"others")"), std::string::npos) << topic.at("groups").text;
  EXPECT_EQ(admin_.get("/topics/nowhere").status, 404);
}

TEST_F(AdminTopics, GiveTheirNewestEntriesWithoutReadingTheOthers) {
  model::Commit commit;
  for (int number = 0; number < 5000; ++number) {
    commit.publications.push_back({.topic = "noted", .fields = {}, .id = {}});
    commit.publications.back().fields.add("number", std::to_string(number));
  }
  static_cast<void>(admin_.bench.inner->commit(commit).or_raise());
  const auto page = entries("?limit=3");
  EXPECT_EQ(page.numbers, (Numbers{"4999", "4998", "4997"}));
  EXPECT_EQ(page.scanned, 3u);
  EXPECT_EQ(admin_.store.entries_read, 3u);
  EXPECT_EQ(entries("?limit=2&after=" + page.next).numbers, (Numbers{"4996", "4995"}));
}

TEST_F(AdminTopics, ArePagedFromEitherEndToTheOther) {
  for (int number = 0; number < 7; ++number) note("a", number);
  for (const std::string order : {"newest", "oldest"}) {
    Numbers all;
    std::string after;
    do {
      const auto page = entries("?order=" + order + "&limit=3" + (after.empty() ? "" : "&after=" + after));
      all.insert(all.end(), page.numbers.begin(), page.numbers.end());
      after = page.next;
      ASSERT_LE(all.size(), 7u);
    } while (!after.empty());
    Numbers expected{"0", "1", "2", "3", "4", "5", "6"};
    if (order == "newest") std::ranges::reverse(expected);
    EXPECT_EQ(all, expected) << order;
  }
}

TEST_F(AdminTopics, RefuseWhatIsNoCursorOfTheirs) {
  note("a", 1);
  for (const auto* after : {"x", "1-x", "99999999999999999999-0"}) {
    const auto refused = admin_.get("/topics/noted/entries?after=" + std::string{after});
    EXPECT_EQ(refused.status, 422) << after;
    EXPECT_NE(refused.body.find("after: "), std::string::npos) << refused.body;
  }
  EXPECT_EQ(entries("?after=").numbers, (Numbers{"1"}));
}

TEST_F(AdminTopics, AreSearchedByKeyTypeTimeAndText) {
  note("a", 1, StreamId{1000, 0});
  note("Berlin", 2, StreamId{2000, 0});
  note("a", 3, StreamId{3000, 0});
  admin_.bench.append("noted", {{"key", "x"}, {"number", "4"}, {"ce_subject", "a"}}, StreamId{4000, 0});
  EXPECT_EQ(entries("?key=a").numbers, (Numbers{"4", "3", "1"}));
  EXPECT_EQ(entries("?type=Noted").numbers, (Numbers{"3", "2", "1"}));
  EXPECT_EQ(entries("?text=bERL").numbers, (Numbers{"2"}));
  EXPECT_EQ(entries("?from=1970-01-01T00:00:02Z&to=1970-01-01T00:00:04Z").numbers, (Numbers{"3", "2"}));
  EXPECT_EQ(entries("?order=oldest&from=1970-01-01T00:00:02Z&to=1970-01-01T00:00:04Z").numbers, (Numbers{"2", "3"}));
  EXPECT_EQ(entries("?key=a&text=3").numbers, (Numbers{"3"}));
  EXPECT_TRUE(entries("?key=nobody").numbers.empty());
}

TEST_F(AdminTopics, EndASearchThatFindsNothingAfterABoundedPart) {
  model::Commit commit;
  for (int number = 0; number < 25'000; ++number) {
    commit.publications.push_back({.topic = "noted", .fields = {}, .id = {}});
    commit.publications.back().fields.add("number", std::to_string(number));
  }
  static_cast<void>(admin_.bench.inner->commit(commit).or_raise());
  const auto first = entries("?text=nothing&limit=10");
  EXPECT_TRUE(first.numbers.empty());
  EXPECT_EQ(first.scanned, 20'000u);
  ASSERT_FALSE(first.next.empty());
  const auto second = entries("?text=nothing&limit=10&after=" + first.next);
  EXPECT_EQ(second.scanned, 5000u);
  EXPECT_TRUE(second.next.empty());
}

TEST_F(AdminTopics, ShowWhatEachGroupHasDoneWithAnEntry) {
  for (int number = 1; number <= 4; ++number) note("a", number, StreamId{1000u * static_cast<unsigned>(number), 0});
  auto& store = *admin_.bench.inner;
  store.declare_group("noted", "notes", StreamId::min()).or_raise();
  // The first is settled, the second buried, the third pending, the fourth not handed over yet.
  const store::Subscription by{"noted", "notes", "somebody"};
  const auto handed = store.fetch(by, 3, 1 << 20, admin_.bench.clock.instant()).or_raise().deliveries;
  ASSERT_EQ(handed.size(), 3u);
  model::Commit settling;
  for (const auto i : {0u, 1u})
    settling.settlements.push_back({.topic = "noted", .group = "notes", .id = handed[i].id, .token = handed[i].token});
  settling.publications.push_back(
      {.topic = "noted.notes.dead",
       .fields = bury(handed[1].fields, handed[1].id, "no ink", 3, admin_.bench.clock.now()),
       .id = {}});
  static_cast<void>(store.commit(settling).or_raise());

  const auto state = [&](int number) {
    const auto groups = admin_.members("/topics/noted/entries/" + std::to_string(1000 * number) + "-0").at("groups");
    return json::from_json<std::vector<std::map<std::string, Json>>>(groups.text).or_raise().at(0).at("state").text;
  };
  EXPECT_EQ(state(1), R"("done")");
  EXPECT_EQ(state(2), R"("dead")");
  EXPECT_EQ(state(3), R"("pending")");
  EXPECT_EQ(state(4), R"("waiting")");
  EXPECT_EQ(admin_.get("/topics/noted/entries/5-0").status, 404);
  EXPECT_EQ(admin_.get("/topics/noted/entries/x").status, 400);
}

TEST_F(AdminTopics, AreFollowedFromNowOnOrFromAnId) {
  note("a", 1, StreamId{1000, 0});
  StreamClient now, then, some;
  admin_.connect(now, "/topics/noted/tail");
  admin_.connect(then, "/topics/noted/tail", {{"Last-Event-ID", "0-0"}});
  admin_.connect(some, "/topics/noted/tail?key=b");
  note("a", 2, StreamId{2000, 0});
  admin_.bench.loop.advance(1s);
  note("b", 3, StreamId{3000, 0});
  admin_.bench.loop.advance(1s);
  ASSERT_EQ(now.events.size(), 2u);
  EXPECT_EQ(now.events[0].name, "entry");
  EXPECT_EQ(now.events[0].id, "2000-0");
  EXPECT_NE(now.events[0].data.find(R"("fields":{"ce_type":"Noted","key":"a","number":"2"})"), std::string::npos)
      << now.events[0].data;
  EXPECT_EQ(then.events.size(), 3u);
  ASSERT_EQ(some.events.size(), 1u);
  EXPECT_EQ(some.events[0].id, "3000-0");
  EXPECT_EQ(admin_.get("/topics/nowhere/tail").status, 404);
  EXPECT_EQ(admin_.ask(Method::get, "/topics/noted/tail", {}, {{"Last-Event-ID", "x"}}).status, 400);
}

// A name that is misspelt is not to become a topic.
TEST_F(AdminTopics, AreNotMadeByAskingForThem) {
  for (const std::string path : {"/tail", "/entries", "/entries?text=x", "/entries/1-0", ""}) {
    const auto refused = admin_.get("/topics/nowhere" + path);
    EXPECT_EQ(refused.status, 404) << path;
    EXPECT_NE(refused.body.find("publish to it"), std::string::npos) << path << ": " << refused.body;
  }
  EXPECT_EQ(admin_.bench.inner->topic("nowhere").error().code, ErrorCode::not_found);
}

// Waiting for entries makes a missing topic: a follower once made the one anew that it followed.
TEST_F(AdminTopics, StayRemovedWhenSomebodyFollowsThem) {
  admin_.bench.append("foreign", {{"a", "b"}});
  StreamClient client;
  admin_.connect(client, "/topics/foreign/tail");
  admin_.store.removed_topic = "foreign";
  admin_.bench.loop.advance(20s);
  ASSERT_FALSE(client.comments.empty());
  EXPECT_NE(client.comments.back().find("there is no such topic"), std::string::npos) << client.comments.back();
  const auto waits = admin_.store.waits;
  admin_.bench.loop.advance(1min);
  EXPECT_EQ(admin_.store.waits, waits) << "it has ended";
}

TEST_F(AdminTopics, AreReadNoFurtherForAFollowerThatTakesNothing) {
  note("a", 0);
  StreamClient slow;
  slow.blocked = true;
  admin_.connect(slow, "/topics/noted/tail", {{"Last-Event-ID", "0-0"}});
  const auto before = admin_.store.entries_read;
  for (int number = 1; number < 3000; ++number) note("a", number);
  admin_.bench.loop.advance(1min);
  EXPECT_EQ(admin_.store.entries_read, before);
  slow.unblock();
  admin_.bench.loop.advance(1min);
  EXPECT_EQ(slow.events.size(), 3000u) << "nothing is left out";
}

TEST_F(AdminTopics, TakeAnEventAsAServiceWouldWriteIt) {
  note("a", 1);
  const auto published = admin_.post("/topics/noted/entries", R"({"data":{"number":7,"key":"b \"7\""}})");
  ASSERT_EQ(published.status, 200) << published.body;
  const auto id = json::from_json<std::map<std::string, std::string>>(published.body).or_raise().at("id");
  const auto entry = admin_.bench.inner->read_one("noted", StreamId::parse(id).or_raise()).or_raise();
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->fields.find("number"), "7");
  EXPECT_EQ(entry->fields.find("key"), "b \"7\"");
  EXPECT_EQ(entry->fields.find("ce_subject"), "b \"7\"") << "the key is the member that orders the events";
  EXPECT_EQ(entry->fields.find("ce_type"), "Noted");
  EXPECT_TRUE(is_ulid(*entry->fields.find("ce_id")));
  EXPECT_TRUE(entry->fields.find("ce_traceparent"));
}

TEST_F(AdminTopics, TakeNoEventThatTheirReadersCouldNotRead) {
  note("a", 1);
  for (const auto* body : {R"({"data":{"key":"b"}})", R"({"data":{"key":"b","number":"7"}})",
                           R"({"data":{"key":"b","number":7,"extra":1}})", R"({"data":[1]})", R"({})"}) {
    const auto refused = admin_.post("/topics/noted/entries", body);
    EXPECT_EQ(refused.status, 422) << body << ": " << refused.body;
  }
  EXPECT_EQ(admin_.post("/topics/nowhere/entries", R"({"data":{}})").status, 404) << "a new topic was made";
  admin_.bench.append("noted.notes.dead", {{"key", "a"}});
  EXPECT_EQ(admin_.post("/topics/noted.notes.dead/entries", R"({"data":{"a":1}})").status, 422);
  EXPECT_EQ(admin_.bench.inner->topic("noted").or_raise().length, 1u);
}

TEST_F(AdminTopics, WithoutASchemaTakeAnyMembers) {
  admin_.bench.append("foreign", {{"a", "b"}});
  const auto published = admin_.post(
      "/topics/foreign/entries", R"({"key":"k","type":"Thing","data":{"n":1.50,"s":"x","o":{"a":[1]},"none":null}})");
  ASSERT_EQ(published.status, 200) << published.body;
  const auto entries = admin_.bench.inner->read_back("foreign", StreamId::max(), 1).or_raise();
  const auto& fields = entries.at(0).fields;
  EXPECT_EQ(fields.find("n"), "1.50");
  EXPECT_EQ(fields.find("s"), "x");
  EXPECT_EQ(fields.find("o"), R"({"a":[1]})");
  EXPECT_FALSE(fields.find("none"));
  EXPECT_EQ(fields.find("ce_subject"), "k");
  EXPECT_EQ(fields.find("ce_type"), "Thing");
  EXPECT_EQ(admin_.post("/topics/foreign/entries", R"({"data":{"ce_id":"x"}})").status, 422);
}

}  // namespace
}  // namespace tidemark::kit
