// What a browser is served: static files, /docs, and the OpenAPI document behind it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "http/docs_page.hpp"
#include "http/openapi.hpp"
#include "http/static_files.hpp"
#include "json/json.hpp"
#include "tidemark/described.hpp"

namespace tidemark::http {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class Folder {
 public:
  Folder()
      : path{fs::temp_directory_path() /
             ("tidemark-pages-" + std::to_string(::getpid()) + '-' + std::to_string(count++))} {
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
  void write(const std::string& name, const std::string& bytes) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream{path / name, std::ios::binary} << bytes;
  }
  const fs::path path;

 private:
  static inline int count = 0;
};

std::string header_of(const Response& response, std::string_view name) {
  for (const auto& header : response.headers) {
    if (header.name == name) return header.value;
  }
  return {};
}

Request browser_request(std::string path) {
  Request request;
  request.path = std::move(path);
  request.headers = {{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}};
  return request;
}

std::string body_of(const Response& response) { return response.shared_body ? *response.shared_body : response.body; }

TEST(StaticFiles, serves_what_is_there_with_its_type) {
  const Folder site;
  site.write("index.html", "<html>");
  site.write("assets/app-4f2a.js", std::string(2000, 'j'));
  const auto files = StaticFiles::load({.root = site.path}).value();
  EXPECT_EQ(files.file_count(), 2U);

  const Response index = files(browser_request("/"));
  EXPECT_EQ(index.status, 200);
  EXPECT_EQ(body_of(index), "<html>");
  EXPECT_EQ(index.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(header_of(index, "Cache-Control"), "no-cache");
  EXPECT_EQ(header_of(index, "X-Content-Type-Options"), "nosniff");
  EXPECT_THAT(header_of(index, "Content-Security-Policy"), HasSubstr("script-src 'self'"));

  const Response script = files(browser_request("/assets/app-4f2a.js"));
  EXPECT_EQ(script.content_type, "text/javascript; charset=utf-8");
  EXPECT_THAT(header_of(script, "Cache-Control"), HasSubstr("immutable"));
  EXPECT_EQ(header_of(script, "Content-Security-Policy"), "");
}

TEST(StaticFiles, answers_304_to_a_client_that_has_the_file) {
  const Folder site;
  site.write("index.html", "<html>");
  const auto files = StaticFiles::load({.root = site.path}).value();
  Request again = browser_request("/");
  again.headers.push_back({"If-None-Match", header_of(files(browser_request("/")), "ETag")});
  EXPECT_EQ(files(again).status, 304);
  EXPECT_EQ(body_of(files(again)), "");
}

TEST(StaticFiles, keeps_compressible_files_gzipped) {
  const Folder site;
  site.write("a.js", std::string(2000, 'j'));
  site.write("b.png", std::string(2000, 'p'));
  const auto files = StaticFiles::load({.root = site.path}).value();
  Request request = browser_request("/a.js");
  request.headers.push_back({"Accept-Encoding", "gzip"});
  const Response script = files(request);
  EXPECT_EQ(script.content_encoding, "gzip");
  EXPECT_LT(body_of(script).size(), 100U);
  EXPECT_EQ(header_of(script, "Vary"), "Accept-Encoding");
  EXPECT_EQ(body_of(files(browser_request("/a.js"))).size(), 2000U);
  request.path = "/b.png";
  EXPECT_EQ(files(request).content_encoding, std::nullopt);
}

TEST(StaticFiles, gives_the_page_for_its_own_routes_only) {
  const Folder site;
  site.write("index.html", "<html>");
  const auto files = StaticFiles::load({.root = site.path}).value();
  EXPECT_EQ(body_of(files(browser_request("/orders/42"))), "<html>");
  EXPECT_EQ(body_of(files(browser_request("/topics/order_placed.inventory.dead"))), "<html>");
  EXPECT_EQ(files(browser_request("/missing.js")).status, 404);
  Request script = browser_request("/orders/42");
  script.headers = {{"Accept", "application/json"}};
  EXPECT_EQ(files(script).status, 404);
  const auto plain = StaticFiles::load({.root = site.path, .single_page = false}).value();
  EXPECT_EQ(plain(browser_request("/orders/42")).status, 404);
}

TEST(StaticFiles, lives_below_a_prefix) {
  const Folder site;
  site.write("index.html", "<html>");
  site.write("assets/app-4f2a.js", "js");
  const auto files = StaticFiles::load({.root = site.path, .prefix = "/console"}).value();
  for (const auto* path : {"/console", "/console/", "/console/topics/orders"}) {
    EXPECT_EQ(body_of(files(browser_request(path))), "<html>") << path;
  }
  const Response script = files(browser_request("/console/assets/app-4f2a.js"));
  EXPECT_EQ(body_of(script), "js");
  EXPECT_THAT(header_of(script, "Cache-Control"), HasSubstr("immutable"));
  for (const auto* path : {"/", "/assets/app-4f2a.js", "/index.html"}) {
    EXPECT_EQ(files(browser_request(path)).status, 404) << path;
  }
}

TEST(StaticFiles, never_leaves_the_folder) {
  const Folder site, outside;
  site.write("index.html", "<html>");
  site.write(".env", "SECRET");
  site.write("sub/.git/config", "SECRET");
  outside.write("secret.txt", "SECRET");
  fs::create_symlink(outside.path / "secret.txt", site.path / "link.txt");
  fs::create_directory_symlink(outside.path, site.path / "linked");
  const auto files = StaticFiles::load({.root = site.path, .single_page = false}).value();
  EXPECT_EQ(files.file_count(), 1U);
  for (const auto* path :
       {"/link.txt", "/linked/secret.txt", "/.env", "/sub/.git/config", "/../secret.txt", "/..%2fsecret.txt",
        "/sub/../../secret.txt", "//etc/passwd", "/etc/passwd", "/./index.html", "index.html", "/index.html/"}) {
    EXPECT_EQ(files(browser_request(path)).status, 404) << path;
  }
}

TEST(StaticFiles, says_why_it_can_not_load) {
  const Folder site;
  site.write("big", std::string(1000, 'x'));
  const auto too_large = StaticFiles::load({.root = site.path, .bytes_max = 999});
  ASSERT_FALSE(too_large);
  EXPECT_EQ(too_large.error().code, ErrorCode::too_large);
  const auto missing = StaticFiles::load({.root = site.path / "none"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  EXPECT_THAT(missing.error().text(), HasSubstr("none"));
}

Response ask(const Router& router, std::string path) {
  Request request = browser_request(std::move(path));
  return router(request);
}

TEST(DocsPage, says_how_to_get_what_it_needs) {
  const Folder empty;
  Router router;
  add_docs(router, {.title = "a <b> & c", .assets = empty.path});
  const Response page = ask(router, "/docs");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("make web"));
  EXPECT_THAT(page.body, HasSubstr("a &lt;b&gt; &amp; c"));
  EXPECT_THAT(ask(router, "/docs/events").body, HasSubstr("href=\"../asyncapi.json\""));
  EXPECT_EQ(ask(router, "/docs/assets/swagger-ui.css").status, 404);
}

TEST(DocsPage, serves_swagger_ui_and_no_inline_script) {
  const Folder assets;
  assets.write("swagger-ui-bundle.js", "js");
  assets.write("swagger-ui.css", "css");
  assets.write("docs.css", "css");
  assets.write("events.js", "js");
  Router router;
  add_docs(router, {.title = "inventory", .assets = assets.path});
  const Response page = ask(router, "/docs");
  EXPECT_THAT(page.body, HasSubstr("src=\"docs/assets/swagger-ui-bundle.js\""));
  EXPECT_THAT(page.body, Not(HasSubstr("<script>")));
  EXPECT_THAT(header_of(page, "Content-Security-Policy"), HasSubstr("script-src 'self'"));
  EXPECT_EQ(body_of(ask(router, "/docs/assets/swagger-ui-bundle.js")), "js");
  EXPECT_EQ(ask(router, "/docs/assets/swagger-ui.css").content_type, "text/css; charset=utf-8");
  EXPECT_THAT(body_of(ask(router, "/docs/assets/start.js")), HasSubstr("openapi.json"));
  EXPECT_EQ(ask(router, "/docs/assets/other.js").status, 404);
}

TEST(DocsPage, shows_the_events_beside_the_endpoints) {
  const Folder assets;
  for (const auto* name : {"swagger-ui-bundle.js", "swagger-ui.css", "docs.css", "events.js"}) assets.write(name, "x");
  Router router;
  add_docs(router, {.title = "inventory", .assets = assets.path});
  EXPECT_THAT(ask(router, "/docs").body, HasSubstr("<a href=\"docs/events\">AsyncAPI</a>"));
  const Response page = ask(router, "/docs/events");
  EXPECT_THAT(page.body, HasSubstr("<a href=\"../docs\">OpenAPI</a>"));
  EXPECT_THAT(page.body, HasSubstr("<a href=\"../docs/events\" aria-current=\"page\">"));
  EXPECT_THAT(page.body, HasSubstr("src=\"assets/events.js\""));
  EXPECT_THAT(page.body, Not(HasSubstr("<script>")));
  EXPECT_THAT(header_of(page, "Content-Security-Policy"), HasSubstr("script-src 'self'"));
  EXPECT_EQ(ask(router, "/docs/assets/events.js").content_type, "text/javascript; charset=utf-8");
}

struct Item {
  std::string id;
  int quantity = 0;
};
BOOST_DESCRIBE_STRUCT(Item, (), (id, quantity))

ApiDescription api() {
  ApiDescription api{.title = "inventory", .version = "1.2.3"};
  api.routes.push_back(
      {.method = Method::get,
       .path = "/items",
       .summary = "All items",
       .query_parameters = {{.name = "limit", .type = &type_of<int>(), .limits = {.min = 1, .max = 500}}},
       .responses = {{.status = 200, .type = &type_of<Item>(), .page = true}}});
  api.routes.push_back({.method = Method::put,
                        .path = "/items/{id}",
                        .summary = "Changes an item",
                        .headers = {if_match_header(true)},
                        .request = &type_of<Item>(),
                        .responses = {{.status = 200, .type = &type_of<Item>(), .headers = {etag_header()}}},
                        .problems = {412, 428}});
  return api;
}

TEST(OpenApi, describes_the_routes) {
  const std::string document = openapi_document(api());
  EXPECT_TRUE(json::validate(document)) << document;
  EXPECT_THAT(document, HasSubstr(R"("openapi":"3.1.0")"));
  EXPECT_THAT(document, HasSubstr(R"("title":"inventory","version":"1.2.3")"));
  EXPECT_THAT(document, HasSubstr(R"("operationId":"put_items_id")"));
  EXPECT_THAT(document, HasSubstr(R"("name":"id","in":"path","required":true,"schema":{"type":"string"})"));
  EXPECT_THAT(document, HasSubstr(R"("name":"If-Match","in":"header","required":true)"));
  EXPECT_THAT(document, HasSubstr(R"("name":"limit","in":"query","required":false)"));
  EXPECT_THAT(document, HasSubstr(R"("maximum":500)"));
  EXPECT_THAT(document,
              HasSubstr(R"("412":{"description":"Precondition Failed","content":{"application/problem+json")"));
  EXPECT_THAT(document, HasSubstr(R"("next":{"type":["string","null"])"));
  EXPECT_THAT(document, HasSubstr(R"("Item":{)"));
  EXPECT_THAT(document, HasSubstr(R"("ProblemDetails":{)"));
}

TEST(OpenApi, is_valid_without_routes) {
  const std::string document = openapi_document({.title = "t", .version = "v"});
  EXPECT_TRUE(json::validate(document)) << document;
  EXPECT_THAT(document, HasSubstr(R"("paths":{})"));
}

}  // namespace
}  // namespace tidemark::http
