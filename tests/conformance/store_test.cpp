#include "conformance/store_test.hpp"

#include "base/random.hpp"

namespace tidemark::conformance {

model::Fields text_fields(std::string_view text) {
  model::Fields fields;
  fields.add("text", text);
  return fields;
}

std::string text_of(const model::Fields& fields) { return std::string{fields.find("text").value_or("(no text)")}; }

model::Publication event(std::string topic, std::string_view text) {
  return {.topic = std::move(topic), .fields = text_fields(text), .id = {}};
}

model::Settlement acknowledgement(const store::Subscription& by, const model::Delivery& delivery) {
  return {.topic = by.topic, .group = by.group, .id = delivery.id, .token = delivery.token};
}

model::Settlement retry(const store::Subscription& by, const model::Delivery& delivery, TimePoint at,
                        std::uint32_t attempts, std::string error) {
  auto settlement = acknowledgement(by, delivery);
  settlement.kind = model::Settlement::Kind::retry;
  settlement.retry_at = at;
  settlement.attempts = attempts;
  settlement.error = std::move(error);
  return settlement;
}

model::Version version_after(const std::optional<model::Version>& before) {
  return {.counter = before ? before->counter + 1 : 1, .nonce = thread_random().next()};
}

model::DocumentChange put(std::string id, std::string json, const std::optional<model::Version>& before) {
  return {.collection = DOCUMENTS, .id = std::move(id), .json = std::move(json), .version = version_after(before)};
}

model::DocumentChange erase(std::string id) {
  return {.collection = DOCUMENTS, .id = std::move(id), .json = {}, .version = {}};
}

model::DocumentExpectation expect_version(std::string id, std::optional<model::Version> version) {
  return {.collection = DOCUMENTS, .id = std::move(id), .version = version};
}

Commit commit_in(const model::Partition& partition) {
  Commit commit;
  commit.partition = partition;
  return commit;
}

std::vector<std::string> texts_of(const std::vector<model::Delivery>& deliveries) {
  std::vector<std::string> texts;
  for (const auto& delivery : deliveries) texts.push_back(text_of(delivery.fields));
  return texts;
}

StoreTest::StoreTest() { open({}); }
StoreTest::~StoreTest() = default;

void StoreTest::open(const Conditions& conditions) { store_ = subject_->open(clock_, conditions).or_raise(); }

void StoreTest::reopen(const Conditions& conditions) {
  store_.reset();
  open(conditions);
}

void StoreTest::crash() {
  subject_->crash(std::move(store_));
  open({});
}

void StoreTest::run(fiber::Task body) {
  // Time moves only where a test moves it: what a word waits for comes from another thread.
  constexpr std::chrono::seconds PATIENCE{60};
  loop_.run("test", std::move(body), PATIENCE);
}

// --- Commits ---

model::Committed StoreTest::commit(const Commit& commit) {
  return on_fiber([&] { return store().commit(commit); }).or_raise();
}

ErrorCode StoreTest::refused(const Commit& commit) {
  const auto committed = on_fiber([&] { return store().commit(commit); });
  if (committed) {
    ADD_FAILURE() << "a commit that must be refused was applied";
    return ErrorCode::internal;
  }
  EXPECT_FALSE(committed.error().message.empty());
  return committed.error().code;
}

void StoreTest::wait_durable(Lsn lsn) {
  on_fiber([&] { return store().wait_durable(lsn); }).or_raise();
  EXPECT_TRUE(store().is_durable(lsn));
}

StreamId StoreTest::publish(const std::string& topic, std::string_view text) {
  auto publishing = commit_in();
  publishing.publications.push_back(event(topic, text));
  return commit(publishing).published.at(0);
}

void StoreTest::put_document(const std::string& id, const std::string& json, const model::Partition& partition) {
  const auto before = find(id, partition);
  auto putting = commit_in(partition);
  putting.documents.push_back(put(id, json, before ? std::optional{before->version} : std::nullopt));
  commit(putting);
}

void StoreTest::erase_document(const std::string& id) {
  auto erasing = commit_in();
  erasing.documents.push_back(erase(id));
  commit(erasing);
}

// --- Declarations ---

void StoreTest::declare_topic(const std::string& topic, const model::Retention& retention) {
  on_fiber([&] { return store().declare_topic({.name = topic, .retention = retention}); }).or_raise();
}

void StoreTest::declare_group(const store::Subscription& by, StreamId start) {
  on_fiber([&] { return store().declare_group(by.topic, by.group, start); }).or_raise();
}

ErrorCode StoreTest::declare_documents(std::vector<model::IndexDefinition> indexes) {
  const model::CollectionDefinition definition{.name = DOCUMENTS, .indexes = std::move(indexes)};
  const auto declared = on_fiber([&] { return store().declare_collection(definition); });
  return declared ? ErrorCode::internal : declared.error().code;
}

// --- Reading ---

std::optional<model::Document> StoreTest::find(const std::string& id, const model::Partition& partition) {
  return on_fiber([&] { return store().find(partition, DOCUMENTS, id); }).or_raise().value;
}

std::optional<std::string> StoreTest::find_key(const std::string& key) {
  return on_fiber([&] { return store().find_key(PARTITION, key); }).or_raise().value;
}

model::Page StoreTest::query(const model::Query& query, const model::Partition& partition) {
  return on_fiber([&] { return store().query(partition, query); }).or_raise().value;
}

std::vector<std::string> StoreTest::ids_of(const model::Query& wanted, const model::Partition& partition) {
  std::vector<std::string> ids;
  for (const auto& document : query(wanted, partition).documents) ids.push_back(document.id);
  return ids;
}

std::vector<std::string> StoreTest::texts(const std::string& topic) {
  const auto entries = on_fiber([&] { return store().read(topic, StreamId::min(), 10'000); }).or_raise();
  std::vector<std::string> texts;
  for (const auto& entry : entries) texts.push_back(text_of(entry.fields));
  return texts;
}

// --- Deliveries ---

std::vector<model::Delivery> StoreTest::fetch(const store::Subscription& by, std::uint32_t count) {
  constexpr std::size_t BYTES = 1 << 20;
  const Instant at_once = clock_.instant();
  return on_fiber([&] { return store().fetch(by, count, BYTES, at_once); }).or_raise().deliveries;
}

std::vector<model::Delivery> StoreTest::claim(const store::Subscription& by, Duration idle, StreamId after,
                                              std::uint32_t count) {
  return on_fiber([&] { return store().claim(by, idle, after, count); }).or_raise().deliveries;
}

ErrorCode StoreTest::record_attempt(const store::Subscription& by, const model::Delivery& delivery,
                                    std::uint32_t attempt) {
  const auto recorded = on_fiber([&] { return store().record_attempt(by, delivery.id, delivery.token, attempt); });
  if (!recorded) return recorded.error().code;
  wait_durable(*recorded);
  return ErrorCode::internal;
}

model::GroupInfo StoreTest::group_info(const store::Subscription& by) {
  const auto groups = on_fiber([&] { return store().groups(by.topic); }).or_raise();
  for (const auto& group : groups) {
    if (group.name == by.group) return group;
  }
  ADD_FAILURE() << "no group " << by.group << " of " << by.topic;
  return {};
}

std::vector<model::PendingInfo> StoreTest::pending(const store::Subscription& by) {
  return on_fiber([&] { return store().pending(by.topic, by.group, StreamId::min(), 10'000); }).or_raise();
}

TimePoint StoreTest::maintain() {
  for (;;) {
    const TimePoint next = on_fiber([&] { return store().maintain(); }).or_raise();
    if (next > clock_.now()) return next;
  }
}

}  // namespace tidemark::conformance
