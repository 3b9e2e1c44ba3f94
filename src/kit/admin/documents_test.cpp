// Collections and documents as an operator sees them.
#include <gtest/gtest.h>

#include "kit/testing/test_admin.hpp"

namespace tidemark::kit {
namespace {

class AdminDocuments : public ::testing::Test {
 protected:
  AdminDocuments() { service_.collection<Note>("notes").index(&Note::count).index(&Note::text); }

  void put(const std::string& id, const std::string& text, int count) {
    model::Commit commit;
    commit.partition = {"notes", 0};
    commit.documents.push_back(
        {.collection = "notes.notes", .id = id, .json = to_json(Note{id, text, count}), .version = {++version_, 1}});
    static_cast<void>(admin().bench.inner->commit(commit).or_raise());
  }
  AdminBench& admin() {
    if (!admin_) admin_ = std::make_unique<AdminBench>(service_);
    return *admin_;
  }
  std::vector<std::string> ids(const std::string& query) {
    const auto page = admin().members("/collections/notes.notes/documents" + query);
    std::vector<std::string> ids;
    for (const auto& item : json::from_json<std::vector<std::map<std::string, Json>>>(page.at("items").text).or_raise())
      ids.push_back(json::from_json<std::string>(item.at("id").text).or_raise());
    next_ = page.at("next").text;
    return ids;
  }
  using Ids = std::vector<std::string>;

  Service service_ = make_notes();
  std::unique_ptr<AdminBench> admin_;
  std::uint64_t version_ = 0;
  std::string next_;
};

TEST_F(AdminDocuments, AreCountedInTheirCollections) {
  put("a", "x", 1);
  put("b", "y", 2);
  const auto collections = admin().get("/collections").body;
  EXPECT_NE(
      collections.find(R"({"name":"notes.notes","service":"notes","indexes":[{"name":"count","members":["count"],)"
                       R"("unique":false})"),
      std::string::npos)
      << collections;
  EXPECT_NE(collections.find(R"("documents":2,"documents_exact":true)"), std::string::npos) << collections;
  EXPECT_NE(collections.find(R"("schema":{)"), std::string::npos) << collections;
}

TEST_F(AdminDocuments, AreFoundByIdAndByIndex) {
  put("a", "10", 3);
  put("b", "9", 1);
  put("c", "10", 2);
  EXPECT_EQ(ids(""), (Ids{"a", "b", "c"}));
  EXPECT_EQ(ids("?order=descending&limit=2"), (Ids{"c", "b"}));
  EXPECT_EQ(ids("?order=descending&limit=2&after=" + json::from_json<std::string>(next_).or_raise()), (Ids{"a"}));
  EXPECT_EQ(ids("?index=count"), (Ids{"b", "c", "a"}));
  EXPECT_EQ(ids("?index=count&equal=2"), (Ids{"c"}));
  EXPECT_EQ(ids("?index=count&from=2&below=4"), (Ids{"c", "a"}));
  EXPECT_EQ(ids("?index=text&equal=10"), (Ids{"a", "c"})) << "a text that looks like a number is a text";
  EXPECT_EQ(admin().get("/collections/notes.notes/documents?index=colour").status, 422);
  EXPECT_EQ(admin().get("/collections/notes.notes/documents?equal=1").status, 422);
  EXPECT_EQ(admin().get("/collections/notes.nothing/documents").status, 404);
}

TEST_F(AdminDocuments, AreShownWithTheirVersion) {
  put("a/1", "x", 1);
  const auto response = admin().get("/collections/notes.notes/documents/a/1");
  EXPECT_EQ(response.status, 404) << "a slash in an id is escaped";
  put("a", "x", 1);
  const auto document = admin().members("/collections/notes.notes/documents/a");
  EXPECT_EQ(document.at("document").text, R"({"id":"a","text":"x","count":1})");
  EXPECT_EQ(document.at("version").text, R"("2-0000000000000001")");
  EXPECT_EQ(document.at("history").text, "[]");
  EXPECT_EQ(admin().get("/collections/notes.notes/documents/b").status, 404);
}

}  // namespace
}  // namespace tidemark::kit
