// Pipeline, without sockets: whatever is sent, answered and late in whatever order, each request ends once, with its
// own answer, or with the truth about whether it was sent.
#include "redis/pipeline.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "base/random.hpp"

namespace tidemark::redis {
namespace {

constexpr Instant START{std::chrono::milliseconds{1000}};

std::string bytes_of(int number) {
  std::string bytes;
  Command{"SET", "key", number}.write(bytes);
  return bytes;
}

std::string sent_by(Pipeline& pipeline) {
  std::string bytes = "what is left of the last time";
  pipeline.send_all(bytes);
  return bytes;
}

struct Ends {
  // How each request ended; a second end fails the test.
  std::map<int, std::string> log;
  Pipeline::OnOutcome of(int number) {
    return [this, number](const Outcome& outcome) {
      EXPECT_TRUE(log.emplace(number, outcome.value.text).second) << number << " ended twice";
    };
  }
  void tell(const std::vector<Pipeline::Ended>& all) {
    for (const auto& [on_outcome, was_sent] : all) on_outcome({.value = {.text = was_sent ? "sent" : "unsent"}});
  }
};

TEST(Pipeline, a_late_request_keeps_its_place_once_it_was_sent) {
  Pipeline pipeline;
  Ends ends;
  pipeline.add(Command{"SET", "key", 1}, START, ends.of(1));
  pipeline.add(Command{"SET", "key", 2}, Instant::max(), ends.of(2));
  EXPECT_EQ(pipeline.next_deadline(), START);
  EXPECT_EQ(sent_by(pipeline), bytes_of(1) + bytes_of(2));
  EXPECT_TRUE(pipeline.time_out(START - Duration{1}).empty());
  EXPECT_FALSE(pipeline.front_is_late());
  ends.tell(pipeline.time_out(START));
  EXPECT_EQ(ends.log.at(1), "sent");
  EXPECT_TRUE(pipeline.front_is_late());
  EXPECT_EQ(pipeline.size(), 1U);
  EXPECT_EQ(pipeline.next_deadline(), Instant::max());
  EXPECT_FALSE(pipeline.take_answered());
  pipeline.take_answered()({.value = {.text = "answer"}});
  EXPECT_EQ(ends.log.at(2), "answer");
  EXPECT_FALSE(pipeline.awaits_answer());
}

TEST(Pipeline, a_late_request_that_was_not_sent_never_is) {
  Pipeline pipeline;
  Ends ends;
  for (int i = 1; i <= 5; ++i) pipeline.add(Command{"SET", "key", i}, i % 2 == 0 ? START : Instant::max(), ends.of(i));
  ends.tell(pipeline.time_out(START));
  EXPECT_EQ(ends.log, (std::map<int, std::string>{{2, "unsent"}, {4, "unsent"}}));
  const std::string bytes = bytes_of(1) + bytes_of(3) + bytes_of(5);
  EXPECT_EQ(pipeline.unsent_bytes(), bytes.size());
  EXPECT_EQ(sent_by(pipeline), bytes);
  EXPECT_EQ(pipeline.unsent_bytes(), 0U);
}

// A server that answers each request with its own number, and a client that does anything.
void play(Random& random) {
  Pipeline pipeline;
  Ends ends;
  std::deque<int> at_server, unsent;
  std::map<int, Instant> deadlines;
  Instant now = START;
  int last = 0;
  for (int step = 0; step < 200; ++step) {
    switch (random.below(5)) {
      case 0:
      case 1: {
        const Instant deadline = random.below(3) == 0 ? now + Duration{random.below(20)} : Instant::max();
        deadlines[++last] = deadline;
        unsent.push_back(last);
        pipeline.add(Command{"SET", "key", last}, deadline, ends.of(last));
        break;
      }
      case 2: {
        std::string expected;
        for (const int number : unsent) {
          expected += bytes_of(number);
          at_server.push_back(number);
        }
        unsent.clear();
        ASSERT_EQ(pipeline.has_unsent(), !expected.empty());
        ASSERT_EQ(sent_by(pipeline), expected);
        break;
      }
      case 3: {
        ASSERT_EQ(pipeline.awaits_answer(), !at_server.empty());
        if (at_server.empty()) break;
        const int number = at_server.front();
        at_server.pop_front();
        const bool was_late = ends.log.count(number) > 0;
        ASSERT_EQ(pipeline.front_is_late(), was_late);
        const auto on_outcome = pipeline.take_answered();
        ASSERT_EQ(!on_outcome, was_late);
        if (on_outcome) on_outcome({.value = {.text = "answer"}});
        ASSERT_EQ(ends.log.at(number), was_late ? "sent" : "answer");
        break;
      }
      default:
        now += Duration{random.below(10)};
        ends.tell(pipeline.time_out(now));
        std::erase_if(unsent, [&](int number) { return deadlines.at(number) <= now; });
        for (const auto& [number, deadline] : deadlines) ASSERT_TRUE(deadline > now || ends.log.count(number) > 0);
    }
    ASSERT_EQ(pipeline.size(), static_cast<std::size_t>(last) - ends.log.size());
  }
  ends.tell(pipeline.end_all());
  ASSERT_EQ(ends.log.size(), static_cast<std::size_t>(last));
  for (const int number : unsent) ASSERT_EQ(ends.log.at(number), "unsent");
  for (const int number : at_server) ASSERT_EQ(ends.log.at(number), "sent");
}

TEST(Pipeline, ends_each_request_once_and_truly_whatever_happens) {
  const char* given = std::getenv("TIDEMARK_SEED");
  for (int round = 0; round < (given == nullptr ? 200 : 1); ++round) {
    const std::uint64_t seed = given == nullptr ? thread_random().next() : std::strtoull(given, nullptr, 10);
    SCOPED_TRACE("repeat it with TIDEMARK_SEED=" + std::to_string(seed));
    Random random{seed};
    play(random);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace tidemark::redis
