#include "telemetry/log.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace tidemark::log {
namespace {

class LogTest : public testing::Test {
 protected:
  LogTest() {
    set_sink([this](std::string_view line) { lines.emplace_back(line); });
  }
  ~LogTest() override {
    set_sink({});
    set_level(Level::info);
    set_format(Format::text);
  }
  // The one line, without its time.
  std::string only() const {
    EXPECT_EQ(lines.size(), 1U);
    return lines.at(0).substr(lines.at(0).find_first_of(" ,"));
  }
  std::vector<std::string> lines;
};

TEST_F(LogTest, writes_text_with_the_fields_after_the_message) {
  info("listening", {{"service", "inventory"}, {"port", 8000}, {"ready", true}, {"load", 0.5}});
  EXPECT_EQ(only(), " info listening service=inventory port=8000 ready=true load=0.5\n");
}

TEST_F(LogTest, writes_json_with_numbers_as_numbers) {
  set_format(Format::json);
  warn("slow", {{"took_ms", std::uint64_t{12}}, {"path", "/a b"}, {"ratio", 1.0 / 0.0}});
  EXPECT_EQ(only(), R"(,"level":"warn","message":"slow","took_ms":12,"path":"/a b","ratio":null})"
                    "\n");
  EXPECT_EQ(lines[0].substr(0, 9), R"({"time":")");
}

TEST_F(LogTest, keeps_foreign_text_on_one_line) {
  error("bad\nrequest", {{"path", "x\r\ninfo forged"}, {"empty", ""}, {"bell", std::string{"\a"}}});
  EXPECT_EQ(only(), " error bad\\nrequest path=\"x\\r\\ninfo forged\" empty=\"\" bell=\"\\u0007\"\n");
}

TEST_F(LogTest, leaves_out_what_is_below_the_level) {
  debug("unseen");
  set_level(Level::off);
  error("unseen");
  EXPECT_TRUE(lines.empty());
  set_level(Level::trace);
  trace("seen");
  EXPECT_EQ(lines.size(), 1U);
}

TEST_F(LogTest, never_mixes_the_lines_of_threads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int n = 0; n < 250; ++n) info("line", {{"text", "abcdefghijklmnopqrstuvwxyz"}});
    });
  }
  for (auto& thread : threads) thread.join();
  ASSERT_EQ(lines.size(), 1000U);
  for (const auto& line : lines) EXPECT_TRUE(line.ends_with("Z info line text=abcdefghijklmnopqrstuvwxyz\n")) << line;
}

TEST(LogNames, are_read_back) {
  EXPECT_EQ(level_named("warn"), Level::warn);
  EXPECT_EQ(level_named("loud"), std::nullopt);
  EXPECT_EQ(format_named("json"), Format::json);
  EXPECT_EQ(format_named("xml"), std::nullopt);
}

}  // namespace
}  // namespace tidemark::log
