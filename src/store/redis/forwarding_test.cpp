// Entries that cross slots and partitions: each once, in order, whoever forwards and however often.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fiber/fiber.hpp"
#include "store/redis/arrivals.hpp"
#include "store/redis/committing.hpp"
#include "store/redis/keys.hpp"
#include "store/redis/outboxes.hpp"
#include "store/redis/test_store.hpp"

namespace tidemark::store {
namespace {

using namespace std::chrono_literals;
using redis::Command;
using testing::ElementsAre;

const model::Partition PARTITION{"roles", 1};

std::vector<std::string> texts_of(const std::vector<model::Entry>& entries) {
  std::vector<std::string> texts;
  for (const auto& entry : entries) texts.emplace_back(entry.fields.find("text").value_or(""));
  return texts;
}

TEST(Forwarding, GivesEntriesOnceThoughACallIsRepeated) {
  redis::testing::RedisServer server;
  StoreOn store{server.url()};
  const model::Forwarding some{
      .source = "users",
      .target = "{roles:0}users.r",
      .from = {0, 0},
      .to = {9, 0},
      .entries = {{{3, 0}, text_fields("1")}, {{5, 0}, text_fields("2")}},
  };
  for (int round = 0; round < 2; ++round)
    EXPECT_EQ(store.run([&] { return store->forward(some); }).or_raise().last, (StreamId{9, 0}));
  const auto entries = store.run([&] { return store->read(some.target, {}, 10); }).or_raise();
  EXPECT_THAT(texts_of(entries), ElementsAre("1", "2"));
  EXPECT_EQ(entries.at(1).id, (StreamId{5, 0})) << "with their ids in the source";

  const model::Forwarding gap{.source = "users",
                              .target = some.target,
                              .from = {20, 0},
                              .to = {30, 0},
                              .entries = {{{25, 0}, text_fields("too early")}}};
  EXPECT_EQ(store.run([&] { return store->forward(gap); }).or_raise().last, (StreamId{9, 0}));
  EXPECT_EQ(store.run([&] { return store->read(some.target, {}, 10); }).or_raise().size(), 2u);
}

TEST(Forwarding, KeepsItsPositionInATargetThatGotNothing) {
  redis::testing::RedisServer server;
  StoreOn store{server.url()};
  const model::Forwarding nothing{
      .source = "users", .target = "{roles:0}users.r", .from = {0, 0}, .to = {9, 7}, .entries = {}};
  EXPECT_EQ(store.run([&] { return store->forward(nothing); }).or_raise().last, (StreamId{9, 7}));
  const model::Forwarding question{
      .source = "users", .target = "{roles:0}users.r", .from = {}, .to = {}, .entries = {}};
  EXPECT_EQ(store.run([&] { return store->forward(question); }).or_raise().last, (StreamId{9, 7}));
}

class OutboxesOnACluster : public testing::Test {
 protected:
  OutboxesOnACluster() {
    run([&] { local_ = std::make_unique<Local>(thread_, shared_); });
    run([&] { local_->server.load_functions().or_raise(); });
  }
  ~OutboxesOnACluster() override {
    run([&] { local_.reset(); });
  }
  void run(std::function<void()> work) { thread_.run("test", std::move(work)); }

  // What a commit does: adds to the outbox, and returns the id.
  StreamId publish(const std::string& text) {
    const auto outbox = keys::outbox(PARTITION, "users");
    Command command{"XADD", outbox, "*", "text", text};
    return StreamId::parse(local_->server.run(command.at(outbox)).or_raise().text).or_raise();
  }
  std::vector<std::string> published() {
    Command command{"XRANGE", "users", "-", "+"};
    std::vector<std::string> texts;
    for (const auto& entry : local_->server.run(command.at("users").repeatable()).or_raise().items)
      texts.push_back(entry.items.at(1).items.at(1).text);
    return texts;
  }

