// What is read ahead for runs of a handler.
#include "kit/run/foresight.hpp"

#include <gtest/gtest.h>

#include "kit/testing/test_bench.hpp"
#include "kit/testing/test_service.hpp"

namespace tidemark::kit {
namespace {

class ForesightTest : public ::testing::Test {
 protected:
  ForesightTest() {
    service_.collection<Note>("notes");
    service_.on<Noted>("noted", [](auto&, auto&) {});
    bench_ = std::make_unique<Bench>(service_);
    bench_->loop.run("declare", [&] {
      bench_->catalog.declare().or_raise();
      collection_ = bench_->catalog.collection(type_of<Note>()).or_raise();
      model::Commit commit;
      commit.partition = PARTITION;
      commit.documents.push_back({collection_->name, "b", R"({"id":"b"})", {4, 1}});
      static_cast<void>(bench_->store.commit(commit).or_raise());
    });
  }
  static model::Fields event(std::string_view key, std::string_view other) {
    model::Fields fields;
    fields.add("key", key);
    fields.add("other", other);
    return fields;
  }
  RunDocument looked_at(std::string id) const {
    RunDocument document;
    document.collection = collection_;
    document.id = std::move(id);
    return document;
  }
  RunChain chain() {
    return {bench_->store, PARTITION, [](auto, auto, auto) {}};
  }
  void look_ahead(const std::vector<model::Fields>& events, RunChain& chain) {
    bench_->loop.run("look", [&] { foresight_.look_ahead(bench_->store, PARTITION, events, chain); });
  }

  const model::Partition PARTITION{"notes", 0};
  Service service_{"notes"};
  std::unique_ptr<Bench> bench_;
  const CollectionBinding* collection_ = nullptr;
  Foresight foresight_;
};

TEST_F(ForesightTest, ReadsWhatTheMemberNamesThatNamedADocumentBefore) {
  foresight_.learn(event("a", "x"), std::vector{looked_at("a")});
  auto chain = this->chain();
  look_ahead({event("b", "y"), event("c", "y")}, chain);
  const auto* there = chain.find(collection_, "b");
  ASSERT_NE(there, nullptr);
  EXPECT_TRUE(there->present);
  EXPECT_EQ(there->read, (model::Version{4, 1}));
  EXPECT_EQ(there->json, R"({"id":"b"})");
  const auto* absent = chain.find(collection_, "c");
  ASSERT_NE(absent, nullptr);
  EXPECT_FALSE(absent->present);
  EXPECT_EQ(absent->read, std::nullopt);
  EXPECT_EQ(chain.find(collection_, "y"), nullptr) << "nobody looks at that";
}

TEST_F(ForesightTest, ReadsNothingWhereNoMemberNamesADocument) {
  foresight_.learn(event("a", "x"), std::vector{looked_at("settings")});
  auto chain = this->chain();
  look_ahead({event("b", "y")}, chain);
  EXPECT_EQ(chain.find(collection_, "b"), nullptr);
}

TEST_F(ForesightTest, LeavesWhatCanNotBeReadToTheRuns) {
  const CollectionBinding unknown{"notes.unknown"};
  auto document = looked_at("a");
  document.collection = &unknown;
  foresight_.learn(event("a", "x"), std::vector{document});
  auto chain = this->chain();
  look_ahead({event("b", "y"), event("c", "y")}, chain);
  EXPECT_EQ(chain.find(&unknown, "b"), nullptr);
}

}  // namespace
}  // namespace tidemark::kit
