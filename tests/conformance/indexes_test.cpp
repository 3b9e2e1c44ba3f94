// Unique indexes, and what happens when a collection's indexes are declared anew.
#include "conformance/store_test.hpp"

namespace tidemark::conformance {
namespace {

using testing::ElementsAre;

const model::IndexDefinition UNIQUE_EMAIL{"email", "email", true};

std::string with_email(std::string_view email) { return R"({"email":")" + std::string{email} + R"("})"; }

class UniqueIndex : public StoreTest {
 protected:
  UniqueIndex() { EXPECT_EQ(declare_documents({UNIQUE_EMAIL}), ErrorCode::internal); }
  static Commit putting(std::string id, std::string json) {
    auto commit = commit_in();
    commit.documents.push_back(put(std::move(id), std::move(json)));
    return commit;
  }
};

TEST_F(UniqueIndex, RefusesASecondDocumentWithTheValue) {
  put_document("1", with_email("ann@example.com"));
  EXPECT_EQ(refused(putting("2", with_email("ann@example.com"))), ErrorCode::already_exists);
  EXPECT_FALSE(find("2"));
  put_document("1", with_email("ann@example.com"));  // a document does not clash with itself
}

TEST_F(UniqueIndex, HoldsWithinAPartition) {
  put_document("1", with_email("ann@example.com"));
  put_document("2", with_email("ann@example.com"), OTHER_PARTITION);
  EXPECT_TRUE(find("2", OTHER_PARTITION));
}

TEST_F(UniqueIndex, LetsAbsentAndNullValuesBe) {
  put_document("1", "{}");
  put_document("2", "{}");
  put_document("3", R"({"email":null})");
  put_document("4", R"({"email":null})");
  EXPECT_TRUE(find("4"));
}

TEST_F(UniqueIndex, FreesAValueThatWasGivenUp) {
  put_document("1", with_email("ann@example.com"));
  put_document("1", with_email("ann@example.org"));
  put_document("2", with_email("ann@example.com"));
  erase_document("2");
  put_document("3", with_email("ann@example.com"));
  EXPECT_TRUE(find("3"));
}

TEST_F(UniqueIndex, LetsOneCommitSwapValues) {
  put_document("1", with_email("a@example.com"));
  put_document("2", with_email("b@example.com"));
  auto swapping = commit_in();
  swapping.documents.push_back(put("1", with_email("b@example.com"), find("1")->version));
  swapping.documents.push_back(put("2", with_email("a@example.com"), find("2")->version));
  commit(swapping);
  model::Query a{.collection = DOCUMENTS, .index = "email", .equal = "a@example.com"};
  EXPECT_THAT(ids_of(a), ElementsAre("2"));
}

TEST_F(UniqueIndex, LetsOneCommitHandAValueFromAnErasedDocumentToANewOne) {
  put_document("1", with_email("a@example.com"));
  auto moving = commit_in();
  moving.documents.push_back(put("2", with_email("a@example.com")));
  moving.documents.push_back(erase("1"));
  commit(moving);
  EXPECT_FALSE(find("1"));
  EXPECT_TRUE(find("2"));
}

TEST_F(UniqueIndex, RefusesACommitThatClashesWithItself) {
  auto clashing = putting("1", with_email("a@example.com"));
  clashing.documents.push_back(put("2", with_email("a@example.com")));
  EXPECT_EQ(refused(clashing), ErrorCode::already_exists);
  EXPECT_FALSE(find("1"));
}

TEST_F(UniqueIndex, HoldsAfterARestart) {
  put_document("1", with_email("a@example.com"));
  reopen();
  EXPECT_EQ(declare_documents({UNIQUE_EMAIL}), ErrorCode::internal);
  EXPECT_EQ(refused(putting("2", with_email("a@example.com"))), ErrorCode::already_exists);
}

class DeclaredIndexes : public StoreTest {
 protected:
  static model::Query named(std::string index, std::string value) {
    return {.collection = DOCUMENTS, .index = std::move(index), .equal = std::move(value)};
  }
};

TEST_F(DeclaredIndexes, MayBeDeclaredAgain) {
  EXPECT_EQ(declare_documents({UNIQUE_EMAIL}), ErrorCode::internal);
  put_document("1", with_email("a@example.com"));
  EXPECT_EQ(declare_documents({UNIQUE_EMAIL}), ErrorCode::internal);
  EXPECT_THAT(ids_of(named("email", "a@example.com")), ElementsAre("1"));
}

TEST_F(DeclaredIndexes, AreBuiltFromTheDocumentsThatAreThere) {
  EXPECT_EQ(declare_documents(), ErrorCode::internal);
  for (int i = 0; i < 300; ++i) {
    put_document(std::to_string(i), i % 100 == 7 ? R"({"kind":"rare"})" : R"({"kind":"common"})");
  }
  put_document("other", R"({"kind":"rare"})", OTHER_PARTITION);
  EXPECT_EQ(declare_documents({{"kind", "kind"}}), ErrorCode::internal);
  EXPECT_THAT(ids_of(named("kind", "rare")), ElementsAre("107", "207", "7"));
  EXPECT_THAT(ids_of(named("kind", "rare"), OTHER_PARTITION), ElementsAre("other"));
}

TEST_F(DeclaredIndexes, FollowAChangedPath) {
  EXPECT_EQ(declare_documents({{"place", "city"}}), ErrorCode::internal);
  put_document("1", R"({"city":"Kiel","address":{"city":"Brest"}})");
  EXPECT_EQ(declare_documents({{"place", "address.city"}}), ErrorCode::internal);
  EXPECT_THAT(ids_of(named("place", "Brest")), ElementsAre("1"));
  EXPECT_THAT(ids_of(named("place", "Kiel")), testing::IsEmpty());
}

TEST_F(DeclaredIndexes, ThatAreDroppedAreNoLongerAsked) {
  EXPECT_EQ(declare_documents({UNIQUE_EMAIL}), ErrorCode::internal);
  put_document("1", with_email("a@example.com"));
  EXPECT_EQ(declare_documents(), ErrorCode::internal);
  const auto page = on_fiber([&] { return store().query(PARTITION, named("email", "a@example.com")); });
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, ErrorCode::invalid);
  put_document("2", with_email("a@example.com"));
  EXPECT_TRUE(find("2")) << "it is no longer unique";
}

TEST_F(DeclaredIndexes, ThatClashAreRefusedAndTheOldOnesStay) {
  EXPECT_EQ(declare_documents({{"kind", "kind"}}), ErrorCode::internal);
  put_document("1", R"({"kind":"x","email":"a@example.com"})");
  put_document("2", R"({"kind":"x","email":"a@example.com"})");
  EXPECT_EQ(declare_documents({UNIQUE_EMAIL}), ErrorCode::already_exists);
  EXPECT_THAT(ids_of(named("kind", "x")), ElementsAre("1", "2"));
}

// A partition in which nothing was written yet was looked at before, under the former definition.
TEST_F(DeclaredIndexes, ReachAPartitionThatWasOnlyRead) {
  EXPECT_EQ(declare_documents(), ErrorCode::internal);
  EXPECT_FALSE(find("1"));
  EXPECT_EQ(declare_documents({UNIQUE_EMAIL}), ErrorCode::internal);
  put_document("1", with_email("a@example.com"));
  EXPECT_THAT(ids_of(named("email", "a@example.com")), ElementsAre("1"));
}

}  // namespace
}  // namespace tidemark::conformance