  redis::testing::RedisCluster cluster_{3};
  Shared shared_{parse_redis_url(cluster_.url()).or_raise()};
  fiber::IoThread thread_{"test"};
  std::unique_ptr<Local> local_;
};

TEST_F(OutboxesOnACluster, ReachTheTopicInOrderAndOnce) {
  run([&] {
    auto& outboxes = *local_->outboxes;
    outboxes.announce(PARTITION, "users").or_raise();
    publish("1");
    outboxes.forward(PARTITION, "users", publish("2")).or_raise();
    EXPECT_THAT(published(), ElementsAre("1", "2"));
    Outboxes of_another_process{local_->server, *local_->replication};
    of_another_process.forward_all(PARTITION).or_raise();
    outboxes.forward(PARTITION, "users", publish("3")).or_raise();
    EXPECT_THAT(published(), ElementsAre("1", "2", "3"));
  });
}

TEST_F(OutboxesOnACluster, ArePouredByWhoeverMaintainsThePartitionAfterACrash) {
  run([&] {
    local_->outboxes->announce(PARTITION, "users").or_raise();
    for (int i = 1; i <= 5; ++i) publish(std::to_string(i));
    Outboxes of_another_process{local_->server, *local_->replication};
    of_another_process.forward_all(PARTITION).or_raise();
    of_another_process.forward_all(PARTITION).or_raise();
    EXPECT_THAT(published(), ElementsAre("1", "2", "3", "4", "5"));
  });
}

TEST_F(OutboxesOnACluster, GiveATopicAgainWhatAFailOverHasTakenFromIt) {
  run([&] {
    auto& outboxes = *local_->outboxes;
    outboxes.announce(PARTITION, "users").or_raise();
    const auto first = publish("1");
    outboxes.forward(PARTITION, "users", first).or_raise();
    outboxes.forward(PARTITION, "users", publish("2")).or_raise();
    // The replica that takes over has neither the second entry nor the position behind it.
    const auto last = local_->server.run(Command{"XREVRANGE", "users", "+", "-", "COUNT", 1}.at("users")).or_raise();
    local_->server.run(Command{"XDEL", "users", last.items.at(0).items.at(0).text}.at("users")).or_raise();
    const auto positions = keys::poured("users");
    local_->server.run(Command{"HSET", positions, keys::outbox(PARTITION, "users"), first.text()}.at(positions))
        .or_raise();
    EXPECT_THAT(published(), ElementsAre("1"));
    outboxes.forward(PARTITION, "users", publish("3")).or_raise();
    EXPECT_THAT(published(), ElementsAre("1", "2", "3"));
  });
}

TEST_F(OutboxesOnACluster, DropWhatTheirTopicHasHadForAMinute) {
  run([&] {
    local_->outboxes->announce(PARTITION, "users").or_raise();
    const auto outbox = keys::outbox(PARTITION, "users");
    local_->server.run(Command{"XADD", outbox, "1-1", "text", "old"}.at(outbox)).or_raise();
    publish("new");
    local_->outboxes->forward_all(PARTITION).or_raise();
    EXPECT_THAT(published(), ElementsAre("old", "new"));
    EXPECT_EQ(local_->server.run(Command{"XLEN", outbox}.at(outbox)).or_raise().number, 1);
  });
}

TEST_F(OutboxesOnACluster, RefusePublishersOnceTooMuchWaitsForATopicThatTakesNothing) {
  const auto publishing = [](std::string topic, bool refusable) {
    model::Commit commit;
    commit.partition = PARTITION;
    commit.refusable = refusable;
    commit.publications.push_back({.topic = std::move(topic), .fields = text_fields("1"), .id = {}});
    return commit;
  };
  const auto code = [&](const model::Commit& commit) {
    const auto done = Committing{*local_, commit}.apply();
    return done ? std::nullopt : std::optional{done.error().code};
  };
  run([&] {
    auto& outboxes = *local_->outboxes;
    local_->server.run(Command{"SET", "users", "no stream"}.at("users")).or_raise();
    EXPECT_EQ(code(publishing("users", true)), std::nullopt);
    EXPECT_FALSE(outboxes.forward_all(PARTITION));
    EXPECT_EQ(code(publishing("users", true)), std::nullopt) << "little waits";

    const auto outbox = keys::outbox(PARTITION, "users");
    const char* const fill = "for i = 1, ARGV[1] do redis.call('XADD', KEYS[1], '*', 'text', i) end";
    local_->server.run(Command{"EVAL", fill, 1, outbox, OUTBOX_WAITING_MAX}.at(outbox)).or_raise();
    static_cast<void>(outboxes.forward_all(PARTITION));  // it may leave it alone, but looks at what waits there
    EXPECT_GE(shared_.backlogs.waiting(), OUTBOX_WAITING_MAX);
    EXPECT_EQ(code(publishing("users", true)), ErrorCode::overloaded);
    EXPECT_EQ(code(publishing("users", false)), std::nullopt) << "what was handled must be settled";
    EXPECT_EQ(code(publishing("others", true)), std::nullopt);

    local_->server.run(Command{"DEL", "users"}.at("users")).or_raise();
    const auto until = Clock::system().instant() + 60s;
    while (shared_.backlogs.waiting() > 0 && Clock::system().instant() < until) {
      this_fiber::sleep_for(50ms);
      static_cast<void>(outboxes.forward_all(PARTITION));
    }
    EXPECT_EQ(code(publishing("users", true)), std::nullopt);
    const auto length = local_->server.run(Command{"XLEN", "users"}.at("users").repeatable()).or_raise().number;
    EXPECT_EQ(static_cast<std::uint64_t>(length), OUTBOX_WAITING_MAX + 3) << "something was lost";
  });
}

TEST_F(OutboxesOnACluster, AreSharedByFibersThatForwardAtOnce) {
  run([&] {
    fiber::TaskGroup tasks;
    for (int i = 0; i < 20; ++i)
      tasks.spawn("forward",
                  [&, i] { local_->outboxes->forward(PARTITION, "users", publish(std::to_string(i))).or_raise(); });
    tasks.wait();
    EXPECT_EQ(published().size(), 20u);
  });
}

}  // namespace
}  // namespace tidemark::store
