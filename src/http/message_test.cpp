// Request, Response and what is made of them: problems, conditions, compression, CORS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "fiber/errors.hpp"
#include "http/compression.hpp"
#include "http/conditional.hpp"
#include "http/cors.hpp"
#include "http/percent.hpp"
#include "http/problem.hpp"
#include "telemetry/log.hpp"
#include "tidemark/error.hpp"

namespace tidemark::http {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string header_of(const Response& response, std::string_view name) {
  for (const auto& header : response.headers) {
    if (header.name == name) return header.value;
  }
  return {};
}

Request with_header(std::string name, std::string value, Method method = Method::get) {
  Request request;
  request.method = method;
  request.headers.push_back({std::move(name), std::move(value)});
  return request;
}

TEST(Request, finds_headers_whatever_their_case) {
  const Request request = with_header("x-Name", "v");
  EXPECT_EQ(request.header("X-NAME"), "v");
  EXPECT_EQ(request.header("X-Nam"), std::nullopt);
}

TEST(Request, decodes_query_parameters) {
  Request request;
  request.raw_query = "a=1&b=x+y%26z&empty=&flag&a=2&%63=d%3De";
  EXPECT_EQ(request.query("a"), "1");
  EXPECT_EQ(request.query("b"), "x y&z");
  EXPECT_EQ(request.query("empty"), "");
  EXPECT_EQ(request.query("flag"), "");
  EXPECT_EQ(request.query("c"), "d=e");
  EXPECT_EQ(request.query("none"), std::nullopt);
  request.raw_query = "a=%x";
  EXPECT_THROW(request.query("a"), Malformed);
}

TEST(Request, requires_the_version_that_was_read) {
  EXPECT_THROW(Request{}.require_match("\"1\""), PreconditionRequired);
  EXPECT_THROW(with_header("If-Match", "\"2\"").require_match("\"1\""), PreconditionFailed);
  EXPECT_THROW(with_header("If-Match", "W/\"1\"").require_match("\"1\""), PreconditionFailed);
  EXPECT_NO_THROW(with_header("If-Match", "\"2\", \"1\"").require_match("\"1\""));
  EXPECT_NO_THROW(with_header("If-Match", "*").require_match("\"1\""));
}

TEST(PercentDecode, reads_bytes_and_refuses_the_rest) {
  EXPECT_EQ(*percent_decode("a%20b+c%C3%a4"), "a b+c\xC3\xA4");
  EXPECT_EQ(*percent_decode("+%2B", PlusMeans::space), " +");
  EXPECT_EQ(percent_encode_segment("a b/c?d%e\xC3\xA4~"), "a%20b%2Fc%3Fd%25e%C3%A4~");
  for (const auto* text : {"%", "%1", "%g0", "%0g", "a%2", "%00"}) EXPECT_FALSE(percent_decode(text)) << text;
}

TEST(Problem, has_one_status_for_each_code) {
  EXPECT_EQ(status_of(ErrorCode::invalid), 422);
  EXPECT_EQ(status_of(ErrorCode::not_found), 404);
  EXPECT_EQ(status_of(ErrorCode::precondition_failed), 412);
  EXPECT_EQ(status_of(ErrorCode::overloaded), 429);
  EXPECT_EQ(status_of(ErrorCode::disk_full), 507);
  EXPECT_EQ(status_of(ErrorCode::corrupt), 500);
}

Response thrown(auto exception) { return problem_of(std::make_exception_ptr(exception)); }

TEST(Problem, says_what_an_endpoint_threw) {
  const Response response = thrown(NotFound{"no product with the id \"42\""});
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(
      response.body,
      R"({"type":"about:blank","title":"Not Found","status":404,"detail":"no product with the id \"42\"","code":"not_found"})");
}

TEST(Problem, says_nothing_of_the_inside_but_to_the_log) {
  std::string logged;
  log::set_sink([&](std::string_view line) { logged += line; });
  for (const Response& response :
       {thrown(std::runtime_error{"password is 42"}), thrown(7), thrown(Error{ErrorCode::corrupt, "password is 42"})}) {
    EXPECT_EQ(response.status, 500);
    EXPECT_THAT(response.body, Not(HasSubstr("42")));
    EXPECT_THAT(response.body, HasSubstr("\"code\":\"internal\""));
  }
  log::set_sink({});
  EXPECT_THAT(logged, HasSubstr("password is 42"));
}

