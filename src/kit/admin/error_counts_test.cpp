// How many dead letters failed with what, in an answer that has bounds.
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "kit/testing/test_admin.hpp"

namespace tidemark::kit {
namespace {

class AdminErrors : public ::testing::Test {
 protected:
  AdminErrors() {
    service_.on<Noted>("noted", [](Transaction&, const Noted&) {});
  }
  void bury(int count, const std::function<std::string(int)>& error, const std::string& topic = "noted.notes.dead") {
    constexpr int TOGETHER = 1000;
    for (int at = 0; at < count; at += TOGETHER) {
      model::Commit commit;
      for (int i = at; i < std::min(count, at + TOGETHER); ++i) {
        auto& fields =
            commit.publications.emplace_back(model::Publication{.topic = topic, .fields = {}, .id = {}}).fields;
        fields.add("key", "a");
        fields.add("dl_error", error(i));
        fields.add("dl_time", "2026-01-31T12:00:00.000Z");
      }
      static_cast<void>(admin_.bench.inner->commit(commit).or_raise());
    }
  }
  struct Group {
    std::uint64_t count, looked_at;
    bool errors_exact;
    std::vector<std::map<std::string, Json>> errors;
  };
  std::vector<Group> groups() {
    std::vector<Group> all;
    const auto items = admin_.members("/dead-letters").at("items").text;
    for (const auto& item : json::from_json<std::vector<std::map<std::string, Json>>>(items).or_raise())
      all.push_back({json::from_json<std::uint64_t>(item.at("count").text).or_raise(),
                     json::from_json<std::uint64_t>(item.at("looked_at").text).or_raise(),
                     item.at("errors_exact").text == "true",
                     json::from_json<std::vector<std::map<std::string, Json>>>(item.at("errors").text).or_raise()});
    return all;
  }
  // "bbc", a word of its own for each number.
  static std::string word(int number) {
    std::string word;
    for (; number > 0; number /= 20) word += static_cast<char>('b' + number % 20);
    return word;
  }

  Service service_ = make_notes();
  AdminBench admin_{service_};
};

TEST_F(AdminErrors, AreCountedTheMostFrequentFirst) {
  bury(1200, [](int i) { return i % 3 == 0 ? "late" : "broken"; });
  const auto all = groups();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].looked_at, 1200u);
  EXPECT_TRUE(all[0].errors_exact);
  ASSERT_EQ(all[0].errors.size(), 2u);
  EXPECT_EQ(all[0].errors[0].at("error").text, R"("broken")");
  EXPECT_EQ(all[0].errors[0].at("count").text, "800");
  EXPECT_EQ(all[0].errors[1].at("count").text, "400");
}

TEST_F(AdminErrors, SayThatTheyAreNotAllWhereMoreAreThereThanLookedAt) {
  bury(10'001, [](int) { return "broken"; });
  const auto all = groups();
  EXPECT_EQ(all[0].count, 10'001u);
  EXPECT_EQ(all[0].looked_at, 10'000u);
  EXPECT_FALSE(all[0].errors_exact);
}

TEST_F(AdminErrors, AreExactWhereJustSoManyAreThere) {
  bury(10'000, [](int) { return "broken"; });
  EXPECT_TRUE(groups()[0].errors_exact);
}

TEST_F(AdminErrors, OfManyKindsAreBounded) {
  bury(3'000, [](int i) { return word(i + 1); });
  const auto all = groups();
  EXPECT_EQ(all[0].looked_at, 3'000u);
  EXPECT_EQ(all[0].errors.size(), 1'000u);
  EXPECT_FALSE(all[0].errors_exact);
}

TEST_F(AdminErrors, OfManyGroupsShareWhatIsLookedAt) {
  constexpr int GROUPS = 20, LETTERS = 2'600;
  for (int group = 0; group < GROUPS; ++group)
    bury(
        LETTERS, [](int) { return "broken"; }, "noted." + word(group + 1) + ".dead");
  std::uint64_t looked_at = 0;
  for (const auto& group : groups()) {
    EXPECT_FALSE(group.errors_exact);
    looked_at += group.looked_at;
  }
  EXPECT_EQ(looked_at, 50'000u);
}

// The console's other requests are not to wait until all are counted.
TEST_F(AdminErrors, AreCountedWhileOthersGetToRun) {
  bury(4'000, [](int) { return "broken"; });
  std::set<std::size_t> seen;  // how many were counted in each of the other's turns
  const auto other = admin_.bench.loop.loop().spawn("other", [&] {
    for (int turn = 0; turn < 100; ++turn) {
      seen.insert(admin_.store.entries_read);
      this_fiber::yield();
    }
  });
  EXPECT_EQ(groups()[0].looked_at, 4'000u);
  EXPECT_TRUE(other.done());
  EXPECT_GE(seen.size(), 8u);
}

}  // namespace
}  // namespace tidemark::kit
