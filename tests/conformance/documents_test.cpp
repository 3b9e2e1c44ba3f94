// Documents: put, found, erased, and the versions that commits expect.
#include <map>

#include "conformance/store_test.hpp"

namespace tidemark::conformance {
namespace {

class Documents : public StoreTest {
 protected:
  Documents() { EXPECT_EQ(declare_documents(), ErrorCode::internal); }
};

TEST_F(Documents, AreFoundAsTheyWerePut) {
  EXPECT_FALSE(find("a"));
  const auto change = put("a", R"({"name":"Ann","tides":[1,2.5,null]})");
  auto putting = commit_in();
  putting.documents.push_back(change);
  commit(putting);
  const auto found = find("a");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, "a");
  EXPECT_EQ(found->json, change.json);
  EXPECT_EQ(found->version, change.version);
}

TEST_F(Documents, AreGoneWhenErased) {
  put_document("a", "{}");
  erase_document("a");
  EXPECT_FALSE(find("a"));
  erase_document("a");  // what is not there may be erased again
}

TEST_F(Documents, OfOnePartitionAreNotSeenInAnother) {
  put_document("a", R"({"of":0})");
  EXPECT_FALSE(find("a", OTHER_PARTITION));
  put_document("a", R"({"of":1})", OTHER_PARTITION);
  EXPECT_EQ(find("a")->json, R"({"of":0})");
  EXPECT_EQ(ids_of({.collection = DOCUMENTS}, OTHER_PARTITION), std::vector<std::string>{"a"});
}

TEST_F(Documents, KeepIdsOfAnyBytes) {
  for (const std::string& id :
       {std::string{"a\0b", 3}, std::string{"\xff\xff"}, std::string{"ü/{}:*"}, std::string{" "}}) {
    put_document(id, "{}");
    ASSERT_TRUE(find(id));
    EXPECT_EQ(find(id)->id, id);
  }
  EXPECT_EQ(query({.collection = DOCUMENTS}).documents.size(), 4u);
}

TEST_F(Documents, OfAnUndeclaredCollectionAreNotFound) {
  const auto found = on_fiber([&] { return store().find(PARTITION, "suite.nowhere", "a"); });
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::not_found);
  auto putting = commit_in();
  putting.documents.push_back(put("a", "{}"));
  putting.documents.back().collection = "suite.nowhere";
  EXPECT_EQ(refused(putting), ErrorCode::not_found);
}

TEST_F(Documents, ChangeOnlyWhileTheyHaveTheExpectedVersion) {
  put_document("a", R"({"n":1})");
  const auto first = find("a")->version;
  auto changing = commit_in();
  changing.expected_documents.push_back(expect_version("a", first));
  changing.documents.push_back(put("a", R"({"n":2})", first));
  commit(changing);
  EXPECT_EQ(refused(changing), ErrorCode::conflict) << "the version that was expected is gone";
  EXPECT_EQ(find("a")->json, R"({"n":2})");
}

TEST_F(Documents, AreExpectedByTheWholeVersion) {
  put_document("a", "{}");
  const auto version = find("a")->version;
  auto changing = commit_in();
  changing.expected_documents.push_back(expect_version("a", model::Version{version.counter, version.nonce + 1}));
  changing.documents.push_back(put("a", R"({"n":2})", version));
  EXPECT_EQ(refused(changing), ErrorCode::conflict) << "the same number of another life is another version";
  EXPECT_EQ(find("a")->json, "{}");
}

TEST_F(Documents, ThatWereAbsentMustStillBe) {
  auto making = commit_in();
  making.expected_documents.push_back(expect_version("a", {}));
  making.documents.push_back(put("a", "{}"));
  commit(making);
  EXPECT_EQ(refused(making), ErrorCode::conflict);
}

TEST_F(Documents, ThatWereThereMustStillBe) {
  put_document("a", "{}");
  auto changing = commit_in();
  changing.expected_documents.push_back(expect_version("a", find("a")->version));
  changing.publications.push_back(event("topic", "a was there"));
  erase_document("a");
  EXPECT_EQ(refused(changing), ErrorCode::conflict);
}

