// RequestReader: arrays and inline commands, every split, every limit, and what is no request.
#include "resp/request_reader.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "resp/test_generators.hpp"
#include "resp/test_reading.hpp"
#include "resp/writer.hpp"

namespace tidemark::resp::test {
namespace {

using Words = std::vector<std::string>;

std::vector<Words> requests_of(std::string_view bytes) {
  const Requests read = read_requests({bytes});
  EXPECT_EQ(read.failure, "") << bytes;
  EXPECT_TRUE(read.is_whole) << bytes;
  return read.requests;
}

std::string bytes_of(const Words& request) {
  std::string bytes;
  const std::vector<std::string_view> views{request.begin(), request.end()};
  write_request(bytes, views);
  return bytes;
}

TEST(RequestReader, reads_arrays_of_bulk_strings) {
  EXPECT_EQ(requests_of("*1\r\n$4\r\nPING\r\n"), (std::vector<Words>{{"PING"}}));
  EXPECT_EQ(requests_of("*3\r\n$3\r\nSET\r\n$0\r\n\r\n$4\r\n\r\n\r\n\r\n"),
            (std::vector<Words>{{"SET", "", "\r\n\r\n"}}));
  EXPECT_EQ(requests_of("*1\r\n$1\r\na\r\n*1\r\n$1\r\nb\r\n"), (std::vector<Words>{{"a"}, {"b"}}));
}

TEST(RequestReader, skips_empty_requests) {
  EXPECT_EQ(requests_of("*0\r\n*-1\r\n\r\n  \r\n*1\r\n$1\r\na\r\n"), (std::vector<Words>{{"a"}}));
}

TEST(RequestReader, reads_inline_commands) {
  EXPECT_EQ(requests_of("PING\r\n"), (std::vector<Words>{{"PING"}}));
  EXPECT_EQ(requests_of("  set\tkey   value \n"), (std::vector<Words>{{"set", "key", "value"}}));
  EXPECT_EQ(requests_of("set \"a key\" \"x\\x41\\n\\\"\\\\\\q\" 'it\\'s\\n' \"\"\r\n"),
            (std::vector<Words>{{"set", "a key", "xA\n\"\\q", "it's\\n", ""}}));
  EXPECT_EQ(requests_of("PING\r\n*1\r\n$1\r\na\r\nPING\r\n"), (std::vector<Words>{{"PING"}, {"a"}, {"PING"}}));
}

TEST(RequestReader, arguments_are_views_into_its_buffer) {
  RequestReader reader;
  const auto room = reader.prepare();
  const std::string bytes = bytes_of({"SET", "key"});
  std::memcpy(room.data(), bytes.data(), bytes.size());
  reader.received(bytes.size());
  const Request request = *reader.next();
  ASSERT_EQ(request.size(), 2U);
  EXPECT_EQ(request[0].data(), room.data() + 8);
  EXPECT_EQ(request[1], "key");
}

TEST(RequestReader, holds_requests_larger_than_its_buffer) {
  const Words large{"SET", "key", std::string(3'000'000, 'x')};
  std::string bytes = bytes_of({"PING"}) + bytes_of(large) + bytes_of({"PING"});
  EXPECT_EQ(requests_of(bytes), (std::vector<Words>{{"PING"}, large, {"PING"}}));
}

struct Wrong {
  const char* bytes;
  const char* message;
};

TEST(RequestReader, refuses_what_is_no_request) {
  const Wrong cases[] = {
      {"*1\r\n:1\r\n", "arguments must be bulk strings ('$'), not ':', at offset 4"},
      {"*x\r\n", "'x' is no number of arguments, at offset 0"},
      {"*\r\n", "'' is no number of arguments, at offset 0"},
      {"*1\n", "a length must end with CR LF, at offset 0"},
      {"*1\r\n$-1\r\n", "'-1' is no length of an argument, at offset 4"},
      {"*1\r\n$1x\r\n", "'1x' is no length of an argument, at offset 4"},
      {"PING\r\n*1\r\n$1\r\nabc", "CR LF must follow an argument of 1 bytes, at offset 15"},
      {"*1\r\n$0000000000000000000000000000000001\r\n", "a length has more than 32 bytes, at offset 4"},
      {"*000000000000000000000000000000000000", "a length has more than 32 bytes, at offset 0"},
      {"set \"key\r\n", "a quote is not closed, at offset 4"},
      {"set 'key\\'\r\n", "a quote is not closed, at offset 4"},
      {"set \"a\"b\r\n", "a blank must follow a closing quote, at offset 7"},
  };
  for (const Wrong& wrong : cases) {
    const Requests whole = read_requests({wrong.bytes});
    EXPECT_EQ(whole.failure, std::string{"RESP: "} + wrong.message) << wrong.bytes;
    for (const auto& split : all_splits(wrong.bytes)) EXPECT_EQ(read_requests(split), whole) << wrong.bytes;
  }
}

Limits small_limits() { return {.elements_max = 4, .bulk_bytes_max = 20, .value_bytes_max = 50, .line_bytes_max = 30}; }

TEST(RequestReader, holds_its_limits) {
  const std::string bulk = "$20\r\n" + std::string(20, 'x') + "\r\n";
  const std::pair<std::string, const char*> cases[] = {
      {"*4\r\n", ""},
      {"*5\r\n", "a request has more than 4 arguments"},
      {"*9223372036854775807\r\n", "a request has more than 4 arguments"},
      {"*1\r\n" + bulk, ""},
      {"*1\r\n$21\r\n", "an argument is longer than 20 bytes"},
      {"*3\r\n" + bulk + bulk + "$10\r\n", ""},
      {"*3\r\n" + bulk + bulk + "$11\r\n", "the arguments are longer than 50 bytes together"},
      {"*2\r\n" + bulk + bulk + "*2\r\n" + bulk + bulk, ""},
      {"a b c d\r\n", ""},
      {"a b c d e\r\n", "a request has more than 4 arguments"},
      {std::string(29, 'x') + "\r\n", ""},
      {std::string(31, 'x') + "\r\n", "an inline command is longer than 30 bytes"},
      {std::string(31, 'x'), "an inline command is longer than 30 bytes"},
  };
  for (const auto& [bytes, message] : cases) {
    const Requests whole = read_requests({bytes}, small_limits());
    EXPECT_EQ(whole.failure.substr(0, whole.failure.find(", at")),
              *message == '\0' ? "" : std::string{"RESP: "} + message)
        << bytes;
    for (const auto& split : all_splits(bytes)) EXPECT_EQ(read_requests(split, small_limits()), whole) << bytes;
  }
}

RC_GTEST_PROP(RequestReaderProperties, reads_what_was_written_however_it_is_split, ()) {
  std::vector<Words> requests;
  std::string bytes;
  for (int i = *rc::gen::inRange(1, 5); i > 0; --i) bytes += bytes_of(requests.emplace_back(any_request()));
  RC_ASSERT(read_requests({bytes}).requests == requests);
  RC_ASSERT(read_requests(any_pieces(bytes)).requests == requests);
}

RC_GTEST_PROP(RequestReaderProperties, splits_of_damaged_bytes_change_nothing, ()) {
  std::string bytes = bytes_of(any_request()) + "set \"a\\x00b\" 'c d' e\r\n" + bytes_of(any_request());
  for (int i = *rc::gen::inRange(1, 4); i > 0; --i) {
    bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] =
        *rc::gen::oneOf(rc::gen::arbitrary<char>(), rc::gen::element('*', '$', '"', '\'', '\\', '1', '\r', '\n', ' '));
  }
  RC_ASSERT(read_requests(any_pieces(bytes)) == read_requests({bytes}));
  RC_ASSERT(read_requests(any_pieces(bytes), small_limits()) == read_requests({bytes}, small_limits()));
}

}  // namespace
}  // namespace tidemark::resp::test
