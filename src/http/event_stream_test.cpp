#include "http/event_stream.hpp"

#include <gtest/gtest.h>

namespace tidemark::http {
namespace {

std::string event(std::string_view name, std::string_view id, std::string_view data) {
  std::string out;
  append_event(out, name, id, data).value();
  return out;
}

TEST(EventFormat, has_one_line_for_each_line_of_the_data) {
  EXPECT_EQ(event("saved", "7-0", "a"), "event: saved\nid: 7-0\ndata: a\n\n");
  EXPECT_EQ(event("", "", "a\nb\r\nc\rd"), "data: a\ndata: b\ndata: c\ndata: d\n\n");
  EXPECT_EQ(event("", "", ""), "data: \n\n");
  EXPECT_EQ(event("", "", "a\n"), "data: a\ndata: \n\n");
}

TEST(EventFormat, lets_no_name_or_id_add_a_field) {
  std::string out;
  EXPECT_FALSE(append_event(out, "a\ndata: forged", "", "b"));
  EXPECT_FALSE(append_event(out, "", "1\rid: 2", "b"));
  EXPECT_EQ(out, "");
}

TEST(EventFormat, keeps_every_line_of_a_comment_a_comment) {
  std::string out;
  append_comment(out, "still here\ndata: forged");
  EXPECT_EQ(out, ": still here\n: data: forged\n\n");
}

}  // namespace
}  // namespace tidemark::http
