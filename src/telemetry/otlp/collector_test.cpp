#include "telemetry/otlp/collector.hpp"

#include <gtest/gtest.h>

namespace tidemark::otlp {
namespace {

TEST(Collector, IsNamedByHostPortAndPath) {
  const auto parsed = [](std::string_view url) {
    const auto collector = Collector::parse(url).or_raise();
    return collector.host + " " + std::to_string(collector.port) + " " + collector.path;
  };
  EXPECT_EQ(parsed("http://localhost"), "localhost 4318 /v1/traces");
  EXPECT_EQ(parsed("http://10.0.0.7:8080/"), "10.0.0.7 8080 /v1/traces");
  EXPECT_EQ(parsed("http://[::1]:4318"), "::1 4318 /v1/traces");
  EXPECT_EQ(parsed("http://[::1]"), "::1 4318 /v1/traces");
  EXPECT_EQ(parsed("http://collector/otlp"), "collector 4318 /otlp/v1/traces");
  EXPECT_EQ(parsed("http://collector/v1/traces"), "collector 4318 /v1/traces");
}

TEST(Collector, SaysWhatIsWrongWithAUrl) {
  const auto why = [](std::string_view url) {
    const auto collector = Collector::parse(url);
    return collector ? "taken" : collector.error().text();
  };
  EXPECT_NE(why("https://collector:4318").find("http:// only"), std::string::npos);
  EXPECT_NE(why("HTTPS://collector:4318").find("http:// only"), std::string::npos);
  EXPECT_NE(why("collector:4318").find("expected http://host:port"), std::string::npos);
  EXPECT_NE(why("grpc://collector:4317").find("expected http://host:port"), std::string::npos);
  EXPECT_NE(why("http://").find("names no host"), std::string::npos);
  EXPECT_NE(why("http://:4318").find("names no host"), std::string::npos);
  EXPECT_NE(why("http://a b").find("names no host"), std::string::npos);
  EXPECT_NE(why("http://a:0").find("port"), std::string::npos);
  EXPECT_NE(why("http://a:65536").find("port"), std::string::npos);
  EXPECT_NE(why("http://a:80x").find("port"), std::string::npos);
  EXPECT_NE(why("http://[::1").find("bracket"), std::string::npos);
  EXPECT_NE(why("http://[::1]4318").find("port"), std::string::npos);
  EXPECT_NE(why("http://me:secret@a").find("password"), std::string::npos);
  EXPECT_NE(why("http://a/?token=1").find("query"), std::string::npos);
}

TEST(Collector, AnAnswerIsReadWhateverPiecesItComesIn) {
  const std::string whole = "HTTP/1.1 503 Busy\r\nretry-After:  7 \r\nContent-Length: 4\r\n\r\nbusy";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto answer = read_answer(std::string_view{whole}.substr(0, size), false);
    ASSERT_TRUE(answer) << size;
    EXPECT_FALSE(*answer) << size;
  }
  const auto answer = read_answer(whole, false).or_raise();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->retry_after, std::chrono::seconds{7});
  EXPECT_EQ(answer->body, "busy");
}

TEST(Collector, AnAnswerWithoutALengthEndsWithItsConnection) {
  const std::string whole = "HTTP/1.0 200 OK\r\nServer: x\r\n\r\n{}";
  EXPECT_FALSE(*read_answer(whole, false));
  const auto answer = read_answer(whole, true).or_raise();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "{}");
}

TEST(Collector, WhatIsNoHttpIsNoAnswer) {
  for (const std::string_view bytes :
       {"", "HTTP/1.1 200 OK\r\n", "\x16\x03\x01 hello\r\n\r\n", "HTTP/1.1 OK\r\n\r\n"}) {
    const auto answer = read_answer(bytes, true);
    ASSERT_FALSE(answer) << bytes;
    EXPECT_EQ(answer.error().code, ErrorCode::malformed);
  }
}

}  // namespace
}  // namespace tidemark::otlp