TEST(Problem, advises_when_to_try_again) {
  EXPECT_EQ(header_of(thrown(Overloaded{"full"}), "Retry-After"), "1");
  EXPECT_EQ(header_of(thrown(Unavailable{"starting"}), "Retry-After"), "1");
  EXPECT_EQ(thrown(fiber::Cancelled{"draining"}).status, 503);
  EXPECT_EQ(header_of(thrown(Conflict{"x"}), "Retry-After"), "");
}

TEST(Conditional, compares_weakly) {
  EXPECT_TRUE(any_etag_matches("\"a\"", "\"a\""));
  EXPECT_TRUE(any_etag_matches("W/\"a\"", "\"a\""));
  EXPECT_TRUE(any_etag_matches("\"x\" , W/\"a,b\",\"c\"", "\"a,b\""));
  EXPECT_TRUE(any_etag_matches(" * ", "\"a\""));
  EXPECT_FALSE(any_etag_matches("\"b\"", "\"a\""));
  EXPECT_FALSE(any_etag_matches("", "\"a\""));
  EXPECT_FALSE(any_etag_matches("a", "\"a\""));
  EXPECT_FALSE(any_etag_matches("\"a", "\"a\""));
  EXPECT_FALSE(any_etag_matches_strongly("W/\"a\"", "\"a\""));
  EXPECT_FALSE(any_etag_matches_strongly("\"a\"", "W/\"a\""));
}

TEST(Conditional, answers_304_without_the_body_when_nothing_has_changed) {
  const Response known = conditional(Response::json("{}").with("Cache-Control", "no-cache"),
                                     with_header("If-None-Match", "\"1\""), "\"1\"");
  EXPECT_EQ(known.status, 304);
  EXPECT_EQ(known.body, "");
  EXPECT_EQ(header_of(known, "ETag"), "\"1\"");
  EXPECT_EQ(header_of(known, "Cache-Control"), "no-cache");
  EXPECT_EQ(conditional(Response::json("{}"), with_header("If-None-Match", "\"0\""), "\"1\"").status, 200);
  EXPECT_EQ(conditional(Response::json("{}"), with_header("If-None-Match", "*", Method::post), "\"1\"").status, 200);
}

TEST(Compression, respects_what_the_client_takes) {
  struct Case {
    std::string header;
    bool accepted;
  };
  for (const auto& c : std::vector<Case>{{"gzip", true},
                                         {"deflate, GZIP;q=0.5", true},
                                         {"br, *", true},
                                         {"*;q=0.1", true},
                                         {"gzip;q=0.000", false},
                                         {"gzip;q=0", false},
                                         {"gzip;q=0, *", false},
                                         {"identity, gzip;q=0.5", false},
                                         {"gzip, identity;q=0.5", true},
                                         {"gzip;q=nonsense", false},
                                         {"gzip;q=2", false},
                                         {"gzip ; q=1.0", true},
                                         {"deflate", false},
                                         {"", false}}) {
    EXPECT_EQ(accepts_gzip(c.header), c.accepted) << c.header;
  }
}

TEST(Compression, knows_what_shrinks) {
  EXPECT_TRUE(is_compressible("application/json"));
  EXPECT_TRUE(is_compressible("text/html; charset=utf-8"));
  EXPECT_TRUE(is_compressible("application/problem+json"));
  EXPECT_TRUE(is_compressible("image/svg+xml"));
  EXPECT_FALSE(is_compressible("image/png"));
  EXPECT_FALSE(is_compressible("text/event-stream"));
  EXPECT_FALSE(is_compressible(""));
}

