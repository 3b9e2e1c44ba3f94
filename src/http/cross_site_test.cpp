#include "http/cross_site.hpp"

#include <gtest/gtest.h>

namespace tidemark::http {
namespace {

using Headers = std::vector<Request::Header>;

bool passes(Headers headers, Method method = Method::post, const CorsOptions& options = {}) {
  Request request;
  request.method = method;
  request.headers = std::move(headers);
  const auto refused = refuse_other_sites(request, options);
  EXPECT_EQ(refused ? refused->status : 403, 403);
  return !refused;
}

TEST(OtherSites, may_not_change_anything) {
  for (const auto method : {Method::post, Method::put, Method::patch, Method::erase}) {
    EXPECT_FALSE(passes({{"Host", "shop.example"}, {"Origin", "http://evil.example"}}, method));
  }
  EXPECT_FALSE(passes({{"Host", "127.0.0.1:3000"}, {"Origin", "http://127.0.0.1:8000"}}))
      << "another port is another page";
  EXPECT_FALSE(passes({{"Host", "shop.example"}, {"Origin", "null"}})) << "a sandboxed frame, a file";
  EXPECT_FALSE(passes({{"Host", "shop.example"}, {"Origin", "http://shop.example.evil.example"}}));
  EXPECT_FALSE(passes({{"Host", "shop.example"}, {"Origin", ""}}));
  EXPECT_FALSE(passes({{"Host", "shop.example"}, {"Origin", "http://shop.example"}, {"Sec-Fetch-Site", "cross-site"}}));
  EXPECT_FALSE(passes({{"Host", "shop.example"}, {"Sec-Fetch-Site", "same-site"}}));
  EXPECT_FALSE(passes({{"Origin", "http://shop.example"}})) << "HTTP/1.0, without a Host";
}

TEST(OtherSites, may_look_and_ask_what_they_may) {
  for (const auto method : {Method::get, Method::head, Method::options}) {
    EXPECT_TRUE(passes({{"Host", "shop.example"}, {"Origin", "http://evil.example"}}, method));
  }
}

TEST(OtherSites, are_not_the_own_pages_nor_programs) {
  EXPECT_TRUE(passes({{"Host", "shop.example"}})) << "curl";
  EXPECT_TRUE(passes({{"Host", "127.0.0.1:3000"}, {"Origin", "http://127.0.0.1:3000"}}));
  EXPECT_TRUE(passes({{"Host", "Shop.Example"}, {"Origin", "https://shop.example"}}));
  EXPECT_TRUE(passes({{"Host", "shop.example:443"}, {"Origin", "https://shop.example"}}));
  EXPECT_TRUE(passes({{"Host", "shop.example"}, {"Origin", "http://shop.example:80"}}));
  EXPECT_FALSE(passes({{"Host", "shop.example:443"}, {"Origin", "http://shop.example"}})) << "443 is not http's";
  EXPECT_TRUE(passes({{"Host", "10.0.0.7"}, {"X-Forwarded-Host", "shop.example"}, {"Origin", "https://shop.example"}}));
  EXPECT_TRUE(passes({{"Host", "10.0.0.7"}, {"Origin", "https://shop.example"}, {"Sec-Fetch-Site", "same-origin"}}));
}

TEST(OtherSites, are_not_the_own_pages_behind_proxies) {
  const auto passes_as = [](std::string host, std::string port) {
    return passes({{"Host", "10.0.0.7"},
                   {"X-Forwarded-Host", std::move(host)},
                   {"X-Forwarded-Port", std::move(port)},
                   {"Origin", "https://shop.example:8443"}});
  };
  EXPECT_TRUE(passes_as("shop.example:8443", ""));
  EXPECT_TRUE(passes_as("shop.example:8443, inner.example", "8443, 80"));
  EXPECT_TRUE(passes_as("shop.example", "8443")) << "a proxy that tells the port by itself";
  EXPECT_FALSE(passes_as("shop.example", "")) << "which is another page";
  EXPECT_FALSE(passes_as("inner.example, shop.example:8443", ""));
  EXPECT_TRUE(passes(
      {{"Host", "x"}, {"X-Forwarded-Host", "[::1]"}, {"X-Forwarded-Port", "3000"}, {"Origin", "http://[::1]:3000"}}));
}

TEST(OtherSites, change_what_cors_lets_them) {
  const CorsOptions one{.origins = {"https://admin.example"}}, all{.origins = {"*"}};
  const Headers from_admin{{"Host", "x"}, {"Origin", "https://admin.example"}, {"Sec-Fetch-Site", "cross-site"}};
  EXPECT_TRUE(passes(from_admin, Method::put, one));
  EXPECT_TRUE(passes(from_admin, Method::put, all));
  EXPECT_FALSE(passes({{"Host", "x"}, {"Origin", "https://other.example"}}, Method::put, one));
}

}  // namespace
}  // namespace tidemark::http
