#include "store/redis/page_cursor.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tidemark::store {
namespace {

RC_GTEST_PROP(PageCursors, ReadBackWhatTheyWrite, (std::uint64_t order, const std::string& position)) {
  const auto text = PageCursor{order, position}.text();
  RC_ASSERT(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
            std::string::npos);
  const auto read = PageCursor::parse(text);
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->order == order);
  RC_ASSERT(read->position == position);
}

RC_GTEST_PROP(PageCursors, RefuseTextsOfOthers, (const std::string& text)) {
  RC_ASSERT(!PageCursor::parse(text).has_value());
}

TEST(PageCursors, RefuseATypingError) {
  auto text = PageCursor{7, "position"}.text();
  text[text.size() / 2] = text[text.size() / 2] == 'A' ? 'B' : 'A';
  const auto read = PageCursor::parse(text);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::invalid);
  EXPECT_FALSE(PageCursor::parse(std::string(5000, 'A')));
}

}  // namespace
}  // namespace tidemark::store
