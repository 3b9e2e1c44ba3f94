// Who may use the admin API, and what everything in it has in common.
#include "kit/admin/access.hpp"

#include <gtest/gtest.h>

#include "kit/testing/test_admin.hpp"

namespace tidemark::kit {
namespace {

Request with(std::vector<Request::Header> headers) {
  Request request;
  request.headers = std::move(headers);
  return request;
}

int status_of(const Settings& settings, std::vector<Request::Header> headers) {
  const auto refusal = AdminAccess{settings}.refuse(with(std::move(headers)));
  return refusal ? refusal->status : 200;
}

TEST(AdminAccess, OnLoopbackIsForLocalhostAndAddressesOnly) {
  const Settings settings;
  for (const auto* host : {"localhost", "localhost:8000", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:8000", "[::1]:8000"})
    EXPECT_EQ(status_of(settings, {{"Host", host}}), 200) << host;
  for (const auto* host : {"evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example",
                           "[::1", "[evil]", "", "1"})
    EXPECT_EQ(status_of(settings, {{"Host", host}}), 403) << host;
}

TEST(AdminAccess, WithoutATokenIsForNoPageOfAnotherOrigin) {
  const Settings settings;
  EXPECT_EQ(status_of(settings, {{"Host", "localhost:8000"}, {"Origin", "http://localhost:8000"}}), 200);
  EXPECT_EQ(
      status_of(settings,
                {{"Host", "127.0.0.1:1"}, {"Origin", "http://localhost:5173"}, {"Sec-Fetch-Site", "same-origin"}}),
      200)
      << "a proxy has changed the Host";
  for (const auto* origin : {"http://evil.example", "http://localhost:8001", "null", "", "http://localhost:8000.evil"})
    EXPECT_EQ(status_of(settings, {{"Host", "localhost:8000"}, {"Origin", origin}}), 403) << origin;
}

TEST(AdminAccess, ElsewhereIsNotThereWithoutAToken) {
  Settings settings;
  settings.bind = "0.0.0.0";
  EXPECT_EQ(status_of(settings, {{"Host", "localhost"}}), 404);
  EXPECT_EQ(status_of(settings, {{"Host", "localhost"}, {"Authorization", "Bearer "}}), 404);
  EXPECT_FALSE(AdminAccess{settings}.is_possible());
  settings.admin_token = "secret";
  EXPECT_TRUE(AdminAccess{settings}.is_possible());
}

TEST(AdminAccess, NeedsTheTokenWhereverThereIsOne) {
  for (const auto* bind : {"127.0.0.1", "0.0.0.0"}) {
    Settings settings;
    settings.bind = bind;
    settings.admin_token = "secret";
    EXPECT_EQ(status_of(settings, {{"Host", "shop.example"}, {"Authorization", "Bearer secret"}}), 200);
    EXPECT_EQ(status_of(settings, {{"Authorization", "bearer secret"}}), 200);
    for (const auto* wrong : {"Bearer secre", "Bearer secrets", "Bearer Secret", "Bearer ", "Basic secret", "secret"})
      EXPECT_EQ(status_of(settings, {{"Host", "localhost"}, {"Authorization", wrong}}), 401) << wrong;
    EXPECT_EQ(status_of(settings, {{"Host", "localhost"}}), 401);
  }
}

TEST(AdminAccess, SaysWhetherTheTokenIsMissingOrWrongAndNothingElse) {
  Settings settings;
  settings.admin_token = "secret";
  const AdminAccess access{settings};
  const auto missing = access.refuse(with({}));
  ASSERT_TRUE(missing);
  EXPECT_NE(missing->body.find(R"("token":"missing")"), std::string::npos) << missing->body;
  EXPECT_EQ(missing->headers.front().name, "WWW-Authenticate");
  const auto wrong = access.refuse(with({{"Authorization", "Bearer guess"}}));
  ASSERT_TRUE(wrong);
  EXPECT_NE(wrong->body.find(R"("token":"wrong")"), std::string::npos) << wrong->body;
  for (const auto* answer : {&missing->body, &wrong->body}) {
    EXPECT_EQ(answer->find("secret"), std::string::npos);
    EXPECT_EQ(answer->find("guess"), std::string::npos);
  }
}

TEST(AdminAccess, ComparesTokensOfAnyLength) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("ab", "ab"));
  for (const auto* other : {"", "a", "abc", "aB", "abab"}) EXPECT_FALSE(equal_in_constant_time(other, "ab")) << other;
  EXPECT_FALSE(equal_in_constant_time("ab", ""));
}

class AdminApi : public ::testing::Test {
 protected:
  Service service_ = make_notes();
};

TEST_F(AdminApi, RefusesEveryEndpointAlike) {
  Settings settings;
  settings.admin_token = "secret";
  AdminBench admin{service_, settings};
  for (const auto* path : {"/system", "/topics", "/openapi.json", "/collections", "/dead-letters/a/b"})
    EXPECT_EQ(admin.get(path).status, 401) << path;
  EXPECT_EQ(admin.post("/topics/noted/entries", "{").status, 401) << "the token comes before the body";
  EXPECT_EQ(admin.ask(Method::get, "/system", {}, {{"Authorization", "Bearer secret"}}).status, 200);
}

TEST_F(AdminApi, DescribesAllItsEndpoints) {
  AdminBench admin{service_};
  const auto document = admin.members("/openapi.json");
  const auto paths = json::from_json<std::map<std::string, Json>>(document.at("paths").text).or_raise();
  for (const auto* path :
       {"/admin/v1/system", "/admin/v1/topics", "/admin/v1/topics/{topic}/entries", "/admin/v1/topics/{topic}/tail",
        "/admin/v1/collections/{name}/documents/{id}", "/admin/v1/backup", "/admin/v1/openapi.json"})
    EXPECT_TRUE(paths.contains(path)) << path;
  EXPECT_NE(paths.at("/admin/v1/topics/{topic}/entries").text.find("\"name\":\"limit\""), std::string::npos);
}

TEST_F(AdminApi, NamesWhatIsWrongInAQueryOrABody) {
  AdminBench admin{service_};
  admin.bench.append("noted", {{"key", "a"}});
  const auto wrong_query = admin.get("/topics/noted/entries?limit=many");
  EXPECT_EQ(wrong_query.status, 422);
  EXPECT_NE(wrong_query.body.find("limit"), std::string::npos) << wrong_query.body;
  const auto unknown_member = admin.post("/topics/noted/entries", R"({"data":{},"dry":true})");
  EXPECT_EQ(unknown_member.status, 422);
  EXPECT_NE(unknown_member.body.find("dry"), std::string::npos) << unknown_member.body;
  EXPECT_EQ(admin.post("/topics/noted/entries", "{").status, 400);
  EXPECT_EQ(admin.ask(Method::post, "/topics/noted/entries", {}, {}).status, 422) << "data is missing";
}

TEST_F(AdminApi, SaysWhatTheProcessIs) {
  Settings settings;
  settings.store = "redis://user:secret@example";
  AdminBench admin{service_, settings};
  const auto system = admin.members("/system");
  EXPECT_NE(system.at("services").text.find(R"("name":"notes")"), std::string::npos);
  EXPECT_EQ(system.at("store").text.find("secret"), std::string::npos) << system.at("store").text;
  EXPECT_EQ(system.at("web").text, "false");
}

}  // namespace
}  // namespace tidemark::kit
