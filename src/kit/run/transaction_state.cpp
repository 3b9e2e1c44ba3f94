#include "kit/run/transaction_state.hpp"

#include <algorithm>
#include <atomic>

#include "base/ulid.hpp"
#include "json/extract.hpp"
#include "json/json.hpp"
#include "kit/run/merged_page.hpp"
#include "kit/service/envelope.hpp"

namespace tidemark::detail {
namespace {

// Ids that new_id() makes and ids of events come from one cause: a scope of their own keeps them apart.
constexpr std::string_view DOCUMENT_IDS = "document";
constexpr std::string_view TIMER_IDS = "timer";

model::IndexValue index_value(const std::string& json_value) {
  static const json::PathSet paths{{"value"}};
  auto values = json::extract("{\"value\":" + json_value + "}", paths).or_raise();
  return std::move(values.front());
}

std::optional<model::IndexValue> index_value(const std::optional<std::string>& json_value) {
  if (!json_value) return std::nullopt;
  return index_value(*json_value);
}

}  // namespace
}  // namespace tidemark::detail

namespace tidemark::kit {

bool is_outage(ErrorCode code) {
  return code == ErrorCode::unavailable || code == ErrorCode::io || code == ErrorCode::disk_full ||
         code == ErrorCode::overloaded;
}

}  // namespace tidemark::kit

