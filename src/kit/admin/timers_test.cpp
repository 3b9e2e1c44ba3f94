// What is to be published later, as an operator sees it.
#include <gtest/gtest.h>

#include "kit/testing/test_admin.hpp"

namespace tidemark::kit {
namespace {

class AdminTimers : public ::testing::Test {
 protected:
  void set(const std::string& name, std::int64_t due_ms, const std::string& topic = "reminders",
           const std::string& service = "notes") {
    model::Commit commit;
    commit.partition = {service, 0};
    auto& timer = commit.timers.emplace_back();
    timer.name = name;
    timer.due = TimePoint{std::chrono::milliseconds{due_ms}};
    timer.topic = topic;
    timer.fields.add("ce_type", "Reminder");
    timer.fields.add("ce_subject", "key of " + name);
    static_cast<void>(admin_.bench.inner->commit(commit).or_raise());
  }
  // The ids of one page; its cursor goes to `next`.
  std::vector<std::string> timers(const std::string& query = "") {
    const auto page = admin_.members("/timers" + query);
    std::vector<std::string> ids;
    for (const auto& item : json::from_json<std::vector<std::map<std::string, Json>>>(page.at("items").text).or_raise())
      ids.push_back(json::from_json<std::string>(item.at("id").text).or_raise());
    next.clear();
    if (page.at("next").text != "null") next = json::from_json<std::string>(page.at("next").text).or_raise();
    return ids;
  }
  using Ids = std::vector<std::string>;

  Service service_ = make_notes();
  AdminBench admin_{service_};
  std::string next;
};

TEST_F(AdminTimers, AreShownWithWhatTheyWillPublish) {
  set("one", 2'000'000'000'000);
  const auto body = admin_.get("/timers").body;
  EXPECT_NE(body.find(R"({"at":"2033-05-18T03:33:20.000Z","topic":"reminders","type":"Reminder","key":"key of one",)"
                      R"("id":"one","service":"notes","fields":{"ce_subject":"key of one","ce_type":"Reminder"}})"),
            std::string::npos)
      << body;
}

TEST_F(AdminTimers, ComeSoonestFirstWhoeverSetThem) {
  set("late", 2'000'000'000'300);
  set("soon", 2'000'000'000'100);
  set("theirs", 2'000'000'000'200, "bills", "payments");
  EXPECT_EQ(timers(), (Ids{"soon", "theirs", "late"}));
  EXPECT_EQ(timers("?topic=bills"), (Ids{"theirs"}));
  EXPECT_EQ(timers("?topic=nothing"), Ids{});
}

TEST_F(AdminTimers, AreReadInPagesHoweverEarlyTheStoreEndsIts) {
  for (const std::uint32_t page_max : {UINT32_MAX, 2u}) {
    admin_.store.page_max = page_max;
    for (int i = 0; i < 7; ++i) set("a:" + std::to_string(i), 2'000'000'000'000, i < 3 ? "reminders" : "bills");
    Ids all;
    std::string after;
    do {
      const auto page = timers("?limit=3" + after);
      EXPECT_TRUE(page.size() == 3 || next.empty());
      all.insert(all.end(), page.begin(), page.end());
      ASSERT_LE(all.size(), 7u);
      after = "&after=" + next;
    } while (!next.empty());
    EXPECT_EQ(all, (Ids{"a:0", "a:1", "a:2", "a:3", "a:4", "a:5", "a:6"}));
    EXPECT_EQ(timers("?topic=bills"), (Ids{"a:3", "a:4", "a:5", "a:6"}));
  }
}

TEST_F(AdminTimers, RefuseWhatIsNoCursorOfTheirs) {
  for (const auto* after : {"x", "1", "1:x:notes:a", "99999999999999999999:0:notes:a"})
    EXPECT_EQ(admin_.get("/timers?after=" + std::string{after}).status, 422) << after;
  EXPECT_EQ(admin_.get("/timers?limit=0").status, 422);
}

}  // namespace
}  // namespace tidemark::kit
