// StoreTest: a store, a clock that stands still, and the words that the suite's tests are written in. Each word makes
// its calls on a fiber and returns when they are done, so a test reads straight down.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conformance/subject.hpp"
#include "fiber/manual_loop.hpp"

namespace tidemark::conformance {

using namespace std::chrono_literals;
using model::Commit;

inline const model::Partition PARTITION{"suite", 0};
inline const model::Partition OTHER_PARTITION{"suite", 1};
inline const std::string DOCUMENTS = "suite.documents";

// An event with one field, "text".
model::Fields text_fields(std::string_view text);
std::string text_of(const model::Fields& fields);
model::Publication event(std::string topic, std::string_view text);
model::Settlement acknowledgement(const store::Subscription& by, const model::Delivery& delivery);
model::Settlement retry(const store::Subscription& by, const model::Delivery& delivery, TimePoint at,
                        std::uint32_t attempts, std::string error);
// A version that follows `before`, or a document's first.
model::Version version_after(const std::optional<model::Version>& before = {});
model::DocumentChange put(std::string id, std::string json, const std::optional<model::Version>& before = {});
model::DocumentChange erase(std::string id);
model::DocumentExpectation expect_version(std::string id, std::optional<model::Version> version);
Commit commit_in(const model::Partition& partition = PARTITION);

class StoreTest : public testing::Test {
 protected:
  StoreTest();
  ~StoreTest() override;

  store::Store& store() { return *store_; }
  void reopen(const Conditions& conditions = {});  // after a clean stop
  void crash();                                    // kill -9, and a new start

  // Runs a call of the store on a fiber until it has ended; returns what it returned, or throws what it threw.
  template <class Call>
  auto on_fiber(Call call) {
    std::unique_ptr<decltype(call())> result;
    // Made in place: GCC 12 takes the destructor of a moved-from result for a bug.
    run([&] { result.reset(new auto(call())); });
    return std::move(*result);
  }
  void run(fiber::Task body);

  // --- Commits. The test fails where one does not succeed; refused() gives the code of one that must not. ---
  model::Committed commit(const Commit& commit);
  ErrorCode refused(const Commit& commit);
  void wait_durable(Lsn lsn);
  StreamId publish(const std::string& topic, std::string_view text);
  void put_document(const std::string& id, const std::string& json, const model::Partition& partition = PARTITION);
  void erase_document(const std::string& id);

  // --- Declarations ---
  void declare_topic(const std::string& topic, const model::Retention& retention = {});
  void declare_group(const store::Subscription& by, StreamId start = StreamId::min());
  ErrorCode declare_documents(std::vector<model::IndexDefinition> indexes = {});  // `internal` when it succeeds

  // --- Reading ---
  std::optional<model::Document> find(const std::string& id, const model::Partition& partition = PARTITION);
  std::optional<std::string> find_key(const std::string& key);
  model::Page query(const model::Query& query, const model::Partition& partition = PARTITION);
  std::vector<std::string> ids_of(const model::Query& query, const model::Partition& partition = PARTITION);
  std::vector<std::string> texts(const std::string& topic);  // of all its entries

  // --- Deliveries ---
  std::vector<model::Delivery> fetch(const store::Subscription& by, std::uint32_t count = 100);  // empty: none is there
  std::vector<model::Delivery> claim(const store::Subscription& by, Duration idle = 0ms,
                                     StreamId after = StreamId::min(), std::uint32_t count = 100);
  ErrorCode record_attempt(const store::Subscription& by, const model::Delivery& delivery,
                           std::uint32_t attempt);  // `internal` when it succeeds; durable then
  model::GroupInfo group_info(const store::Subscription& by);
  std::vector<model::PendingInfo> pending(const store::Subscription& by);

  // Calls maintain() until it has nothing more to do; returns when it wants to be called again.
  TimePoint maintain();

  VirtualClock clock_;
  fiber::ManualLoop loop_{clock_};
  std::unique_ptr<Subject> subject_ = make_subject();

 private:
  void open(const Conditions& conditions);
  std::unique_ptr<store::Store> store_;
};

std::vector<std::string> texts_of(const std::vector<model::Delivery>& deliveries);

}  // namespace tidemark::conformance
