// What is JSON and what is not: for read() and validate() alike.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "json/json.hpp"
#include "json/test_generators.hpp"

namespace tidemark::json::test {
namespace {

// "JSON", or the message of what is wrong with the text.
std::string verdict(const std::string& text) {
  const auto validated = validate(text);
  if (validated) return "JSON";
  EXPECT_EQ(validated.error().code, ErrorCode::malformed);
  return validated.error().text();
}

TEST(Parser, TakesAnyJson) {
  for (const char* text : {"null", "true", "0", "-0", "1.5e+3", "\"\"", "[]", "{}", " [ 1 , {\"a\":[]} ] ",
                           "123456789012345678901234567890", "{\"a\":1,\"a\":2}", "\"\\u0000\"", "\"\\ud83d\\ude00\""})
    EXPECT_EQ(verdict(text), "JSON") << text;
}

TEST(Parser, RefusesWhatIsNotJson) {
  const std::string cases[] = {"",
                               " ",
                               "nul",
                               "True",
                               "NaN",
                               "Infinity",
                               "-",
                               "01",
                               "1.",
                               ".5",
                               "+1",
                               "1e",
                               "0x1",
                               "'a'",
                               "\"a",
                               "\"\\x\"",
                               "\"\\u12\"",
                               "\"a\nb\"",
                               "[1,]",
                               "[1 2]",
                               "[",
                               "]",
                               "{",
                               "}",
                               "{\"a\":1,}",
                               "{\"a\"}",
                               "{a:1}",
                               "{\"a\":}",
                               "{1:1}",
                               "1 2",
                               "{} {}",
                               "[1]x",
                               "// c\n1",
                               "\"\\ud83d\"",
                               "\"\\ude00\"",
                               "\"\\ud83dx\"",
                               "{\"\\uDE00\":1}",
                               "[}",
                               "{]",
                               "nullx",
                               "truefalse"};
  for (const auto& text : cases) {
    EXPECT_NE(verdict(text), "JSON") << text;
    EXPECT_EQ(json::from_json<std::vector<int>>("[" + text + "]").has_value(), text.empty() || text == " ") << text;
  }
}

TEST(Parser, RefusesNumbersThatNoDoubleCanHold) {
  EXPECT_EQ(verdict("[1e999]"), "not JSON: Number too big to be stored in double (line 1, column 2)");
  EXPECT_EQ(verdict("1e-999"), "JSON");
}

TEST(Parser, RefusesBytesThatAreNotUtf8) {
  EXPECT_EQ(verdict("\"a\xFF\""), "not JSON: bytes that are not UTF-8 (line 1, column 3)");
  EXPECT_NE(verdict("\"\xC0\x80\""), "JSON") << "overlong";
  EXPECT_NE(verdict("\"\xED\xA0\x80\""), "JSON") << "a surrogate";
  EXPECT_NE(verdict("\"\xF4\x90\x80\x80\""), "JSON") << "above U+10FFFF";
  EXPECT_NE(verdict("\"\xE2\x82\""), "JSON") << "half a character";
}

// RapidJSON looks at strings in blocks of 16 bytes, and there let 0x1A to 0x1F pass.
TEST(Parser, RefusesControlCharactersWhereverTheyStand) {
  for (char control = 1; control < ' '; ++control) {
    for (std::size_t at = 1; at < 40; ++at) {
      std::string text = '"' + std::string(40, 'x') + '"';
      text[at] = control;
      EXPECT_NE(verdict(text), "JSON") << int{control} << " at " << at;
    }
  }
  EXPECT_EQ(verdict("[\t1,\r\n2 ]"), "JSON");
}

TEST(Parser, RefusesNulBytesAndWhatComesBehindThem) {
  EXPECT_EQ(verdict(std::string("{}\0{}", 5)), "not JSON: a NUL byte (line 1, column 3)");
  EXPECT_EQ(verdict(std::string("\"a\0b\"", 5)), "not JSON: a NUL byte (line 1, column 3)");
  EXPECT_EQ(verdict(std::string("1\0", 2)), "not JSON: a NUL byte (line 1, column 2)");
}

TEST(Parser, SaysWhereTheTextIsWrong) {
  EXPECT_EQ(verdict("{\n  \"é\": tru\n}"), "not JSON: Invalid value (line 2, column 11)");
  EXPECT_EQ(verdict("[1,\n2,\n\n3"), "not JSON: Missing a comma or ']' after an array element (line 4, column 2)");
}

TEST(Parser, LimitsTheDepth) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(verdict(nested(64)), "JSON");
  EXPECT_EQ(verdict(nested(65)), "not JSON: nested deeper than 64 levels (line 1, column 65)");
  EXPECT_TRUE(validate(nested(3), 3));
  EXPECT_FALSE(validate(nested(4), 3));
  EXPECT_TRUE(json::from_json<Empty>("{\"a\":" + nested(63) + "}"));
  EXPECT_FALSE(json::from_json<Empty>("{\"a\":" + nested(64) + "}"));
  EXPECT_FALSE(json::from_json<Empty>("{\"a\":" + nested(4) + "}", {.depth_max = 4}));
}

TEST(Parser, SurvivesDepthBombs) {
  std::string objects;
  for (int i = 0; i < 400'000; ++i) objects += "{\"a\":";
  for (const auto& bomb : {std::string(2'000'000, '['), objects}) {
    EXPECT_FALSE(validate(bomb));
    EXPECT_FALSE(json::from_json<Tree>(bomb));
    EXPECT_FALSE(json::from_json<Empty>("{\"unknown\":" + bomb));
    EXPECT_FALSE(json::from_json<Payment>("{\"unknown\":" + bomb));
  }
}

TEST(Parser, ReadsTheSameTextAfterAFailure) {
  EXPECT_FALSE(json::from_json<Tree>(R"({"name":"a","children":[{"name":"b","children":[{"x")"));
  const auto tree = json::from_json<Tree>(R"({"name":"a","children":[{"name":"b","children":[]}]})");
  ASSERT_TRUE(tree) << tree.error().text();
  EXPECT_EQ(tree->children.at(0).name, "b");
}

TEST(Parser, ReadsEveryPrefixOfATextToAnError) {
  const std::string text =
      R"({"id":"a\u00e9","items":[{"product_id":"p","quantity":12,"price":1.25}],"votes":{"x":[1]},)"
      R"("gaps":[null],"grid":[[1e5]],"payment":{"iban":"D","type":"Transfer"}})";
  ASSERT_TRUE(json::from_json<Order>(text));
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(json::from_json<Order>(text.substr(0, size))) << size;
}

// A text with some bytes changed, dropped or repeated.
std::string damaged(std::string text) {
  for (int left = *rc::gen::inRange(1, 4); left > 0; --left) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    const auto noise =
        *rc::gen::element<std::string>("", "\"", "{", "}", "[", "]", ",", ":", "\\", "0", "-", "null", "\xE9", " ");
    text.replace(at, *rc::gen::inRange<std::size_t>(0, 3), noise);
    if (text.empty()) text = "{}";
  }
  return text;
}

RC_GTEST_PROP(Parser, AgreesWithItselfOnDamagedText, ()) {
  const auto text = damaged(*json::to_json(any_order()));
  if (json::from_json<Order>(text)) RC_ASSERT(validate(text).has_value());
  // What goes into a struct without members is only checked to be JSON.
  const auto wrapped = "{\"a\":" + text + '}';
  RC_ASSERT(json::from_json<Empty>(wrapped).has_value() == validate(wrapped).has_value());
}

}  // namespace
}  // namespace tidemark::json::test
