// Several readers of one topic: groups, where they begin, and declarations that can't be right.
#include <gtest/gtest.h>

#include <atomic>

#include "kit/testing/test_service.hpp"

namespace tidemark::kit {
namespace {

TEST(Groups, EachSeeEveryEventInOneServiceAndOverServices) {
  Service notes = make_notes(), other{"other"};
  Seen seen[3];
  const auto see = [&](int reader) {
    return [&, reader](Transaction&, const Noted& event) { seen[reader].add(event.key, event.number); };
  };
  notes.on<Noted>("noted", see(0));
  notes.on<Noted>("noted", see(1)).group("audit");
  other.on<Noted>("noted", see(2));
  TroubledApplication app{{&notes, &other}};
  ASSERT_EQ(app.publish("a", 100).status, 204);
  for (const auto& of_reader : seen) {
    app.wait_until([&] { return of_reader.of("a").size() >= 100; });
    EXPECT_EQ(of_reader.of("a"), first_numbers(100));
  }
}

TEST(Groups, GoOnForThemselvesWhenAnotherOneFails) {
  Service notes = make_notes(), other{"other"};
  Seen seen;
  notes.on<Noted>("noted", [](Transaction&, const Noted&) { throw std::runtime_error{"broken"}; }).retry(QUICKLY);
  other.on<Noted>("noted", [&](Transaction&, const Noted& event) { seen.add(event.key, event.number); });
  TroubledApplication app{{&notes, &other}};
  ASSERT_EQ(app.publish("a", 3).status, 204);
  app.wait_until([&] { return seen.of("a").size() == 3 && app.dead_letters().size() == 3; });
  EXPECT_TRUE(app.dead_letters("noted", "other").empty());
}

TEST(Groups, SeeNothingAgainThatAnotherOneRedrives) {
  Service notes = make_notes(), other{"other"};
  Seen mine, others;
  std::atomic<bool> mended{false};
  notes
      .on<Noted>("noted",
                 [&](Transaction&, const Noted& event) {
                   if (!mended) throw std::runtime_error{"broken"};
                   mine.add(event.key, event.number);
                 })
      .retry({.attempts = 1});
  other.on<Noted>("noted", [&](Transaction&, const Noted& event) { others.add(event.key, event.number); });
  TroubledApplication app{{&notes, &other}};
  ASSERT_EQ(app.publish("a", 1).status, 204);
  app.wait_until([&] { return !app.dead_letters().empty() && !others.of("a").empty(); });
  mended = true;
  const auto letter = "/admin/v1/dead-letters/noted/notes/" + app.dead_letters().front().id.text();
  ASSERT_EQ(app.request("POST", letter + "/redrive").status, 200);
  app.wait_until([&] { return mine.of("a").size() == 1; });
  ASSERT_EQ(app.publish("b", 1).status, 204);
  app.wait_until([&] { return !others.of("b").empty() && app.pending("noted", "other").empty(); });
  EXPECT_EQ(others.of("a").size(), 1u);
  EXPECT_EQ(mine.of("a").size(), 1u);
}

// Whoever looks after the store may do so between any two declarations of a service that starts.
TEST(Groups, AreThereBeforeTheRetentionThatIsDeclaredWithThem) {
  Service before = make_notes(), publisher = make_notes(), reader{"reader"};
  publisher.publishes<Noted>("noted").retention({.age = {}, .count = 1, .bytes = {}});
  Seen seen;
  reader.on<Noted>("noted", [&](Transaction&, const Noted& event) { seen.add(event.key, event.number); });
  TroubledApplication app{{&before}};
  ASSERT_EQ(app.publish("a", 50).status, 204);
  app.stop();

  app.trouble.eager_upkeep = true;
  app.serve({&publisher, &reader});
  app.start();
  ASSERT_EQ(app.publish("last", 1).status, 204);
  app.wait_until([&] { return seen.of("last").size() == 1 && app.pending("noted", "reader").empty(); });
  EXPECT_EQ(seen.of("a"), first_numbers(50));
}

TEST(Groups, HoldNothingBackWhereTheTopicMayDropWhatTheyHaveNotAcknowledged) {
  Service publisher = make_notes(), reader{"reader"};
  publisher.publishes<Noted>("noted").retention({.count = 1, .drop_unacknowledged = true});
  reader.on<Noted>("noted", [](Transaction&, const Noted&) {});
  TroubledApplication app{{&publisher, &reader}};
  app.stop();
  app.serve({&publisher});  // nobody reads any more
  app.start();
  ASSERT_EQ(app.publish("a", 50).status, 204);
  app.wait_until([&] {
    const auto topic = app.request("GET", "/admin/v1/topics/noted").body;
    EXPECT_NE(topic.find("\"drop_unacknowledged\":true"), std::string::npos) << topic;
    return topic.find("\"length\":1,") != std::string::npos;
  });
}

TEST(Groups, OfOneNameOnATopicAreRefusedAlsoBetweenServices) {
  const auto nothing = [](Transaction&, const Noted&) {};
  Service notes{"notes"}, other{"other"};
  notes.on<Noted>("noted", nothing).group("g");
  other.on<Noted>("noted", nothing).group("g");
  EXPECT_THROW((testing::TestApplication{{&notes, &other}}), Invalid);
  EXPECT_NO_THROW((testing::TestApplication{{&notes}}));
}

TEST(Groups, BeginWithTheTopicsFirstEventOrWithTheNextOne) {
  Service before = make_notes();
  Seen seen;
  TroubledApplication app{{&before}};
  ASSERT_EQ(app.publish("a", 3).status, 204);
  app.stop();

  const auto see = [&](const std::string& reader) {
    return [&seen, reader](Transaction&, const Noted& event) { seen.add(reader, event.number); };
  };
  before.on<Noted>("noted", see("all")).group("all");
  before.on<Noted>("noted", see("new")).group("new").from_now_on();
  before.on<Noted>("empty", see("empty")).group("new").from_now_on();
  app.start();
  ASSERT_EQ(app.publish("a", 2).status, 204);
  app.append("empty", {{"key", "a"}, {"number", "7"}});
  app.wait_until(
      [&] { return seen.of("all").size() == 5 && seen.of("new").size() == 2 && seen.of("empty").size() == 1; });
  EXPECT_EQ(seen.of("new"), (std::vector{0, 1}));

  app.stop();
  app.start();  // a group that exists begins where it was
  ASSERT_EQ(app.publish("a", 1).status, 204);
  app.wait_until([&] { return seen.of("all").size() == 6 && seen.of("new").size() == 3; });
  app.stop();
  EXPECT_EQ(seen.of("all").size(), 6u);
  EXPECT_EQ(seen.of("new").size(), 3u);
  app.start();
}

TEST(Groups, MissNothingThatIsPublishedWhileTheirServiceIsDown) {
  Service publisher = make_notes();
  Service reader{"reader"};
  Seen seen;
  reader.on<Noted>("noted", [&](Transaction&, const Noted& event) { seen.add(event.key, event.number); }).from_now_on();
  TroubledApplication app{{&publisher, &reader}};
  app.stop();
  app.serve({&publisher});
  app.start();
  ASSERT_EQ(app.publish("a", 3).status, 204);
  app.stop();
  app.serve({&publisher, &reader});
  app.start();
  app.wait_until([&] { return seen.of("a").size() == 3; });
}

TEST(Declarations, ThatClashAreRefusedAtTheStart) {
  Service service{"notes"};
  service.on<Noted>("noted", [](Transaction&, const Noted&) {});
  service.on<Noted>("noted", [](Transaction&, const Noted&) {});
  EXPECT_THROW(testing::TestApplication{{&service}}, Invalid);
  EXPECT_THROW(Service{"Not A Name"}, std::logic_error);
  Service twice{"twice"};
  const auto nothing = [](Transaction&) {};
  twice.get("/a", nothing);
  twice.get("/a", nothing);
  EXPECT_THROW(testing::TestApplication{{&twice}}, Invalid);
}

}  // namespace
}  // namespace tidemark::kit