// A decision made from what was read is only as good as the reading.
TEST_F(Documents, ThatWereOnlyReadAreCheckedToo) {
  put_document("read", R"({"n":1})");
  auto changing = commit_in();
  changing.expected_documents.push_back(expect_version("read", find("read")->version));
  changing.documents.push_back(put("written", "{}"));
  put_document("read", R"({"n":2})");
  EXPECT_EQ(refused(changing), ErrorCode::conflict);
  EXPECT_FALSE(find("written"));
}

TEST_F(Documents, OfACommitThatChangesNothingAreCheckedToo) {
  put_document("a", "{}");
  auto reading = commit_in();
  reading.expected_documents.push_back(expect_version("a", find("a")->version));
  ASSERT_TRUE(reading.changes_nothing());
  commit(reading);
  put_document("a", R"({"n":2})");
  EXPECT_EQ(refused(reading), ErrorCode::conflict);
}

TEST_F(Documents, AreReadWithAnLsnThatCoversThem) {
  auto putting = commit_in();
  putting.documents.push_back(put("a", "{}"));
  const Lsn lsn = commit(putting).lsn;
  EXPECT_GE(on_fiber([&] { return store().find(PARTITION, DOCUMENTS, "a"); })->seen, lsn);
  EXPECT_GE(on_fiber([&] { return store().query(PARTITION, {.collection = DOCUMENTS}); })->seen, lsn);
  EXPECT_GE(on_fiber([&] { return store().find(PARTITION, DOCUMENTS, "absent"); })->seen, lsn)
      << "an absence was seen at a moment, too";
  EXPECT_GE(store().seen(), lsn);
  wait_durable(lsn);
}

TEST_F(Documents, SurviveARestart) {
  put_document("a", R"({"n":1})");
  put_document("b", "{}");
  erase_document("b");
  const auto version = find("a")->version;
  reopen();
  EXPECT_EQ(declare_documents(), ErrorCode::internal);
  EXPECT_EQ(find("a")->json, R"({"n":1})");
  EXPECT_EQ(find("a")->version, version);
  EXPECT_FALSE(find("b"));
}

TEST_F(Documents, AreCountedAndTheirCollectionsListed) {
  for (const char* id : {"a", "b", "c"}) put_document(id, "{}");
  put_document("a", "{}", OTHER_PARTITION);
  const auto count = [&](const model::Partition& partition, std::uint64_t at_most = 1000) {
    return on_fiber([&] { return store().count_documents(partition, DOCUMENTS, at_most); }).or_raise();
  };
  EXPECT_EQ(count(PARTITION).count, 3u);
  EXPECT_TRUE(count(PARTITION, 3).is_exact);
  EXPECT_EQ(count(OTHER_PARTITION).count, 1u);
  const auto some = count(PARTITION, 2);
  EXPECT_TRUE(some.is_exact ? some.count == 3 : some.count == 2);
  EXPECT_EQ(on_fiber([&] { return store().count_documents(PARTITION, "suite.nowhere", 1); }).error().code,
            ErrorCode::not_found);

  on_fiber([&] {
    return store().declare_collection({.name = "another.things", .indexes = {{"size", "box.size", true}}});
  }).or_raise();
  std::map<std::string, model::CollectionInfo> listed;
  for (auto& info : on_fiber([&] { return store().collections(); }).or_raise())
    listed.emplace(info.definition.name, info);
  ASSERT_TRUE(listed.contains(DOCUMENTS));
  ASSERT_TRUE(listed.contains("another.things"));
  EXPECT_EQ(listed["another.things"].definition.indexes,
            (std::vector<model::IndexDefinition>{{"size", "box.size", true}}));
  EXPECT_EQ(listed["another.things"].partitions, 1u);
}

}  // namespace
}  // namespace tidemark::conformance
