#include "json/writer.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "json/utf8.hpp"

namespace tidemark::json {
namespace {

TEST(Writer, ComposesNestedValues) {
  Writer w;
  w.begin_object().member("status", 404).key("items");
  w.begin_array().value("a").raw("{\"x\":1}").begin_object().end_object().begin_array().end_array().end_array();
  w.raw_member("more", "[]").end_object();
  EXPECT_EQ(w.text(), R"({"status":404,"items":["a",{"x":1},{},[]],"more":[]})");
}

TEST(Writer, WritesEveryKindOfValue) {
  Writer w;
  w.begin_array().value(true).value(nullptr).value(-1).value(UINT64_MAX).value(INT64_MIN).value(std::uint8_t{7});
  w.value(0.1).value(1.0 / 0.0).value(std::string{"s"}).value(std::string_view{"v"}).value(Money::from_minor(105));
  w.value(TimePoint{}).value(TimePoint::max()).end_array();
  EXPECT_EQ(std::move(w).text(),
            "[true,null,-1,18446744073709551615,-9223372036854775808,7,0.1,null,\"s\",\"v\",1.05,"
            "\"1970-01-01T00:00:00.000Z\",null]");
}

TEST(Writer, WritesASingleValue) {
  Writer w;
  w.value("alone");
  EXPECT_EQ(w.text(), "\"alone\"");
}

TEST(WriterDeathTest, AssertsThatTheTextIsWhole) {
  EXPECT_DEATH(Writer{}.begin_object().value(1), "no JSON value may stand|where none may stand");
  EXPECT_DEATH(Writer{}.begin_array().key("a"), "where none may stand");
  EXPECT_DEATH(Writer{}.begin_array().end_object(), "not open");
  EXPECT_DEATH(Writer{}.value(1).value(2), "where none may stand");
  EXPECT_DEATH((void)Writer{}.begin_array().text(), "not whole");
}

TEST(Quote, EscapesWhatItMust) {
  EXPECT_EQ(quote(""), "\"\"");
  EXPECT_EQ(quote("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(quote("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(quote(std::string_view("\0\x01\x1f\x7f", 4)), "\"\\u0000\\u0001\\u001f\x7f\"");
  EXPECT_EQ(quote("é €😀"), "\"é €😀\"");
}

TEST(Quote, EscapesAtEveryPositionOfAWord) {
  for (std::size_t length = 0; length < 20; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      std::string text(length, 'x');
      text[at] = '\n';
      EXPECT_EQ(quote(text), '"' + std::string(at, 'x') + "\\n" + std::string(length - at - 1, 'x') + '"');
    }
  }
}

TEST(Quote, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(quote("a\xFF"
                  "b"),
            "\"a\xEF\xBF\xBD"
            "b\"");
  EXPECT_EQ(quote("\xE2\x82"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(quote("é\x80é"), "\"é\xEF\xBF\xBDé\"");
}

TEST(Utf8, CountsAndShortensByCharacters) {
  EXPECT_EQ(utf8_length("aé€😀"), 4U);
  EXPECT_EQ(shortened("aé€😀", 4), "aé€😀");
  EXPECT_EQ(shortened("aé€😀", 3), "aé€…");
  EXPECT_EQ(shortened("", 0), "");
}

TEST(Utf8, TakesEveryCodePointAndNothingElse) {
  for (char32_t code_point = 0; code_point <= 0x10FFFF; ++code_point) {
    std::string text;
    append_utf8(text, code_point);
    const bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    ASSERT_EQ(is_utf8(text), !is_surrogate) << static_cast<std::uint32_t>(code_point);
    if (code_point >= 0x80) {
      ASSERT_FALSE(is_utf8(text.substr(0, text.size() - 1)));
    }
  }
}

}  // namespace
}  // namespace tidemark::json
