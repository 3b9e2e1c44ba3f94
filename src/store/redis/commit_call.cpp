#include "store/redis/commit_call.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "json/json.hpp"
#include "model/rules.hpp"
#include "redis/client.hpp"
#include "store/redis/keys.hpp"
#include "store/redis/names.hpp"

namespace tidemark::store {
namespace {

constexpr std::size_t ENTRY_BYTES_MAX = 1 << 20;    // names and values of one entry
constexpr std::size_t ENTRY_FIELDS_MAX = 1000;      // pairs of one entry
constexpr std::size_t VALUE_BYTES_MAX = 1 << 20;    // of one key
constexpr std::size_t ERROR_BYTES_MAX = 4096;       // of a failed attempt's error; the rest is cut off
constexpr std::uint64_t GROUP_LAG_MAX = 1'000'000;  // refusable commits may not publish where a group is so far behind

std::string hex(std::uint64_t bits) {
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text.push_back("0123456789abcdef"[bits >> shift & 0xf]);
  return text;
}

std::string ms_text(TimePoint time) { return std::to_string(time.time_since_epoch().count()); }

Result<void> check_event(const std::string& topic, const model::Fields& fields) {
  TIDEMARK_TRY(check_name("topic", topic));
  const auto about = [&] { return "an event for topic '" + topic + "'"; };
  if (fields.empty()) return fail(ErrorCode::invalid, "an event has at least one field", about());
  if (fields.bytes().size() > ENTRY_BYTES_MAX) {
    return fail(ErrorCode::too_large,
                detail::concatenate("its fields have ", fields.bytes().size(), " bytes, at most ", ENTRY_BYTES_MAX,
                                    " are stored; put large values elsewhere"),
                about());
  }
  // A pair has two bytes at least, so most events need no counting.
  if (fields.bytes().size() / 2 > ENTRY_FIELDS_MAX && fields.count() > ENTRY_FIELDS_MAX) {
    return fail(ErrorCode::too_large, detail::concatenate("it has more than ", ENTRY_FIELDS_MAX, " fields"), about());
  }
  return {};
}

void append_list_item(std::string& list, std::string_view item) {
  list.append(std::to_string(item.size())).append(":").append(item);
}

// What a commit does about one document.
struct DocumentWork {
  std::string_view id;
  std::optional<std::string> expected;  // a version, or "-" for absent
  const model::DocumentChange* change = nullptr;
};

struct CollectionWork {
  std::vector<DocumentWork> documents;  // in the order in which they came
  std::map<std::string_view, std::size_t> places;

  DocumentWork& of(std::string_view id) {
    const auto [place, is_new] = places.try_emplace(id, documents.size());
    if (is_new) documents.push_back({.id = id, .expected = {}});
    return documents[place->second];
  }
};

constexpr std::string_view NEVER = "!";  // no document has this version

}  // namespace

Result<void> check_sizes(const model::Commit& commit) {
  for (const auto& change : commit.documents) TIDEMARK_TRY(model::check_change(change));
  for (const auto& publication : commit.publications) TIDEMARK_TRY(check_event(publication.topic, publication.fields));
  for (const auto& timer : commit.timers) {
    if (timer.due) TIDEMARK_TRY(check_event(timer.topic, timer.fields));
  }
  for (const auto& key : commit.keys) {
    if (key.value && key.value->size() > VALUE_BYTES_MAX) {
      return fail(ErrorCode::too_large, detail::concatenate("its value has more than ", VALUE_BYTES_MAX, " bytes"),
                  "key '" + key.key + "'");
    }
    if (key.value && key.expires <= TimePoint{}) {
      return fail(ErrorCode::invalid, "its time of expiry is not set; give one after 1970", "key '" + key.key + "'");
    }
  }
  return {};
}

CommitCall::Sending first_sending(const model::Commit& commit) {
  const bool acknowledges = std::ranges::any_of(
      commit.settlements, [](const auto& of) { return of.kind == model::Settlement::Kind::acknowledge; });
  const bool fenced = acknowledges || commit.changes_nothing();
  return fenced ? CommitCall::Sending::first : CommitCall::Sending::first_unfenced;
}

std::string stream_for(const Shared& shared, const model::Partition& partition, const std::string& topic) {
  if (!shared.is_cluster || redis::slot_of(topic) == redis::slot_of(partition.tag())) return topic;
  return keys::outbox(partition, topic);
}

// Writes the keys and arguments of each kind of effect in the order in which lua/commit.lua takes them.
class CommitEncoder {
 public:
  CommitEncoder(const Shared& shared, const model::Commit& commit, const CommitCollections& collections,
                const std::vector<QueryState>& queries)
      : shared_{shared}, commit_{commit}, collections_{collections}, queries_{queries} {}

