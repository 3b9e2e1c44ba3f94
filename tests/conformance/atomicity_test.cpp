// Atomicity: a commit applies as a whole, or it changes nothing, whichever of its checks fails.
#include "conformance/store_test.hpp"

namespace tidemark::conformance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const store::Subscription BY{"source", "group", "consumer"};

class Atomicity : public StoreTest {
 protected:
  Atomicity() {
    EXPECT_EQ(declare_documents({{"email", "email", true}}), ErrorCode::internal);
    declare_group(BY);
    declare_topic("effects");
    publish("source", "1");
    letter_ = publish("letters", "dead");
    put_document("old", R"({"email":"old@example.com"})");
    put_key("taken");
    old_version_ = find("old")->version;
    delivery_ = fetch(BY).at(0);
  }
  void put_key(const std::string& key) {
    auto putting = commit_in();
    putting.keys.push_back({.key = key, .value = "value", .expires = clock_.now() + 1h, .must_be_absent = false});
    commit(putting);
  }
  // One of everything, each of which can succeed.
  Commit everything() {
    auto all = commit_in();
    all.settlements.push_back(acknowledgement(BY, delivery_));
    all.expected_documents.push_back(expect_version("old", old_version_));
    all.expected_queries.push_back({{.collection = DOCUMENTS}, model::digest_of(query({.collection = DOCUMENTS}))});
    all.documents.push_back(put("new", R"({"email":"new@example.com"})"));
    all.documents.push_back(erase("old"));
    all.publications.push_back(event("effects", "first"));
    all.publications.push_back(event("effects", "second"));
    all.timers.push_back({.name = "timer", .due = clock_.now(), .topic = "timed", .fields = text_fields("on time")});
    all.keys.push_back({.key = "key", .value = "v", .expires = clock_.now() + 1h, .must_be_absent = true});
    all.erasures.push_back({.topic = "letters", .id = letter_});
    return all;
  }
  void expect_nothing_changed() {
    EXPECT_EQ(pending(BY).size(), 1u);
    EXPECT_EQ(find("old")->version, old_version_);
    EXPECT_FALSE(find("new"));
    EXPECT_THAT(texts("effects"), IsEmpty());
    EXPECT_THAT(texts("letters"), ElementsAre("dead"));
    EXPECT_FALSE(find_key("key"));
    maintain();
    EXPECT_FALSE(on_fiber([&] { return store().topic("timed"); }).has_value()) << "a timer fired";
  }
  void expect_refused_without_effect(const Commit& commit, ErrorCode code) {
    EXPECT_EQ(refused(commit), code);
    expect_nothing_changed();
    reopen();
    EXPECT_EQ(declare_documents({{"email", "email", true}}), ErrorCode::internal);
    expect_nothing_changed();
  }

  model::Delivery delivery_;
  model::Version old_version_;
  StreamId letter_;
};

TEST_F(Atomicity, AppliesAllOfACommit) {
  const auto committed = commit(everything());
  ASSERT_EQ(committed.published.size(), 2u);
  EXPECT_LT(committed.published[0], committed.published[1]);
  EXPECT_THAT(pending(BY), IsEmpty());
  EXPECT_FALSE(find("old"));
  EXPECT_TRUE(find("new"));
  EXPECT_THAT(texts("effects"), ElementsAre("first", "second"));
  EXPECT_THAT(texts("letters"), IsEmpty());
  EXPECT_EQ(find_key("key"), "v");
  maintain();
  EXPECT_THAT(texts("timed"), ElementsAre("on time"));
}

TEST_F(Atomicity, AppliesNothingOfAFencedCommit) {
  auto all = everything();
  all.settlements[0].token ^= 2;
  expect_refused_without_effect(all, ErrorCode::fenced);
}

TEST_F(Atomicity, AppliesNothingWhenADocumentIsNotAsExpected) {
  auto all = everything();
  all.expected_documents.push_back(expect_version("absent", model::Version{1, 1}));
  expect_refused_without_effect(all, ErrorCode::conflict);
}

TEST_F(Atomicity, AppliesNothingWhenAQueryIsNotAsExpected) {
  auto all = everything();
  all.expected_queries[0].digest ^= 1;
  expect_refused_without_effect(all, ErrorCode::conflict);
}

TEST_F(Atomicity, AppliesNothingWhenAUniqueIndexClashes) {
  auto all = everything();
  all.documents.push_back(put("clash", R"({"email":"new@example.com"})"));
  expect_refused_without_effect(all, ErrorCode::already_exists);
}

TEST_F(Atomicity, AppliesNothingForAnUndeclaredCollection) {
  auto all = everything();
  all.documents.push_back(put("other", "{}"));
  all.documents.back().collection = "suite.nowhere";
  expect_refused_without_effect(all, ErrorCode::not_found);
}

TEST_F(Atomicity, AppliesNothingWhenAKeyIsTaken) {
  auto all = everything();
  all.keys.push_back({.key = "taken", .value = "v", .expires = clock_.now() + 1h, .must_be_absent = true});
  expect_refused_without_effect(all, ErrorCode::already_exists);
}

TEST_F(Atomicity, AppliesNothingWhenAnEntryToEraseIsGone) {
  auto all = everything();
  all.erasures.push_back({.topic = "letters", .id = letter_.next()});
  expect_refused_without_effect(all, ErrorCode::not_found);
}

TEST_F(Atomicity, AppliesNothingWhenAnIdDoesNotRise) {
  auto all = everything();
  all.publications.push_back(event("letters", "late"));
  all.publications.back().id = letter_;
  expect_refused_without_effect(all, ErrorCode::invalid);
}

TEST_F(Atomicity, AppliesNothingOfWhatIsTooLarge) {
  constexpr std::size_t TOO_LARGE = 64 << 20;
  auto all = everything();
  all.publications.push_back(event("effects", std::string(TOO_LARGE, 'x')));
  EXPECT_EQ(refused(all), ErrorCode::too_large);
  all = everything();
  all.documents.push_back(put("large", '"' + std::string(TOO_LARGE, 'x') + '"'));
  EXPECT_EQ(refused(all), ErrorCode::too_large);
  all = everything();
  all.keys.push_back({.key = "large", .value = std::string(TOO_LARGE, 'x'), .expires = clock_.now() + 1h});
  EXPECT_EQ(refused(all), ErrorCode::too_large);
  expect_nothing_changed();
}

TEST_F(Atomicity, RefusesEndpointsNotHandlersWhenSpaceIsLow) {
  reopen({.space_is_low = true});
  EXPECT_EQ(declare_documents({{"email", "email", true}}), ErrorCode::internal);
  delivery_ = claim(BY).at(0);
  auto all = everything();
  all.refusable = true;
  EXPECT_EQ(refused(all), ErrorCode::disk_full);
  expect_nothing_changed();
  EXPECT_FALSE(store().health().ready);
  EXPECT_FALSE(store().health().reason.empty());
  all.refusable = false;
  commit(all);
  EXPECT_TRUE(find("new")) << "handlers go on draining";
}

}  // namespace
}  // namespace tidemark::conformance
