// ValueReader: every type, every split, every limit, and what is not RESP.
#include "resp/value_reader.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "resp/test_generators.hpp"
#include "resp/test_reading.hpp"
#include "resp/writer.hpp"

namespace tidemark::resp::test {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

Value text(Kind kind, std::string bytes) { return {.kind = kind, .text = std::move(bytes)}; }
Value integer(std::int64_t number) { return {.kind = Kind::integer, .number = number}; }
Value list(Kind kind, std::vector<Value> items) { return {.kind = kind, .items = std::move(items)}; }

Value only_value(std::string_view bytes) {
  const Values read = read_values({bytes});
  EXPECT_EQ(read.failure, "") << bytes;
  EXPECT_EQ(read.values.size(), 1U) << bytes;
  EXPECT_TRUE(read.is_whole) << bytes;
  return read.values.empty() ? Value{} : read.values[0];
}

TEST(ValueReader, reads_every_type) {
  EXPECT_EQ(only_value("+OK\r\n"), text(Kind::simple_string, "OK"));
  EXPECT_EQ(only_value("+\r\n"), text(Kind::simple_string, ""));
  EXPECT_EQ(only_value("+?\r\n"), text(Kind::simple_string, "?"));  // was taken for a streamed value
  EXPECT_EQ(only_value("-?\r\n"), text(Kind::error, "?"));
  EXPECT_EQ(only_value("-ERR no\r\n"), text(Kind::error, "ERR no"));
  EXPECT_EQ(only_value("!7\r\nERR\r\nno\r\n"), text(Kind::error, "ERR\r\nno"));
  EXPECT_EQ(only_value(":-42\r\n"), integer(-42));
  EXPECT_EQ(only_value(":+42\r\n"), integer(42));
  EXPECT_EQ(only_value(":-9223372036854775808\r\n"), integer(INT64_MIN));
  EXPECT_EQ(only_value("$5\r\na\r\n\0b\r\n"sv), text(Kind::bulk_string, "a\r\n\0b"s));
  EXPECT_EQ(only_value("$0\r\n\r\n"), text(Kind::bulk_string, ""));
  EXPECT_EQ(only_value("$-1\r\n"), Value{});
  EXPECT_EQ(only_value("*-1\r\n"), Value{});
  EXPECT_EQ(only_value("_\r\n"), Value{});
  EXPECT_EQ(only_value("#t\r\n"), (Value{.kind = Kind::boolean, .number = 1}));
  EXPECT_EQ(only_value("#f\r\n"), (Value{.kind = Kind::boolean, .number = 0}));
  EXPECT_EQ(only_value(",1.5\r\n"), (Value{.kind = Kind::real, .real = 1.5}));
  EXPECT_EQ(only_value(",10\r\n"), (Value{.kind = Kind::real, .real = 10}));
  EXPECT_EQ(only_value(",-1e-3\r\n"), (Value{.kind = Kind::real, .real = -0.001}));
  EXPECT_EQ(only_value(",inf\r\n"), (Value{.kind = Kind::real, .real = INFINITY}));
  EXPECT_EQ(only_value(",-inf\r\n"), (Value{.kind = Kind::real, .real = -INFINITY}));
  EXPECT_TRUE(std::isnan(only_value(",nan\r\n").real));
  EXPECT_EQ(only_value("(-3492890328409238509324850943850943825024385\r\n"),
            text(Kind::big_number, "-3492890328409238509324850943850943825024385"));
  EXPECT_EQ(only_value("=8\r\ntxt:a\r\nb\r\n"), text(Kind::verbatim, "a\r\nb"));
  EXPECT_EQ(only_value("*0\r\n"), list(Kind::array, {}));
  EXPECT_EQ(only_value("*2\r\n:1\r\n*1\r\n_\r\n"), list(Kind::array, {integer(1), list(Kind::array, {Value{}})}));
  EXPECT_EQ(only_value("~2\r\n:1\r\n:2\r\n"), list(Kind::set, {integer(1), integer(2)}));
  EXPECT_EQ(only_value("%1\r\n+a\r\n:1\r\n"), list(Kind::map, {text(Kind::simple_string, "a"), integer(1)}));
  EXPECT_EQ(only_value(">1\r\n+message\r\n"), list(Kind::push, {text(Kind::simple_string, "message")}));
}

TEST(ValueReader, drops_attributes) {
  EXPECT_EQ(only_value("|1\r\n+ttl\r\n:3600\r\n+value\r\n"), text(Kind::simple_string, "value"));
  EXPECT_EQ(only_value("|0\r\n:1\r\n"), integer(1));
  EXPECT_EQ(only_value("*2\r\n:1\r\n|1\r\n+a\r\n*1\r\n|0\r\n:9\r\n:2\r\n"),
            list(Kind::array, {integer(1), integer(2)}));
}

TEST(ValueReader, an_error_has_a_code) {
  EXPECT_EQ(only_value("-MOVED 1 127.0.0.1:1\r\n").error_code(), "MOVED");
  EXPECT_EQ(only_value("-ERR\r\n").error_code(), "ERR");
  EXPECT_EQ(only_value("+MOVED 1\r\n").error_code(), "");
}

TEST(ValueReader, takes_one_value_after_the_other) {
  const Values read = read_values({"+a\r\n:1\r\n>1\r\n+p\r\n$1\r\nb\r\n+unfinis"});
  EXPECT_EQ(read.values.size(), 4U);
  EXPECT_FALSE(read.is_whole);
}

// What is wrong, with the offset where it stands.
struct Wrong {
  const char* bytes;
  const char* message;
};

TEST(ValueReader, refuses_what_is_not_resp) {
  const Wrong cases[] = {
      {"x", "'x' begins no value, at offset 0"},
      {"+OK\r\n\r\n", "byte 0x0d begins no value, at offset 5"},
      {"HTTP/1.1 200 OK\r\n", "'H' begins no value, at offset 0"},
      {"+OK\n", "a line must end with CR LF and have neither within, at offset 0"},
      {"+O\rK\r\n", "a line must end with CR LF and have neither within, at offset 0"},
      {":\r\n", "'' is no integer of 64 bits, at offset 0"},
      {":1 \r\n", "'1 ' is no integer of 64 bits, at offset 0"},
      {":9223372036854775808\r\n", "'9223372036854775808' is no integer of 64 bits, at offset 0"},
      {":+-1\r\n", "'+-1' is no integer of 64 bits, at offset 0"},
      {",\r\n", "'' is no double, at offset 0"},
      {",1.5x\r\n", "'1.5x' is no double, at offset 0"},
      {",infinity\r\n", "'infinity' is no double, at offset 0"},
      {",nan(1)\r\n", "'nan(1)' is no double, at offset 0"},
      {",0x1p3\r\n", "'0x1p3' is no double, at offset 0"},
      {"(\r\n", "'' is no big number, at offset 0"},
      {"(-\r\n", "'-' is no big number, at offset 0"},
      {"(1.5\r\n", "'1.5' is no big number, at offset 0"},
      {"#T\r\n", "'T' is no boolean (t or f), at offset 0"},
      {"_0\r\n", "a null has text: '0', at offset 0"},
      {"$-2\r\n", "'-2' is no length of a string, at offset 0"},
      {"$\r\n", "'' is no length of a string, at offset 0"},
      {"$1x\r\n", "'1x' is no length of a string, at offset 0"},
      {"$99999999999999999999\r\n", "'99999999999999999999' is no length of a string, at offset 0"},
      {"!-1\r\n", "'-1' is no length of a string, at offset 0"},
      {"$3\r\nabcd\r\n", "CR LF must follow a string of 3 bytes, at offset 0"},
      {"$3\r\nabc\rd", "CR LF must follow a string of 3 bytes, at offset 0"},
      {"=3\r\ntxt\r\n", "a verbatim string must begin with its format, as \"txt:\", at offset 0"},
      {"=5\r\nabcde\r\n", "a verbatim string must begin with its format, as \"txt:\", at offset 0"},
      {"*-2\r\n", "'-2' is no number of elements, at offset 0"},
      {"%-1\r\n", "'-1' is no number of elements, at offset 0"},
      {"*1\r\n:1\r\n*2\r\n:1\r\n:x\r\n", "'x' is no integer of 64 bits, at offset 16"},
      {"*1\r\n>1\r\n", "a push message stands within another value, at offset 4"},
      {"$?\r\n", "streamed values are not read, at offset 0"},
      {"*?\r\n", "streamed values are not read, at offset 0"},
      {";4\r\n", "streamed values are not read, at offset 0"},
      {".\r\n", "streamed values are not read, at offset 0"},
  };
  for (const Wrong& wrong : cases) {
    const Values whole = read_values({wrong.bytes});
    EXPECT_EQ(whole.failure, std::string{"RESP: "} + wrong.message) << wrong.bytes;
    for (const auto& split : all_splits(wrong.bytes)) EXPECT_EQ(read_values(split), whole) << wrong.bytes;
  }
}

TEST(ValueReader, stays_failed) {
  ValueReader reader;
  std::string_view wrong = "x";
  EXPECT_EQ(reader.next(wrong).error().code, ErrorCode::malformed);
  std::string_view right = "+OK\r\n";
  EXPECT_EQ(reader.next(right).error().code, ErrorCode::malformed);
}

Limits small_limits() {
  return {.depth_max = 3, .elements_max = 10, .bulk_bytes_max = 20, .value_bytes_max = 50, .line_bytes_max = 25};
}

TEST(ValueReader, holds_its_limits) {
  const std::string bulk = "$20\r\n" + std::string(20, 'x') + "\r\n";
  const std::pair<std::string, const char*> cases[] = {
      {"*1\r\n*1\r\n*1\r\n:1\r\n", ""},
      {"*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "values are nested deeper than 3"},
      {"*1\r\n*1\r\n*1\r\n*0\r\n", "values are nested deeper than 3"},
      {"*10\r\n", ""},
      {"*11\r\n", "a value has more than 10 elements"},
      {"%5\r\n", ""},
      {"%6\r\n", "a value has more than 10 elements"},
      {"*9\r\n*1\r\n", ""},
      {"*9\r\n*2\r\n", "a value has more than 10 elements"},
      {"%9223372036854775807\r\n", "a value has more than 10 elements"},
      {bulk, ""},
      {"$21\r\n", "a string of 21 bytes is longer than 20"},
      {"$9223372036854775807\r\n", "a string of 9223372036854775807 bytes is longer than 20"},
      {"*3\r\n" + bulk + bulk + "+1234567890\r\n", ""},
      {"*3\r\n" + bulk + bulk + "+12345678901\r\n", "the strings of a value are longer than 50 bytes together"},
      {"*3\r\n" + bulk + bulk + "$11\r\n", "the strings of a value are longer than 50 bytes together"},
      {bulk + bulk + bulk, ""},
      {"+" + std::string(25, 'x') + "\r\n", ""},
      {"+" + std::string(26, 'x') + "\r\n", "a line is longer than 25 bytes"},
      {"+" + std::string(100, 'x'), "a line is longer than 25 bytes"},
      {"*9\r\n|1\r\n+a\r\n", "a value has more than 10 elements"},
  };
  for (const auto& [bytes, message] : cases) {
    const Values whole = read_values({bytes}, small_limits());
    EXPECT_EQ(whole.failure.substr(0, whole.failure.find(", at")),
              *message == '\0' ? "" : std::string{"RESP: "} + message)
        << bytes;
    for (const auto& split : all_splits(bytes)) EXPECT_EQ(read_values(split, small_limits()), whole) << bytes;
  }
}

TEST(ValueReader, a_claimed_length_reserves_nothing) {
  // Were it otherwise, the memory of this machine would not do.
  Limits limits;
  limits.elements_max = limits.bulk_bytes_max = limits.value_bytes_max = std::size_t{1} << 60;
  EXPECT_EQ(read_values({"*1000000000000000\r\n$1000000000000000000\r\nabc"}, limits).failure, "");
}

RC_GTEST_PROP(ValueReaderProperties, reads_what_was_written, ()) {
  const Value value = any_value(4);
  std::string bytes;
  Writer{bytes, Protocol::resp3}.value(value);
  const Values read = read_values({bytes});
  RC_ASSERT(read.failure == "");
  RC_ASSERT(read.values == std::vector{value});
}

RC_GTEST_PROP(ValueReaderProperties, splits_change_nothing, ()) {
  std::string bytes;
  for (int i = *rc::gen::inRange(1, 4); i > 0; --i) Writer{bytes, Protocol::resp3}.value(any_value(3));
  const Values whole = read_values({bytes});
  RC_ASSERT(whole.failure == "");
  RC_ASSERT(read_values(any_pieces(bytes)) == whole);
  const std::string_view beginning = std::string_view{bytes}.substr(0, 300);
  for (const auto& split : all_splits(beginning)) RC_ASSERT(read_values(split) == read_values({beginning}));
}

RC_GTEST_PROP(ValueReaderProperties, splits_of_damaged_bytes_change_nothing, ()) {
  std::string bytes;
  Writer{bytes, Protocol::resp3}.value(any_value(3));
  for (int i = *rc::gen::inRange(1, 4); i > 0; --i) {
    bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] =
        *rc::gen::oneOf(rc::gen::arbitrary<char>(), rc::gen::element('*', '$', '%', '|', '1', '-', '\r', '\n'));
  }
  // NaNs, which damage can make, are equal to nothing.
  const auto [values, failure, is_whole] = read_values(any_pieces(bytes), small_limits());
  const Values whole = read_values({bytes}, small_limits());
  RC_ASSERT(failure == whole.failure);
  RC_ASSERT(values.size() == whole.values.size());
  RC_ASSERT(is_whole == whole.is_whole);
}

}  // namespace
}  // namespace tidemark::resp::test