  Result<CommitCall> encode(CommitNumbers::Number number) {
    call_.refusable_ = commit_.refusable;
    if (!commit_.changes_nothing()) call_.sequence_ = std::to_string(number.value);
    if (number.extends) call_.extends_ms_ = std::to_string(SESSION_LIVES.count());
    call_.keys_.push_back(keys::session(commit_.partition, shared_.session));
    std::size_t count[8] = {};

    if (auto encoded = settlements(); !encoded) {
      return encoded.error();
    } else {
      count[0] = *encoded;
    }
    if (auto encoded = documents(); !encoded) {
      return encoded.error();
    } else {
      count[1] = *encoded;
    }
    queries();
    count[2] = queries_.size();
    key_changes();
    count[3] = commit_.keys.size();
    if (auto encoded = erasures(); !encoded) {
      return encoded.error();
    } else {
      count[4] = *encoded;
    }
    if (auto encoded = publications(); !encoded) {
      return encoded.error();
    } else {
      count[5] = *encoded;
    }
    count[6] = commit_.publications.size();
    timers();
    count[7] = commit_.timers.size();
    // Behind all that the function takes in turn.
    for (auto& index : indexes_) key(std::move(index));
    call_.counts_ << (shared_.has_json ? "1" : "")
                  << (commit_.refusable ? std::to_string(GROUP_LAG_MAX) : std::string{});
    for (const auto one : count) call_.counts_ << one;
    call_.counts_ << clash_;
    return std::move(call_);
  }

 private:
  void key(std::string name) { call_.keys_.push_back(std::move(name)); }
  template <class Value>
  void argument(const Value& value) {
    call_.arguments_ << value;
  }

  // On a cluster one function reaches one slot only.
  Result<void> check_place(const std::string& topic, std::string_view what) const {
    if (!shared_.is_cluster || redis::slot_of(topic) == redis::slot_of(commit_.partition.tag())) return {};
    return fail(ErrorCode::invalid,
                std::string{what} + " in a commit of " + commit_.partition.tag() +
                    ", but stands elsewhere in the cluster; use a topic of the partition, as '" +
                    model::own_topic(commit_.partition, topic) + "'",
                "topic '" + topic + "'");
  }

  // By group, each in the order of the ids.
  Result<std::size_t> settlements() {
    std::map<std::pair<std::string_view, std::string_view>, std::vector<const model::Settlement*>> groups;
    for (const auto& settlement : commit_.settlements) {
      TIDEMARK_TRY(check_place(settlement.topic, "is settled"));
      groups[{settlement.topic, settlement.group}].push_back(&settlement);
    }
    for (auto& [name, of_group] : groups) {
      const auto& [topic, group] = name;
      key(std::string{topic});
      key(keys::runs(topic, group));
      argument(group);
      argument(of_group.size());
      std::ranges::stable_sort(of_group, {}, &model::Settlement::id);
      for (const auto* settlement : of_group) encode_settlement(*settlement);
    }
    return groups.size();
  }

  void encode_settlement(const model::Settlement& settlement) {
    argument(settlement.id.text());
    argument(hex(settlement.token));
    if (settlement.kind == model::Settlement::Kind::acknowledge) return argument("");
    argument(settlement.attempts);
    argument(ms_text(settlement.retry_at));
    argument(settlement.error.substr(0, ERROR_BYTES_MAX));
  }

  Result<std::size_t> documents() {
    std::map<std::string_view, CollectionWork> work;
    for (const auto& expected : commit_.expected_documents) {
      auto& document = work[expected.collection].of(expected.id);
      std::string version = expected.version ? expected.version->text() : "-";
      document.expected = document.expected.value_or(version) == version ? version : std::string{NEVER};
    }
    for (const auto& change : commit_.documents) work[change.collection].of(change.id).change = &change;
    for (const auto& [name, of_collection] : work) {
      const auto& collection = *collections_.find(name)->second;
      key(keys::documents(commit_.partition, name));
      key(keys::ids(commit_.partition, name));
      argument(name);
      argument(collection.record.generation);
      argument(of_collection.documents.size());
      bool puts = false;
      for (const auto& document : of_collection.documents) {
        TIDEMARK_TRY(encode_document(collection, document));
        puts = puts || document.change != nullptr;
      }
      // Declared, as all keys that a function uses; it makes their names from that of the documents.
      if (puts) {
        for (const auto& index : collection.record.indexes) {
          indexes_.push_back(keys::index(commit_.partition, name, index.number));
        }
      }
    }
    return work.size();
  }

  Result<void> encode_document(const Collection& collection, const DocumentWork& document) {
    argument(document.id);
    argument(document.expected.value_or(""));
    if (document.change == nullptr) {
      argument("");
      return {};
    }
    key(keys::document(commit_.partition, collection.name, document.id));
    if (!document.change->json) {
      argument("erase");
      return {};
    }
    const auto& json = *document.change->json;
    if (shared_.has_json) {
      if (auto valid = json::validate(json); !valid) {
        return fail(ErrorCode::invalid, valid.error().text(), model::document_name(collection.name, document.id));
      }
    }
    auto entries = collection.entries_of(document.id, json);
    if (!entries) return entries.error();
    note_unique(collection, document.id, *entries);
    argument("put");
    argument(document.change->version.text());
    argument(*std::move(entries));
    argument(json);
    return {};
  }

