// However the bytes of a client are split, a session makes the same of them.
#include <gtest/gtest.h>

#include <array>

#include "base/random.hpp"
#include "http/session_driver.hpp"

namespace tidemark::http {
namespace {

struct Case {
  std::string name;
  std::string input;
};

class SessionSplits : public testing::TestWithParam<Case> {};

TEST_P(SessionSplits, do_not_change_the_outcome) {
  const std::string_view input = GetParam().input;
  SessionLimits limits;
  limits.target_bytes_max = 60;
  limits.header_bytes_max = 200;
  limits.header_count_max = 6;
  limits.body_bytes_max = 40;
  const Outcome whole = run({input}, limits);
  EXPECT_TRUE(!whole.requests.empty() || whole.refused_with != 0) << "the case does nothing";
  for (std::size_t at = 1; at < input.size(); ++at) {
    const Outcome split = run({input.substr(0, at), input.substr(at)}, limits);
    EXPECT_EQ(split.requests, whole.requests) << "split at " << at;
    EXPECT_EQ(split.written, whole.written) << "split at " << at;
    EXPECT_EQ(split.refused_with, whole.refused_with) << "split at " << at;
    EXPECT_EQ(split.finished, whole.finished) << "split at " << at;
  }
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < input.size(); ++i) bytes.push_back(input.substr(i, 1));
  EXPECT_EQ(run(bytes, limits), whole) << "byte by byte";
}

INSTANTIATE_TEST_SUITE_P(
    , SessionSplits,
    testing::Values(
        Case{"get", "GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n"},
        Case{"encoded_path", "GET /a%2Fb%20c HTTP/1.1\r\nHost: x\r\n\r\n"},
        Case{"absolute_form", "GET http://x:8000/a?q HTTP/1.1\r\nHost: x\r\n\r\n"},
        Case{"asterisk", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"},
        Case{"post", "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"},
        Case{"empty_body", "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"},
        Case{"chunked",
             "PUT /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\n"
             "Trailer: t\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n"},
        Case{"pipelined",
             "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcHEAD /3 "
             "HTTP/1.1\r\nHost: x\r\n\r\nDELETE /4 HTTP/1.1\r\nHost: x\r\n\r\n"},
        Case{"empty_lines_between", "\r\nGET /1 HTTP/1.1\r\nHost: x\r\n\r\n\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n"},
        Case{"close", "GET /1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"},
        Case{"http_1_0", "GET /1 HTTP/1.0\r\n\r\n"},
        Case{"http_1_0_keep_alive", "GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n"},
        Case{"obs_fold", "GET /1 HTTP/1.1\r\nHost: x\r\nA: b\r\n  c\r\n\r\n"}, Case{"not_http", "GARBAGE\r\n\r\n"},
        Case{"http_2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
        Case{"unknown_method", "BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n"}, Case{"no_host", "GET /1 HTTP/1.1\r\n\r\n"},
        Case{"two_hosts", "GET /1 HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"},
        Case{"bad_target", "GET a HTTP/1.1\r\nHost: x\r\n\r\n"},
        Case{"fragment", "GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n"},
        Case{"bad_percent", "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n"},
        Case{"nul", "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n"}, Case{"not_utf8", "GET /%ff HTTP/1.1\r\nHost: x\r\n\r\n"},
        Case{"bare_line_feed", "GET / HTTP/1.1\nHost: x\n\n"},
        Case{"space_before_colon", "GET / HTTP/1.1\r\nHost : x\r\n\r\n"},
        Case{"long_target", "GET /" + std::string(70, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n"},
        Case{"long_header", "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(200, 'a') + "\r\n\r\n"},
        Case{"many_headers", "GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\nE: 1\r\nF: 1\r\n\r\n"},
        Case{"large_body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 41\r\n\r\n" + std::string(41, 'a')},
        Case{"large_chunks", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n" +
                                 std::string(32, 'a') + "\r\n9\r\n123456789\r\n0\r\n\r\n"},
        // The end of an empty body in pieces ended the process, in an assertion of Beast's.
        Case{"chunked_empty",
             "PUT /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /next HTTP/1.1\r\nHost: "
             "x\r\n\r\n"},
        Case{"chunked_odd_end", "PUT /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\n"},
        Case{"chunk_without_its_end",
             "PUT /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n"},
        Case{"chunk_of_65_bits",
             "PUT /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n"},
        Case{"quoted_chunk_extension",
             "PUT /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;a=\"\r\n0\r\n\"\r\n0\r\n\r\n"},
        Case{"bad_chunk", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n"},
        Case{"endless_chunk_extension",
             "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;a=" + std::string(250, 'a')},
        Case{"bad_length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1x\r\n\r\n"},
        Case{"two_lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"},
        Case{"length_and_chunked",
             "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        Case{"chunked_and_length",
             "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n"},
        Case{"other_coding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n"},
        Case{"chunked_not_last", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\n"},
        Case{"chunked_http_1_0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        Case{"other_expectation", "POST / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\nContent-Length: 1\r\n\r\na"},
        Case{"good_then_bad",
             "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGARBAGE / x\r\n\r\nGET /3 HTTP/1.1\r\nHost: x\r\n\r\n"}),
    [](const auto& instance) { return instance.param.name; });

TEST(SessionBytes, survives_any_bytes) {
  const std::uint64_t seed = thread_random().next();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random{seed};
  constexpr std::array<std::string_view, 14> WORDS{"GET ",
                                                   "POST ",
                                                   "/",
                                                   "/a%2f",
                                                   " HTTP/1.1",
                                                   "\r\n",
                                                   "\r\n\r\n",
                                                   "Host: x",
                                                   "Content-Length: 3",
                                                   "Transfer-Encoding: chunked",
                                                   "3\r\nabc\r\n",
                                                   "0\r\n\r\n",
                                                   "Expect: 100-continue",
                                                   "Connection: close"};
  for (int round = 0; round < 20'000; ++round) {
    std::string input;
    for (std::size_t n = random.below(24); n > 0; --n) {
      if (random.below(6) == 0) {
        input += static_cast<char>(random.below(256));
      } else {
        input += WORDS[random.below(WORDS.size())];
      }
    }
    std::vector<std::string_view> parts;
    for (std::string_view rest = input; !rest.empty();) {
      const std::size_t size = 1 + random.below(rest.size());
      parts.push_back(rest.substr(0, size));
      rest.remove_prefix(size);
    }
    const Outcome whole = run({input}), split = run(parts);
    ASSERT_EQ(split.requests, whole.requests) << testing::PrintToString(input);
    ASSERT_EQ(split.refused_with, whole.refused_with) << testing::PrintToString(input);
  }
}

}  // namespace
}  // namespace tidemark::http
