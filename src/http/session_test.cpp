#include "http/session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "base/random.hpp"
#include "http/session_driver.hpp"

namespace tidemark::http {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(Session, hands_out_what_the_client_sent) {
  const auto outcome = run({"POST /a%20b?x=1&y HTTP/1.1\r\nHost: x\r\nA:  b \r\nContent-Length: 4\r\n\r\nbody"});
  EXPECT_THAT(outcome.requests, testing::ElementsAre("POST /a b?x=1&y|Host=x|A=b|Content-Length=4|body"));
  EXPECT_EQ(outcome.written, answer_with("/a b"));
  EXPECT_FALSE(outcome.finished);
}

TEST(Session, keeps_the_raw_path_only_where_it_differs) {
  Session session{{}};
  put(session, "GET /a%2Fb HTTP/1.1\r\nHost: x\r\n\r\nGET /c HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto encoded = session.next(DATE);
  EXPECT_EQ(encoded->request.path, "/a/b");
  EXPECT_EQ(encoded->request.raw_path, "/a%2Fb");
  EXPECT_EQ(session.next(DATE)->request.raw_path, "");
}

TEST(Session, joins_the_chunks_and_leaves_out_the_trailer) {
  const auto outcome =
      run({"PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n"});
  EXPECT_THAT(outcome.requests, testing::ElementsAre("PUT /?|Host=x|Transfer-Encoding=chunked|abcde"));
}

TEST(Session, answers_in_the_order_of_the_requests) {
  Session session{{}};
  put(session,
      "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\nGET /3 HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto first = session.next(DATE), second = session.next(DATE), third = session.next(DATE);
  session.answer(third->ticket, Response::text("three"), DATE);
  session.answer(second->ticket, Response::text("two"), DATE);
  EXPECT_FALSE(session.has_output());
  session.answer(first->ticket, Response::text("one"), DATE);
  EXPECT_EQ(take_output(session), answer_with("one") + answer_with("two") + answer_with("three"));
}

TEST(Session, keeps_answers_in_order_whatever_the_order_of_their_making) {
  const std::uint64_t seed = thread_random().next();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random{seed};
  for (int round = 0; round < 200; ++round) {
    Session session{{}};
    std::string input, expected, written;
    std::vector<Session::Ticket> open;
    const std::size_t count = 1 + random.below(12);
    for (std::size_t i = 0; i < count; ++i) {
      input += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
      expected += answer_with(std::string(random.below(2) == 0 ? 3 : 20'000, static_cast<char>('a' + i)));
    }
    put(session, input);
    std::vector<std::string> bodies;
    for (std::size_t i = 0, at = 0; i < count; ++i) {
      open.push_back(session.next(DATE)->ticket);
      const auto body = expected.find("\r\n\r\n", at) + 4;
      const auto end = std::min(expected.find("HTTP/1.1", body), expected.size());
      bodies.push_back(expected.substr(body, end - body));
      at = end;
    }
    while (!open.empty()) {
      const std::size_t which = random.below(open.size());
      const auto ticket = open[which];
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(which));
      Response response = Response::text(bodies[ticket]);
      if (random.below(2) == 0) {
        response.shared_body = std::make_shared<const std::string>(std::move(response.body));
      }
      session.answer(ticket, std::move(response), DATE);
      if (random.below(2) == 0) written += take_output(session);
    }
    written += take_output(session);
    ASSERT_EQ(written, expected);
  }
}

TEST(Session, writes_from_where_a_partial_write_ended) {
  Session session{{}};
  put(session, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
  session.answer(session.next(DATE)->ticket, Response::text(std::string(40'000, 'x')), DATE);
  std::string written;
  std::array<std::string_view, 1> piece;
  while (session.has_output()) {
    ASSERT_EQ(session.gather(piece), 1U);
    const auto part = piece[0].substr(0, 1000);
    written += part;
    session.written(part.size());
  }
  EXPECT_EQ(written, answer_with(std::string(40'000, 'x')));
}

TEST(Session, closes_after_the_answer_when_the_client_asks_for_it) {
  const auto outcome =
      run({"GET /1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n"});
  EXPECT_EQ(outcome.requests.size(), 1U);
  EXPECT_EQ(outcome.written, answer_with("/1", "Connection: close\r\n"));
  EXPECT_TRUE(outcome.finished);
}

TEST(Session, tells_http_1_0_what_becomes_of_the_connection) {
  EXPECT_EQ(run({"GET /1 HTTP/1.0\r\n\r\n"}).written, answer_with("/1", "Connection: close\r\n"));
  const auto kept = run({"GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"});
  EXPECT_EQ(kept.written, answer_with("/1", "Connection: keep-alive\r\n"));
  EXPECT_FALSE(kept.finished);
}

TEST(Session, answers_head_with_the_length_and_without_the_body) {
  const auto outcome = run({"HEAD /abc HTTP/1.1\r\nHost: x\r\n\r\n"});
  EXPECT_THAT(outcome.written, HasSubstr("Content-Length: 4\r\n\r\n"));
  EXPECT_THAT(outcome.written, Not(HasSubstr("/abc")));
}

TEST(Session, sends_no_length_and_no_body_with_204_and_304) {
  for (const int status : {204, 304}) {
    Session session{{}};
    put(session, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    Response response = Response::empty(status);
    response.body = "must not be seen";
    session.answer(session.next(DATE)->ticket, std::move(response), DATE);
    const std::string written = take_output(session);
    EXPECT_THAT(written, Not(HasSubstr("Content-Length")));
    EXPECT_TRUE(written.ends_with("\r\n\r\n")) << written;
  }
}

TEST(Session, lets_no_header_value_end_the_head) {
  Session session{{}};
  put(session, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  session.answer(
      session.next(DATE)->ticket,
      Response::text("b").with("Location", "/x\r\nSet-Cookie: a=b").with("Bad Name", "x").with("Content-Length", "9"),
      DATE);
  const std::string written = take_output(session);
  EXPECT_THAT(written, HasSubstr("Location: /x  Set-Cookie: a=b\r\n"));
  EXPECT_THAT(written, Not(HasSubstr("Bad Name")));
  EXPECT_THAT(written, Not(HasSubstr("Content-Length: 9")));
}

struct RefusalCase {
  std::string input;
  int status;
  std::string code;
  std::string said = "";
};

TEST(Session, refuses_with_a_problem_and_closes) {
  SessionLimits limits;
  limits.target_bytes_max = 60;
  limits.header_bytes_max = 200;
  limits.header_count_max = 3;
  limits.body_bytes_max = 4;
  const std::string post = "POST / HTTP/1.1\r\nHost: x\r\n";
  const std::vector<RefusalCase> cases{
      {"GARBAGE\r\n\r\n", 400, "malformed"},
      {"GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505, "http_version_not_supported"},
      {"TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", 501, "not_implemented"},
      {"GET /" + std::string(60, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 414, "too_large", "60 bytes"},
      {"GET /" + std::string(200, 'a'), 414, "too_large", "60 bytes"},
      {"GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(200, 'a'), 431, "too_large", "200 bytes"},
      {"GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\nB: 1\r\nC: 1\r\n\r\n", 431, "too_large", "3 header fields"},
      {post + "Content-Length: 5\r\n\r\n", 413, "too_large", "4 bytes"},
      {post + "Content-Length: 99999999999999999999\r\n\r\n", 400, "malformed"},
      {post + "Transfer-Encoding: chunked\r\n\r\n5\r\n", 413, "too_large", "4 bytes"},
      {post + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400, "malformed"},
      {post + "Transfer-Encoding: identity\r\n\r\n", 501, "not_implemented"},
      {post + "Expect: tea\r\n\r\n", 417, "expectation_failed"},
      {"GET / HTTP/1.1\r\n\r\n", 400, "malformed"},
  };
  for (const auto& c : cases) {
    const auto outcome = run({c.input}, limits);
    EXPECT_EQ(outcome.refused_with, c.status) << c.input;
    EXPECT_TRUE(outcome.requests.empty()) << c.input;
    EXPECT_TRUE(outcome.finished) << c.input;
    EXPECT_THAT(outcome.written, StartsWith("HTTP/1.1 " + std::to_string(c.status) + ' ')) << c.input;
    EXPECT_THAT(outcome.written, HasSubstr("Content-Type: application/problem+json\r\n"));
    EXPECT_THAT(outcome.written, HasSubstr("Connection: close\r\n"));
    EXPECT_THAT(outcome.written, HasSubstr("\"code\":\"" + c.code + '"')) << c.input;
    EXPECT_THAT(outcome.written, HasSubstr(c.said)) << c.input;
  }
}

TEST(Session, answers_what_came_before_what_it_refuses) {
  Session session{{}};
  put(session, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGARBAGE\r\n\r\n");
  const auto first = session.next(DATE);
  EXPECT_EQ(session.next(DATE), std::nullopt);
  EXPECT_FALSE(session.has_output());
  session.answer(first->ticket, Response::text("one"), DATE);
  EXPECT_THAT(take_output(session), StartsWith(answer_with("one") + "HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_TRUE(session.finished());
}

TEST(Session, invites_a_body_that_waits_for_it) {
  Session session{{}};
  put(session, "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(session.next(DATE), std::nullopt);
  EXPECT_EQ(take_output(session), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(session.next(DATE), std::nullopt);
  EXPECT_FALSE(session.has_output());
  put(session, "ab");
  EXPECT_EQ(session.next(DATE)->request.body, "ab");
}

TEST(Session, invites_no_body_before_earlier_answers) {
  Session session{{}};
  put(session,
      "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: "
      "2\r\n\r\n");
  const auto first = session.next(DATE);
  EXPECT_EQ(session.next(DATE), std::nullopt);
  EXPECT_FALSE(session.has_output());
  session.answer(first->ticket, Response::text("one"), DATE);
  EXPECT_EQ(take_output(session), answer_with("one") + "HTTP/1.1 100 Continue\r\n\r\n");
}

TEST(Session, refuses_a_body_over_the_limit_without_inviting_it) {
  SessionLimits limits;
  limits.body_bytes_max = 1;
  const auto outcome = run({"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"}, limits);
  EXPECT_THAT(outcome.written, StartsWith("HTTP/1.1 413 "));
}

TEST(Session, reads_no_more_than_it_may_have_in_flight) {
  SessionLimits limits;
  limits.pipelined_max = 2;
  Session session{limits};
  std::string input;
  for (int i = 0; i < 5; ++i) input += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  put(session, input);
  const auto first = session.next(DATE), second = session.next(DATE);
  EXPECT_EQ(session.next(DATE), std::nullopt);
  EXPECT_FALSE(session.wants_input());
  session.answer(first->ticket, Response::text("one"), DATE);
  EXPECT_TRUE(session.wants_input());
  EXPECT_EQ(session.next(DATE)->request.path, "/2");
  session.answer(second->ticket, Response::text("two"), DATE);
}

TEST(Session, reads_no_more_while_the_client_takes_nothing) {
  SessionLimits limits;
  limits.output_bytes_max = 1000;
  Session session{limits};
  put(session, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  session.answer(session.next(DATE)->ticket, Response::text(std::string(1000, 'x')), DATE);
  EXPECT_EQ(session.next(DATE), std::nullopt);
  take_output(session);
  EXPECT_EQ(session.next(DATE)->request.path, "/2");
}

// Answers that waited for an earlier one did not count, so behind a stream any number of bytes could pile up.
TEST(Session, reads_no_more_while_answers_wait_for_an_earlier_one) {
  SessionLimits limits;
  limits.output_bytes_max = 1000;
  Session session{limits};
  put(session,
      "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\nGET /3 HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto first = session.next(DATE), second = session.next(DATE);
  session.answer(second->ticket, Response::text(std::string(1000, 'x')), DATE);
  EXPECT_FALSE(session.wants_input());
  EXPECT_EQ(session.next(DATE), std::nullopt);
  session.answer(first->ticket, Response::text("one"), DATE);
  take_output(session);
  EXPECT_EQ(session.next(DATE)->request.path, "/3");
}

// A client that sent 63 requests for a large page at once, and read nothing, had 63 large answers made.
TEST(Session, begins_a_request_only_when_few_are_without_an_answer) {
  SessionLimits limits;
  limits.running_max = 2;
  Session session{limits};
  std::string input;
  for (int i = 0; i < 4; ++i) input += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  put(session, input);
  const auto first = session.next(DATE), second = session.next(DATE);
  EXPECT_EQ(session.next(DATE), std::nullopt);
  session.answer(second->ticket, Response::text("two"), DATE);
  const auto third = session.next(DATE);
  EXPECT_EQ(third->request.path, "/2");
  EXPECT_EQ(session.next(DATE), std::nullopt);
  session.answer(first->ticket, Response::text("one"), DATE);
  EXPECT_EQ(session.next(DATE)->request.path, "/3");
  session.answer(third->ticket, Response::text("three"), DATE);
}

TEST(Session, streams_in_chunks_and_goes_on_afterwards) {
  Session session{{}};
  put(session, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto first = session.next(DATE), second = session.next(DATE);
  session.answer(second->ticket, Response::text("two"), DATE);
  session.begin_stream(first->ticket, Response::server_sent_events({}), DATE);
  EXPECT_THAT(take_output(session), HasSubstr("Transfer-Encoding: chunked\r\n"));
  session.stream(first->ticket, "0123456789abcdef");
  EXPECT_EQ(take_output(session), "10\r\n0123456789abcdef\r\n");
  EXPECT_EQ(session.backlog(first->ticket), 0U);
  session.end_stream(first->ticket);
  EXPECT_EQ(take_output(session), "0\r\n\r\n" + answer_with("two"));
}

TEST(Session, holds_a_stream_back_behind_earlier_answers) {
  Session session{{}};
  put(session, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto first = session.next(DATE), second = session.next(DATE);
  session.begin_stream(second->ticket, Response::server_sent_events({}), DATE);
  session.stream(second->ticket, "abc");
  EXPECT_FALSE(session.has_output());
  EXPECT_GT(session.backlog(second->ticket), 3U);
  session.answer(first->ticket, Response::text("one"), DATE);
  const std::string written = take_output(session);
  EXPECT_THAT(written, StartsWith(answer_with("one")));
  EXPECT_TRUE(written.ends_with("3\r\nabc\r\n"));
  session.stream(second->ticket, "d");
  EXPECT_EQ(take_output(session), "1\r\nd\r\n");
}

TEST(Session, ends_a_stream_to_http_1_0_with_the_connection) {
  Session session{{}};
  put(session, "GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const auto first = session.next(DATE);
  session.begin_stream(first->ticket, Response::server_sent_events({}), DATE);
  session.stream(first->ticket, "abc");
  session.end_stream(first->ticket);
  const std::string written = take_output(session);
  EXPECT_THAT(written, HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(written.ends_with("\r\n\r\nabc")) << written;
  EXPECT_TRUE(session.finished());
}

TEST(Session, closes_when_the_client_has_sent_its_last) {
  Session session{{}};
  put(session, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /half");
  const auto first = session.next(DATE);
  EXPECT_EQ(session.next(DATE), std::nullopt);
  session.received_end();
  EXPECT_FALSE(session.finished());
  session.answer(first->ticket, Response::text("one"), DATE);
  EXPECT_EQ(take_output(session), answer_with("one", "Connection: close\r\n"));
  EXPECT_TRUE(session.finished());
}

TEST(Session, says_408_only_in_the_middle_of_a_request) {
  Session idle{{}};
  idle.time_out(DATE);
  EXPECT_TRUE(idle.finished());
  Session slow{{}};
  put(slow, "GET / HT");
  EXPECT_EQ(slow.next(DATE), std::nullopt);
  slow.time_out(DATE);
  EXPECT_THAT(take_output(slow), StartsWith("HTTP/1.1 408 "));
  EXPECT_TRUE(slow.finished());
}

TEST(Session, says_close_with_the_last_answer_when_draining) {
  Session session{{}};
  put(session, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto first = session.next(DATE), second = session.next(DATE);
  session.close_after_answers();
  put(session, "GET /3 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(session.next(DATE), std::nullopt);
  session.answer(second->ticket, Response::text("two"), DATE);
  session.answer(first->ticket, Response::text("one"), DATE);
  EXPECT_EQ(take_output(session), answer_with("one") + answer_with("two", "Connection: close\r\n"));
  EXPECT_TRUE(session.finished());
}

}  // namespace
}  // namespace tidemark::http
