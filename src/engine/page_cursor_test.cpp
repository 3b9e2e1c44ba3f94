#include "engine/page_cursor.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tidemark::engine {
namespace {

RC_GTEST_PROP(PageCursor, ReadsWhatItWrites, (std::uint32_t collection, std::uint32_t index, bool descending)) {
  const auto position = *rc::gen::arbitrary<std::string>();
  const auto text = PageCursor{collection, index, descending, position}.text();
  RC_ASSERT(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == text.npos);
  const auto read = PageCursor::parse(text).value();
  RC_ASSERT(read.collection == collection);
  RC_ASSERT(read.index == index);
  RC_ASSERT(read.descending == descending);
  RC_ASSERT(read.position == position);
}

RC_GTEST_PROP(PageCursor, RefusesAnyOtherText, ()) {
  RC_ASSERT(!PageCursor::parse(*rc::gen::arbitrary<std::string>()));
  auto text = PageCursor{1, 2, false, *rc::gen::arbitrary<std::string>()}.text();
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size() - 1);  // the last character may hold spare bits
  text[at] = text[at] == 'A' ? 'B' : 'A';
  RC_ASSERT(!PageCursor::parse(text));
  RC_ASSERT(!PageCursor::parse(text.substr(0, at)));
}

TEST(PageCursor, RefusesMoreThanItCouldHaveWritten) {
  EXPECT_EQ(PageCursor::parse(std::string(100'000, 'A')).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace tidemark::engine