  // Two documents of one commit may clash; the function, which sees those stored, is only told so.
  void note_unique(const Collection& collection, std::string_view id, std::string_view entries) {
    while (!entries.empty()) {
      const auto kind = entries.find_first_of("!=");
      const auto colon = entries.find(':', kind);
      std::size_t size = 0;
      std::from_chars(entries.data() + kind + 1, entries.data() + colon, size);
      if (entries[kind] == '!') {
        auto name = collection.name + "/" + std::string{entries.substr(0, colon + 1 + size)};
        const auto [holder, is_new] = unique_.try_emplace(std::move(name), id);
        if (!is_new) {
          clash_ = detail::concatenate("documents '", holder->second, "' and '", id, "' of '", collection.name,
                                       "' have the same value, which an index says is unique");
        }
      }
      entries.remove_prefix(colon + 1 + size);
    }
  }

  void queries() {
    for (std::size_t i = 0; i < queries_.size(); ++i) {
      const auto& [collection, planned, read] = queries_[i];
      const auto& documents = read.page.documents;
      key(planned.set);
      key(keys::documents(commit_.partition, collection->name));
      argument(collection->name);
      argument(collection->record.generation);
      argument(planned.lowest);
      argument(planned.highest);
      argument(commit_.expected_queries[i].query.descending ? "1" : "");
      // Behind a page that ended with the range, nothing may have come.
      argument(documents.size() + (read.page.next.empty() ? 1 : 0));
      argument(documents.size());
      for (std::size_t d = 0; d < documents.size(); ++d) {
        argument(read.members[d]);
        argument(documents[d].id);
        argument(documents[d].version.text());
      }
    }
  }

  void key_changes() {
    for (const auto& change : commit_.keys) {
      key(keys::key(commit_.partition, change.key));
      argument(!change.value ? "erase" : change.must_be_absent ? "make" : "put");
      argument(ms_text(change.expires));
      argument(change.value.value_or(""));
    }
  }

  Result<std::size_t> erasures() {
    std::map<std::string_view, std::vector<StreamId>> by_topic;
    for (const auto& erasure : commit_.erasures) {
      TIDEMARK_TRY(check_place(erasure.topic, "has an entry deleted"));
      by_topic[erasure.topic].push_back(erasure.id);
    }
    for (const auto& [topic, ids] : by_topic) {
      key(std::string{topic});
      argument(ids.size());
      for (const auto id : ids) argument(id.text());
    }
    return by_topic.size();
  }

  // The streams, numbered from 1 in the order in which they come first, and then what is appended to them.
  Result<std::size_t> publications() {
    std::vector<std::string> streams;
    for (const auto& publication : commit_.publications) {
      auto stream = stream_for(shared_, commit_.partition, publication.topic);
      if (publication.id && stream != publication.topic) {
        return check_place(publication.topic, "is published to with an id of its own").error();
      }
      const auto at = std::ranges::find(streams, stream);
      argument(at - streams.begin() + 1);
      if (at == streams.end()) streams.push_back(std::move(stream));
      argument(publication.id ? publication.id->text() : std::string{});
      argument(2 * publication.fields.count());
      for (const auto& field : publication.fields) {
        argument(field.name);
        argument(field.value);
      }
    }
    const auto count = streams.size();
    for (auto& stream : streams) key(std::move(stream));
    return count;
  }

  void timers() {
    if (commit_.timers.empty()) return;
    key(keys::timers(commit_.partition));
    key(keys::timer(commit_.partition));
    for (const auto& timer : commit_.timers) {
      argument(timer.name);
      argument(timer.due ? ms_text(*timer.due) : std::string{});
      std::string what;
      if (timer.due) {
        append_list_item(what, stream_for(shared_, commit_.partition, timer.topic));
        for (const auto& field : timer.fields) {
          append_list_item(what, field.name);
          append_list_item(what, field.value);
        }
      }
      argument(what);
    }
  }

  const Shared& shared_;
  const model::Commit& commit_;
  const CommitCollections& collections_;
  const std::vector<QueryState>& queries_;
  CommitCall call_;
  std::vector<std::string> indexes_;
  std::map<std::string, std::string_view> unique_;  // a unique value, and whose it becomes
  std::string clash_;
};

Result<CommitCall> CommitCall::encode(const Shared& shared, const model::Commit& commit,
                                      const CommitCollections& collections, const std::vector<QueryState>& queries,
                                      CommitNumbers::Number number) {
  return CommitEncoder{shared, commit, collections, queries}.encode(number);
}

FunctionCall CommitCall::call(const Shared& shared, Sending sending) const {
  const bool is_first = sending == Sending::first || sending == Sending::first_unfenced;
  std::string_view record = "maybe";  // whether there is one of it
  if (sending == Sending::first) record = "";
  if (sending == Sending::repeated_and_recorded) record = "known";
  auto call = shared.function(refusable_ && is_first ? "commit_refusable" : "commit", keys_);
  call << sequence_ << record << extends_ms_;
  call << counts_ << arguments_;
  return call;
}

}  // namespace tidemark::store
