// Writer: what stands on the wire, in either protocol.
#include "resp/writer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "resp/test_reading.hpp"

namespace tidemark::resp::test {
namespace {

using namespace std::string_view_literals;

std::string written(Protocol protocol, const std::function<void(Writer&)>& write) {
  std::string out;
  Writer writer{out, protocol};
  write(writer);
  return out;
}

TEST(Writer, writes_each_type_as_either_protocol_has_it) {
  struct Case {
    std::function<void(Writer&)> write;
    std::string_view resp2, resp3;
  };
  const Case cases[] = {
      {[](Writer& w) { w.simple("OK"); }, "+OK\r\n", "+OK\r\n"},
      {[](Writer& w) { w.error("ERR a\r\nb"); }, "-ERR a  b\r\n", "-ERR a  b\r\n"},
      {[](Writer& w) { w.bulk("a\0b"sv); }, "$3\r\na\0b\r\n"sv, "$3\r\na\0b\r\n"sv},
      {[](Writer& w) { w.bulk(""); }, "$0\r\n\r\n", "$0\r\n\r\n"},
      {[](Writer& w) { w.verbatim("# a", "mkd"); }, "$3\r\n# a\r\n", "=7\r\nmkd:# a\r\n"},
      {[](Writer& w) { w.big_number("12345678901234567890"); }, "$20\r\n12345678901234567890\r\n",
       "(12345678901234567890\r\n"},
      {[](Writer& w) { w.integer(std::numeric_limits<std::int64_t>::min()); }, ":-9223372036854775808\r\n",
       ":-9223372036854775808\r\n"},
      {[](Writer& w) { w.boolean(true); }, ":1\r\n", "#t\r\n"},
      {[](Writer& w) { w.boolean(false); }, ":0\r\n", "#f\r\n"},
      {[](Writer& w) { w.real(0.1); }, "$3\r\n0.1\r\n", ",0.1\r\n"},
      {[](Writer& w) { w.real(-INFINITY); }, "$4\r\n-inf\r\n", ",-inf\r\n"},
      {[](Writer& w) { w.real(-NAN); }, "$3\r\nnan\r\n", ",nan\r\n"},
      {[](Writer& w) { w.null(); }, "$-1\r\n", "_\r\n"},
      {[](Writer& w) { w.null_array(); }, "*-1\r\n", "_\r\n"},
      {[](Writer& w) { w.begin_array(1).integer(1); }, "*1\r\n:1\r\n", "*1\r\n:1\r\n"},
      {[](Writer& w) { w.begin_set(1).integer(1); }, "*1\r\n:1\r\n", "~1\r\n:1\r\n"},
      {[](Writer& w) { w.begin_map(1).bulk("a").integer(1); }, "*2\r\n$1\r\na\r\n:1\r\n", "%1\r\n$1\r\na\r\n:1\r\n"},
      {[](Writer& w) { w.begin_push(1).bulk("a"); }, "*1\r\n$1\r\na\r\n", ">1\r\n$1\r\na\r\n"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(written(Protocol::resp2, one.write), one.resp2);
    EXPECT_EQ(written(Protocol::resp3, one.write), one.resp3);
    EXPECT_EQ(read_values({one.resp2}).values.size(), 1U) << one.resp2;
  }
}

TEST(Writer, writes_requests) {
  std::string out = "+before\r\n";
  const std::string_view arguments[] = {"SET", "key", ""};
  write_request(out, arguments);
  EXPECT_EQ(out, "+before\r\n*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$0\r\n\r\n");
}

}  // namespace
}  // namespace tidemark::resp::test