namespace tidemark::detail {

TransactionState::TransactionState(store::Store& store, kit::Catalog& catalog, const kit::Cause& cause, TimePoint began,
                                   std::uint64_t nonce, std::uint32_t attempt, Lsn seen, kit::RunChain* chain)
    : store_{store},
      catalog_{catalog},
      cause_{cause},
      began_{began},
      nonce_{nonce},
      attempt_{attempt},
      seen_{seen},
      chain_{chain} {
  commit_.partition = {cause.service, cause.reach.partition.value_or(0)};
}

model::Partition TransactionState::partition_of(std::string_view id) const {
  if (!spans_partitions()) return commit_.partition;
  return {cause_.service, model::partition_of(id, cause_.reach.partitions)};
}

bool TransactionState::is_at_home(std::string_view id) const {
  return partition_of(id).number == model::partition_of(id, cause_.reach.partitions);
}

void TransactionState::check_writes() const {
  check_open();
  if (spans_partitions())
    throw Error{ErrorCode::internal,
                "this endpoint reads in all partitions of the service, so it can't change anything; give it a path "
                "parameter or .key(…) that says the partition"};
}

void TransactionState::check_open() const {
  if (over_) throw Error{ErrorCode::internal, "the transaction is over: its function has returned"};
}

template <class T>
T TransactionState::answer(Result<T> result) {
  if (!result && kit::is_outage(result.error().code)) outage_ = result.error();
  return std::move(result).or_raise();
}

TransactionState::Known& TransactionState::known(const TypeInfo& type, std::string_view id) {
  check_open();
  const auto* collection = answer(catalog_.collection(type));
  const auto at = std::ranges::find_if(
      documents_, [&](const Known& document) { return document.collection == collection && document.id == id; });
  if (at != documents_.end()) return *at;
  if (const auto* left = chain_ ? chain_->find(collection, id) : nullptr) {
    saw(left->seen);
    commit_.expected_documents.push_back({collection->name, left->id, left->read});
    return documents_.emplace_back(*left);
  }

  Known document;
  document.collection = collection;
  document.id = id;
  if (std::ranges::find(new_ids_, id) != new_ids_.end()) {
    unchecked_ = true;
  } else {
    auto read = answer(store_.find(partition_of(id), collection->name, id));
    saw(read.seen);
    ++reads_;
    if (read.value) {
      document.read = read.value->version;
      document.json = std::move(read.value->json);
      document.present = true;
    }
  }
  commit_.expected_documents.push_back({collection->name, document.id, document.read});
  return documents_.emplace_back(std::move(document));
}

bool TransactionState::find(const TypeInfo& type, std::string_view id, void* document) {
  const Known& found = known(type, id);
  if (!found.present) return false;
  json::read(found.json, document, type).or_raise();
  return true;
}

// A document that is erased and made again counts from 1 again, so each change of this process has a mark of its own.
model::Version TransactionState::next_version(const Known& document) const {
  static std::atomic<std::uint64_t> changes{0};
  return {document.read ? document.read->counter + 1 : 1, nonce_ + changes.fetch_add(1, std::memory_order_relaxed)};
}

model::DocumentChange& TransactionState::change(Known& document) {
  if (!document.change) {
    document.change = commit_.documents.size();
    commit_.documents.push_back({document.collection->name, document.id, std::nullopt, next_version(document)});
  }
  return commit_.documents[*document.change];
}

void TransactionState::note_in(kit::RunRecord& record) {
  record_ = &record;
  record_->published.clear();
  record_->documents.clear();
  record_->cancelled_timers.clear();
}

// The document as the run found it, where that is to be noted.
std::optional<std::string> TransactionState::before(const Known& document) const {
  if (!record_ || document.change || !document.present) return std::nullopt;
  return document.json;
}

// Notes and changes are in the same order.
void TransactionState::note_change(const Known& document, std::optional<std::string> before) {
  if (!record_) return;
  const auto& changed = commit_.documents[*document.change];
  if (*document.change == record_->documents.size())
    record_->documents.push_back({changed.collection, changed.id, 0, std::move(before), {}});
  auto& note = record_->documents[*document.change];
  note.version = changed.version.counter;
  note.after = changed.json;
}

std::uint64_t TransactionState::put(const TypeInfo& type, const std::string& id, const void* document) {
  check_writes();
  if (id.empty()) throw Invalid{"a document's id must not be empty"};
  if (cause_.reach.by_chance && !is_at_home(id))
    throw Error{ErrorCode::internal,
                "the document '" + id +
                    "' would never be found: it belongs to another partition than this request; take its id from "
                    "tx.new_id(), or give the endpoint a path parameter or .key(…) with it"};
  Known& target = known(type, id);
  auto found = before(target);
  target.json.clear();
  json::write(target.json, document, type).or_raise();
  target.present = true;
  auto& changed = change(target);
  changed.json = target.json;
  note_change(target, std::move(found));
  return changed.version.counter;
}

std::uint64_t TransactionState::erase(const TypeInfo& type, std::string_view id) {
  check_writes();
  Known& target = known(type, id);
  if (!target.present) return 0;
  auto found = before(target);
  target.present = false;
  auto& changed = change(target);
  changed.json.reset();
  note_change(target, std::move(found));
  return changed.version.counter;
}

std::optional<std::string> TransactionState::etag_of(const Known& document) const {
  if (!document.present) return std::nullopt;
  const auto version = document.change ? commit_.documents[*document.change].version : *document.read;
  return '"' + version.text() + '"';
}

std::optional<std::string> TransactionState::etag(const TypeInfo& type, std::string_view id) {
  return etag_of(known(type, id));
}

std::optional<std::string> TransactionState::known_etag(const TypeInfo& type, std::string_view id) {
  const auto* collection = catalog_.known_collection(type);
  const auto at = std::ranges::find_if(
      documents_, [&](const Known& document) { return document.collection == collection && document.id == id; });
  return at == documents_.end() ? std::nullopt : etag_of(*at);
}

std::optional<std::string> TransactionState::query(const TypeInfo& type, const DocumentQuery& query,
                                                   const std::function<void*()>& add) {
  check_open();
  commit_chain();  // the store has to know what it is asked about
  const auto* collection = answer(catalog_.collection(type));
  model::Query question{.collection = collection->name,
                        .index = query.index,
                        .equal = index_value(query.equal),
                        .from = index_value(query.from),
                        .below = index_value(query.below),
                        .descending = query.descending,
                        .limit = query.limit,
                        .after = query.after};
  auto read = answer(spans_partitions() ? kit::merged_page(store_, cause_.service, cause_.reach.partitions, question)
                                        : store_.query(commit_.partition, question));
  saw(read.seen);
  ++reads_;
  for (const auto& document : read.value.documents) json::read(document.json, add(), type).or_raise();
  commit_.expected_queries.push_back({std::move(question), model::digest_of(read.value)});
  return read.value.next.empty() ? std::nullopt : std::optional{std::move(read.value.next)};
}

std::string TransactionState::publish(const TypeInfo& type, const void* event, std::optional<TimePoint> due) {
  check_writes();
  const auto* binding = catalog_.topic(type).or_raise();
  const std::uint32_t ordinal = events_++;
  const kit::Attributes attributes{.id = derive_ulid(cause_.time, cause_.id, cause_.scope, ordinal),
                                   .type = std::string{type.name},
                                   .source = "/" + cause_.service,
                                   .time = due.value_or(began_),
                                   .subject = binding->key ? member_text(event, *binding->key) : std::string{},
                                   .trace = cause_.trace};
  auto fields = kit::write_event(event, type, attributes).or_raise();
  if (record_)
    record_->published.push_back({binding->topic, attributes.id, attributes.type, attributes.subject, due, {}});
  if (!due) {
    commit_.publications.push_back({binding->topic, std::move(fields), std::nullopt});
    return {};
  }
  std::string name = derive_ulid(cause_.time, cause_.id, std::string{TIMER_IDS} + cause_.scope, ordinal);
  if (record_) record_->published.back().timer = name;
  commit_.timers.push_back({name, *due, binding->topic, std::move(fields)});
  return name;
}

void TransactionState::cancel_timer(std::string_view name) {
  check_writes();
  commit_.timers.push_back({std::string{name}, std::nullopt, {}, {}});
  if (record_) record_->cancelled_timers.emplace_back(name);
}

void TransactionState::durable() {
  check_open();
  if (rehearses_) {
    stopped_at_durable_ = true;
    throw Unavailable{"this run is a trial, which ends where the handler waits to be durable"};
  }
  commit_chain();
  answer(store_.wait_durable(seen_));
}

void TransactionState::commit_chain() {
  if (!chain_) return;
  chain_->commit().or_raise();
  saw(chain_->seen());
}

void TransactionState::join(model::Settlement settlement) {
  check_open();
  over_ = true;
  commit_.settlements.push_back(std::move(settlement));
  chain_->add(std::move(commit_), std::move(documents_), take_effects());
}

std::string TransactionState::effect_key() const { return cause_.service + "/" + cause_.scope + "/" + cause_.id; }

// The same ids in every rerun, since the partition is the same in each.
std::string TransactionState::new_id() {
  for (;;) {
    auto id = derive_ulid(cause_.time, cause_.id, std::string{DOCUMENT_IDS} + cause_.scope, ids_++);
    if (!is_at_home(id)) continue;
    if (trusts_new_ids_) new_ids_.push_back(id);
    return id;
  }
}

Result<Lsn> TransactionState::commit(std::optional<model::Settlement> settlement, std::vector<model::KeyChange> keys,
                                     bool refusable) {
  check_open();
  over_ = true;
  if (settlement) commit_.settlements.push_back(std::move(*settlement));
  commit_.keys = std::move(keys);
  commit_.refusable = refusable && !commit_.changes_nothing();  // a look at several documents takes no room
  if (spans_partitions()) return seen_;
  // One read is a snapshot by itself; several must be shown to have been one.
  if (commit_.changes_nothing() && reads_ <= 1 && !unchecked_) return seen_;
  auto committed = store_.commit(commit_);
  if (!committed) return committed.error();
  saw(committed->lsn);
  if (record_) record_->lsn = committed->lsn;
  return seen_;
}

}  // namespace tidemark::detail

