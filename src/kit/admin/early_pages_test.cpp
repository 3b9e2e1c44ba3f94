// A store's pages may end before they are full: nothing behind such an end may be overlooked.
#include <gtest/gtest.h>

#include "kit/testing/test_admin.hpp"

namespace tidemark::kit {
namespace {

class EarlyPages : public ::testing::Test {
 protected:
  EarlyPages() {
    service_.on<Noted>("noted", [](Transaction&, const Noted&) {});
    admin_.store.page_max = 2;
  }
  void bury(const std::string& error, int number) {
    admin_.bench.append("noted.notes.dead", {{"key", "a"},
                                             {"number", std::to_string(number)},
                                             {"dl_error", error},
                                             {"dl_id", StreamId{1000, static_cast<std::uint64_t>(number)}.text()}});
  }
  std::vector<std::map<std::string, Json>> items(const std::map<std::string, Json>& page) {
    return json::from_json<std::vector<std::map<std::string, Json>>>(page.at("items").text).or_raise();
  }

  Service service_ = make_notes();
  AdminBench admin_{service_};
};

TEST_F(EarlyPages, HideNoDeadLetters) {
  for (int number = 0; number < 7; ++number) bury("broken", number);
  const auto all = admin_.members("/dead-letters/noted/notes");
  EXPECT_EQ(items(all).size(), 7u);
  EXPECT_EQ(all.at("next").text, "null");
  const auto some = admin_.members("/dead-letters/noted/notes?limit=5");
  EXPECT_EQ(items(some).size(), 5u);
  EXPECT_NE(some.at("next").text, "null");
}

TEST_F(EarlyPages, HideNoLettersOfOneError) {
  for (int number = 0; number < 5; ++number) bury("broken", number);
  bury("late", 5);
  EXPECT_EQ(items(admin_.members("/dead-letters/noted/notes?error=late")).size(), 1u);
}

TEST_F(EarlyPages, HideNoErrors) {
  for (int number = 0; number < 5; ++number) bury("broken", number);
  bury("late", 5);
  const auto groups = items(admin_.members("/dead-letters"));
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].at("looked_at").text, "6");
  const auto errors = json::from_json<std::vector<std::map<std::string, Json>>>(groups[0].at("errors").text).or_raise();
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[0].at("count").text, "5");
}

TEST_F(EarlyPages, HideNotThatAnEventIsDead) {
  admin_.bench.append("noted", {{"key", "a"}, {"number", "0"}}, StreamId{1000, 1});
  for (int number = 1; number < 6; ++number) bury("broken", number);
  auto& store = *admin_.bench.inner;
  store.declare_group("noted", "notes", StreamId{1000, 1}).or_raise();
  const auto groups = admin_.members("/topics/noted/entries/1000-1").at("groups").text;
  EXPECT_NE(groups.find(R"("state":"dead")"), std::string::npos) << groups;
}

TEST_F(EarlyPages, HideNoEntriesOfATopic) {
  for (int number = 0; number < 5; ++number)
    admin_.bench.append("noted", {{"key", "a"}, {"number", std::to_string(number)}});
  EXPECT_EQ(items(admin_.members("/topics/noted/entries?limit=4")).size(), 4u);
  EXPECT_EQ(items(admin_.members("/topics/noted/entries?text=0")).size(), 1u);
}

// However large what it shows is.
TEST_F(EarlyPages, OfLargeEntriesKeepAnAnswerWithinBounds) {
  admin_.store.page_max = UINT32_MAX;
  const std::string large(1 << 20, 'x');
  for (int number = 0; number < 8; ++number) {
    admin_.bench.append("noted", {{"key", "a"}, {"text", large.substr(1000)}});
    admin_.bench.append("noted.notes.dead", {{"key", "a"}, {"text", large.substr(1000)}});
  }
  for (const std::string path : {"/topics/noted/entries", "/dead-letters/noted/notes"}) {
    std::size_t all = 0;
    std::string after;
    do {
      const auto page = admin_.members(path + "?limit=500" + after);
      EXPECT_LE(page.at("items").text.size(), 6u << 20) << path;
      all += items(page).size();
      after.clear();
      if (page.at("next").text != "null")
        after = "&after=" + json::from_json<std::string>(page.at("next").text).or_raise();
    } while (!after.empty());
    EXPECT_EQ(all, 8u) << path;
  }
}

// A sweep once ended with the first 16 MiB of letters.
TEST_F(EarlyPages, OfLargeLettersKeepNoneFromASweep) {
  constexpr int COUNT = 20;
  const std::string large((1 << 20) - 1000, 'x');
  for (int number = 0; number < COUNT; ++number)
    admin_.bench.append("noted.notes.dead", {{"key", "a"}, {"text", large}, {"dl_error", "broken"}});
  for (const std::string wish : {R"({"error":"late"})", R"({"error":"broken"})"}) {
    const auto response = admin_.post("/dead-letters/noted/notes/discard", wish);
    ASSERT_TRUE(response.events) << response.body;
    StreamClient client;
    admin_.bench.loop.run("sweep", [&] { response.events(client); });
    const auto done = wish.find("broken") == wish.npos ? 0 : COUNT;
    const auto text = std::to_string(done);
    EXPECT_EQ(client.events.back().data, R"({"done":)" + text + R"(,"of":)" + text + R"(,"failed":0})");
  }
  EXPECT_EQ(admin_.bench.inner->topic("noted.notes.dead").or_raise().length, 0u);
}

}  // namespace
}  // namespace tidemark::kit