std::string gunzip(const std::string& bytes, std::size_t size_max) {
  std::string out(size_max, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST(Compression, shrinks_what_pays_and_says_so) {
  const std::string text(5000, 'a');
  const Request request = with_header("Accept-Encoding", "gzip");
  Response response = Response::text(text);
  response.with("Vary", "Origin");
  compress(response, request, {});
  EXPECT_EQ(response.content_encoding, "gzip");
  EXPECT_EQ(header_of(response, "Vary"), "Origin, Accept-Encoding");
  EXPECT_LT(response.body.size(), 100U);
  EXPECT_EQ(gunzip(response.body, 5000), text);

  Response shared;
  shared.content_type = "application/json";
  shared.shared_body = std::make_shared<const std::string>(text);
  compress(shared, request, {});
  EXPECT_EQ(shared.shared_body, nullptr);
  EXPECT_EQ(gunzip(shared.body, 5000), text);
}

TEST(Compression, leaves_alone_what_does_not_pay) {
  const Request request = with_header("Accept-Encoding", "gzip");
  const std::string text(5000, 'a');
  std::vector<Response> responses{Response::text(std::string(100, 'a')), Response::text(text, "image/png"),
                                  Response::text(text).with("Cache-Control", "private, no-transform"),
                                  Response::text(text).with("Content-Encoding", "br"), Response::text(text)};
  responses.back().content_encoding = "br";
  for (auto& response : responses) {
    const std::string before = response.body;
    compress(response, request, {});
    EXPECT_EQ(response.body, before);
  }
  Response plain = Response::text(text);
  compress(plain, Request{}, {});
  EXPECT_EQ(plain.body, text);
  EXPECT_EQ(header_of(plain, "Vary"), "Accept-Encoding");
}

Request preflight(std::string origin) {
  Request request = with_header("Origin", std::move(origin), Method::options);
  request.headers.push_back({"Access-Control-Request-Method", "PUT"});
  return request;
}

TEST(Cors, is_off_unless_origins_are_named) {
  EXPECT_EQ(answer_preflight(preflight("https://shop.example"), {}), std::nullopt);
  Response response = Response::empty();
  allow_origin(response, with_header("Origin", "https://shop.example"), {});
  EXPECT_TRUE(response.headers.empty());
}

TEST(Cors, permits_the_origins_that_are_named) {
  const CorsOptions options{.origins = {"https://shop.example"}};
  const auto permitted = answer_preflight(preflight("https://shop.example"), options);
  ASSERT_TRUE(permitted);
  EXPECT_EQ(permitted->status, 204);
  EXPECT_EQ(header_of(*permitted, "Access-Control-Allow-Origin"), "https://shop.example");
  EXPECT_THAT(header_of(*permitted, "Access-Control-Allow-Methods"), HasSubstr("PUT"));
  EXPECT_THAT(header_of(*permitted, "Access-Control-Allow-Headers"), HasSubstr("If-Match"));
  EXPECT_EQ(header_of(*permitted, "Access-Control-Max-Age"), "600");
  EXPECT_EQ(header_of(*permitted, "Vary"), "Origin");

  Response response = Response::empty();
  allow_origin(response, with_header("Origin", "https://shop.example"), options);
  EXPECT_EQ(header_of(response, "Access-Control-Allow-Origin"), "https://shop.example");
  EXPECT_THAT(header_of(response, "Access-Control-Expose-Headers"), HasSubstr("ETag"));
}

TEST(Cors, permits_no_other_origin) {
  const CorsOptions options{.origins = {"https://shop.example"}};
  for (const auto* origin : {"https://evil.example", "https://shop.example.evil", "http://shop.example", "null"}) {
    EXPECT_EQ(header_of(*answer_preflight(preflight(origin), options), "Access-Control-Allow-Origin"), "") << origin;
    Response response = Response::empty();
    allow_origin(response, with_header("Origin", origin), options);
    EXPECT_EQ(header_of(response, "Access-Control-Allow-Origin"), "") << origin;
    EXPECT_EQ(header_of(response, "Vary"), "Origin");
  }
  EXPECT_EQ(header_of(*answer_preflight(preflight("https://any"), {.origins = {"*"}}), "Access-Control-Allow-Origin"),
            "*");
}

TEST(Cors, takes_a_plain_options_request_for_no_preflight) {
  const CorsOptions options{.origins = {"*"}};
  EXPECT_EQ(answer_preflight(with_header("Origin", "https://a", Method::options), options), std::nullopt);
  EXPECT_EQ(answer_preflight(with_header("Access-Control-Request-Method", "PUT", Method::options), options),
            std::nullopt);
}

}  // namespace
}  // namespace tidemark::http