namespace tidemark {

bool Transaction::find(const TypeInfo& type, std::string_view id, void* document) {
  return state_.find(type, id, document);
}
void Transaction::not_found(const TypeInfo& type, std::string_view id) {
  throw NotFound{"there is no " + snake_case_name(type) + " with the id '" + std::string{id} + "'"};
}
std::uint64_t Transaction::put(const TypeInfo& type, const std::string& id, const void* document) {
  return state_.put(type, id, document);
}
std::uint64_t Transaction::erase(const TypeInfo& type, std::string_view id) { return state_.erase(type, id); }
std::string Transaction::etag(const TypeInfo& type, std::string_view id) {
  auto tag = state_.etag(type, id);
  if (!tag) not_found(type, id);
  return *tag;
}
std::string Transaction::publish(const TypeInfo& type, const void* event, std::optional<TimePoint> due) {
  return state_.publish(type, event, due);
}
std::optional<std::string> Transaction::query(const TypeInfo& type, const detail::DocumentQuery& query,
                                              const std::function<void*()>& add) {
  return state_.query(type, query, add);
}
void Transaction::cancel_timer(std::string_view name) { state_.cancel_timer(name); }
void Transaction::durable() { state_.durable(); }
void Transaction::after_durable(std::function<void()> effect) { state_.after_durable(std::move(effect)); }
std::string Transaction::effect_key() const { return state_.effect_key(); }
TimePoint Transaction::now() const { return state_.now(); }
std::string Transaction::new_id() { return state_.new_id(); }
const std::string& Transaction::cause() const { return state_.cause().id; }
std::uint32_t Transaction::attempt() const { return state_.attempt(); }
std::string Transaction::traceparent() const {
  return std::string{telemetry::Traceparent{state_.cause().trace}.view()};
}

}  // namespace tidemark
