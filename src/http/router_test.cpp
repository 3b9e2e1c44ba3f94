#include "http/router.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tidemark/error.hpp"

namespace tidemark::http {
namespace {

using testing::HasSubstr;

// Answers with a name and the path parameters: "product id=42".
Handler named(std::string name) {
  return [name = std::move(name)](Request& request) {
    std::string text = name;
    for (const auto& [parameter, value] : request.path_parameters) text += ' ' + parameter + '=' + value;
    return Response::text(text);
  };
}

Request request_of(Method method, std::string path, std::string raw_path = {}) {
  Request request;
  request.method = method;
  request.path = std::move(path);
  request.raw_path = std::move(raw_path);
  return request;
}

Response ask(const Router& router, Method method, std::string path, std::string raw_path = {}) {
  Request request = request_of(method, std::move(path), std::move(raw_path));
  return router(request);
}

std::string header_of(const Response& response, std::string_view name) {
  for (const auto& header : response.headers) {
    if (header.name == name) return header.value;
  }
  return {};
}

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    router.get("/", named("root"));
    router.get("/products", named("products"));
    router.post("/products", named("add"));
    router.get("/products/{id}", named("product"));
    router.erase("/products/{id}", named("remove"));
    router.get("/products/special", named("special"));
    router.get("/users/{id}/cards/{card}", named("card"));
    router.get("/users/me", named("me"));
  }
  Router router;
};

TEST_F(RouterTest, finds_the_handler) {
  struct Case {
    Method method;
    std::string path, body;
  };
  for (const auto& c : std::vector<Case>{
           {Method::get, "/", "root"},
           {Method::get, "/products", "products"},
           {Method::post, "/products", "add"},
           {Method::get, "/products/42", "product id=42"},
           {Method::erase, "/products/42", "remove id=42"},
           {Method::get, "/products/special", "special"},
           {Method::get, "/users/7/cards/9", "card id=7 card=9"},
           {Method::get, "/users/me", "me"},
       }) {
    const Response response = ask(router, c.method, c.path);
    EXPECT_EQ(response.status, 200) << c.path;
    EXPECT_EQ(response.body, c.body) << c.path;
  }
}

TEST_F(RouterTest, comes_back_from_a_literal_that_leads_nowhere) {
  EXPECT_EQ(ask(router, Method::get, "/users/me/cards/1").body, "card id=me card=1");
  EXPECT_EQ(ask(router, Method::erase, "/products/special").body, "remove id=special");
}

TEST_F(RouterTest, names_the_route_for_whoever_counts) {
  Request request = request_of(Method::get, "/products/42");
  router(request);
  EXPECT_EQ(request.route, "/products/{id}");
  EXPECT_EQ(request.path_parameter("id"), "42");
  EXPECT_THROW(request.path_parameter("other"), std::logic_error);
}

TEST_F(RouterTest, says_404_for_what_is_not_there) {
  for (const auto* path : {"/nothing", "/products/1/2", "/products/", "/users", "/users//cards/1", "*", ""}) {
    EXPECT_EQ(ask(router, Method::get, path).status, 404) << path;
  }
  EXPECT_EQ(ask(router, Method::get, "/nothing").content_type, "application/problem+json");
}

TEST_F(RouterTest, says_405_with_what_the_path_takes) {
  const Response response = ask(router, Method::put, "/products/42");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(header_of(response, "Allow"), "GET, HEAD, DELETE, OPTIONS");
  EXPECT_EQ(header_of(ask(router, Method::patch, "/products"), "Allow"), "GET, HEAD, POST, OPTIONS");
}

TEST_F(RouterTest, answers_options) {
  const Response response = ask(router, Method::options, "/products");
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(header_of(response, "Allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(ask(router, Method::options, "*").status, 204);
  EXPECT_EQ(ask(router, Method::options, "/nothing").status, 404);
}

TEST_F(RouterTest, answers_head_by_get) { EXPECT_EQ(ask(router, Method::head, "/products/1").body, "product id=1"); }

TEST_F(RouterTest, decodes_each_segment_by_itself) {
  EXPECT_EQ(ask(router, Method::get, "/products/a/b", "/products/a%2Fb").body, "product id=a/b");
  EXPECT_EQ(ask(router, Method::get, "/products/a b", "/produc%74s/a%20b").body, "product id=a b");
  EXPECT_EQ(ask(router, Method::get, "/products/{id}", "/products/%7Bid%7D").body, "product id={id}");
}

TEST_F(RouterTest, mounts_the_routes_of_another) {
  Router outer;
  outer.mount("/api/inventory", router);
  EXPECT_EQ(ask(outer, Method::get, "/api/inventory/products/42").body, "product id=42");
  EXPECT_EQ(ask(outer, Method::get, "/products/42").status, 404);
  Request request = request_of(Method::get, "/api/inventory/products/42");
  outer(request);
  EXPECT_EQ(request.route, "/api/inventory/products/{id}");
}

TEST_F(RouterTest, falls_back_for_reading_what_no_route_knows) {
  router.fallback(named("file"));
  EXPECT_EQ(ask(router, Method::get, "/index.html").body, "file");
  EXPECT_EQ(ask(router, Method::head, "/index.html").body, "file");
  EXPECT_EQ(ask(router, Method::post, "/index.html").status, 404);
  EXPECT_EQ(ask(router, Method::put, "/products").status, 405);
}

TEST_F(RouterTest, copies_are_independent) {
  Router copy = router;
  copy.get("/more", named("more"));
  EXPECT_EQ(ask(copy, Method::get, "/more").body, "more");
  EXPECT_EQ(ask(copy, Method::get, "/products/1").body, "product id=1");
  EXPECT_EQ(ask(router, Method::get, "/more").status, 404);
  EXPECT_EQ(copy.routes().size(), router.routes().size() + 1);
}

TEST_F(RouterTest, refuses_templates_that_make_no_sense) {
  for (const auto* path : {"products", "", "/a/{}", "/a/{b", "/a/x{b}", "/{a}/{a}", "/{a}{b}", "/{a{b}"}) {
    EXPECT_THROW(router.get(path, named("x")), Invalid) << path;
  }
  EXPECT_THROW(router.get("/products/{other}", named("x")), Invalid);
  EXPECT_THROW(router.mount("/api/", Router{}), Invalid);
  EXPECT_NO_THROW(router.put("/products/{other}", named("x")));
}

}  // namespace
}  // namespace tidemark::http
