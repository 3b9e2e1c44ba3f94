// Topics, their entries and groups, and what is pending: that the numbers in their records are those of what is there.
#include <map>
#include <optional>
#include <set>

#include "engine/document_key.hpp"
#include "engine/entry.hpp"
#include "engine/group.hpp"
#include "engine/inspection_parts.hpp"
#include "engine/record.hpp"
#include "engine/stream.hpp"
#include "model/fields.hpp"

namespace tidemark::engine {
namespace {

constexpr std::size_t NUMBER_BYTES = 4, ID_BYTES = 16;

struct KnownGroup {
  std::string about;
  std::shared_ptr<Group> group;
  std::set<std::uint32_t> consumers;
  std::uint64_t ahead = 0;  // entries above its cursor
};

struct KnownTopic {
  explicit KnownTopic(std::string topic, Stream topic_stream) : about{std::move(topic)}, stream{topic_stream} {}
  std::string about;
  Stream stream;
  std::map<std::uint32_t, KnownGroup> groups;
};

std::uint32_t number_at(std::string_view key, std::size_t at) {
  return static_cast<std::uint32_t>(read_big_endian(key, at, NUMBER_BYTES));
}

class Inspector {
 public:
  Inspector(const Records& records, Inspection& inspection)
      : records_{records}, storage_{records.storage}, inspection_{inspection} {}

  Result<void> run() {
    TIDEMARK_TRY(read_next_number());
    TIDEMARK_TRY(each(Space::topics, [this](auto key, auto record) { return take_topic(key, record); }));
    TIDEMARK_TRY(each(Space::groups, [this](auto key, auto record) { return take_group(key, record); }));
    for (auto& [number, topic] : topics_) TIDEMARK_TRY(inspect_entries(topic));
    TIDEMARK_TRY(find_strays());
    TIDEMARK_TRY(each(Space::ranges, [this](auto key, auto record) { return inspect_range(key, record); }));
    return each(Space::pending, [this](auto key, auto record) { return inspect_single(key, record); });
  }

 private:
  template <class See>
  Result<void> each(Space space, const See& see) {
    const auto prefix = prefix_of(space);
    return for_each(records_, prefix, end_of_prefix(prefix), see);
  }

  Result<void> wrong(std::string about, std::string what) {
    inspection_.add(std::move(about), std::move(what), RESTORE);
    return {};
  }

  Result<void> read_next_number() {
    std::string value;
    const auto found = storage_.get(prefix_of(Space::meta) + "next_number", value);
    if (!found) return found.error();
    if (*found) next_number_ = RecordReader{value}.number32();
    return {};
  }

  Result<void> take_number(std::uint32_t number, const std::string& about) {
    if (!numbers_.insert(number).second) return wrong(about, "has the number of another topic or group");
    if (number >= next_number_) return wrong(about, "has a number that has not been given out");
    return {};
  }

  Result<void> take_topic(std::string_view key, std::string_view record) {
    ++inspection_.topics;
    const std::string about = "topic '" + shown(key.substr(1)) + "'";
    RecordReader reader{record};
    auto stream = Stream::load(storage_, reader);
    if (!stream) return stream.error();
    if (!reader.ok()) return wrong(about, "its record is cut short");
    TIDEMARK_TRY(take_number(stream->number(), about));
    topics_.try_emplace(stream->number(), about, *stream);
    return {};
  }

  Result<void> take_group(std::string_view key, std::string_view record) {
    constexpr std::size_t GROUP_KEY = 1 + 2 * NUMBER_BYTES;
    if (key.size() != GROUP_KEY && key.size() != GROUP_KEY + NUMBER_BYTES)
      return wrong("group '" + shown(key) + "'", "its key has a length that none has");
    const auto topic = topics_.find(number_at(key, 1));
    const auto number = number_at(key, 1 + NUMBER_BYTES);
    const std::string about = "group " + std::to_string(number);
    if (topic == topics_.end()) return wrong(about, "is of a topic that there is not");
    auto& groups = topic->second.groups;
    if (key.size() > GROUP_KEY) {
      const auto group = groups.find(number);
      if (group == groups.end()) return wrong(about, "has a consumer, but there is no such group");
      group->second.consumers.insert(number_at(key, GROUP_KEY));
      return {};
    }
    ++inspection_.groups;
    auto loaded = Group::load(topic->first, number, record);
    if (!loaded) return wrong(about + " of " + topic->second.about, "its record can't be read");
    const std::string named = "group '" + shown((*loaded)->name()) + "' of " + topic->second.about;
    groups[number] = {named, *loaded, {}, 0};
    groups_[number] = {&topic->second, &groups[number]};
    return take_number(number, named);
  }

  // Reads the topic's entries once, and compares with what its record and its groups' say.
  Result<void> inspect_entries(KnownTopic& topic) {
    const auto& stream = topic.stream;
    std::uint64_t count = 0, bytes = 0;
    std::optional<StoredEntry> before;
    EntryCursor cursor{storage_, stream.number(), stream.first_id(), StreamId::max()};
    for (;; cursor.next()) {
      const auto entry = cursor.entry();
      if (!entry && entry.error().code == ErrorCode::corrupt && entry.error().about.find('/') == std::string::npos) {
        TIDEMARK_TRY(wrong(topic.about, "its entry " + entry.error().about + " is cut short"));
        continue;
      }
      if (!entry) return entry.error();
      if (!*entry) break;
      ++count;
      records_.work.add(1);
      bytes += (*entry)->bytes();
      TIDEMARK_TRY(inspect_entry(topic, before, **entry));
      before = **entry;
      for (auto& [number, group] : topic.groups)
        if (group.group && (*entry)->id > group.group->cursor()) ++group.ahead;
    }
    inspection_.entries += count;
    if (count != stream.length())
      TIDEMARK_TRY(wrong(topic.about, tidemark::detail::concatenate("holds ", count, " entries, but its record says ",
                                                                    stream.length())));
    if (bytes != stream.bytes())
      TIDEMARK_TRY(wrong(
          topic.about, tidemark::detail::concatenate("holds ", bytes, " bytes, but its record says ", stream.bytes())));
    for (const auto& [number, group] : topic.groups) {
      const auto lag = group.group->lag(stream);
      if (lag == group.ahead) continue;
      TIDEMARK_TRY(wrong(group.about, tidemark::detail::concatenate("has ", group.ahead,
                                                                    " entries ahead of its cursor, but its "
                                                                    "record says ",
                                                                    lag)));
    }
    return {};
  }

  Result<void> inspect_entry(const KnownTopic& topic, const std::optional<StoredEntry>& before,
                             const StoredEntry& entry) {
    const std::string about = "entry " + entry.id.text() + " of " + topic.about;
    if (!model::Fields::from_bytes(std::string{entry.fields})) return wrong(about, "its fields can't be read");
    if (!before) return {};
    if (entry.ordinal <= before->ordinal) return wrong(about, "counts no higher than the entry before it");
    const auto grown = entry.bytes_added - before->bytes_added;
    const bool neighbours = entry.ordinal == before->ordinal + 1;
    if (neighbours ? grown != entry.bytes() : grown < entry.bytes())
      return wrong(about, "its size is not what it says");
    return {};
  }

  // Entries of topics that there are not: one for each number is looked at.
  Result<void> find_strays() {
    const auto prefix = prefix_of(Space::entries);
    auto cursor = storage_.exact_cursor(prefix, end_of_prefix(prefix));
    for (cursor.seek_first(); cursor.valid();) {
      const std::string key{cursor.key()};
      if (key.size() != 1 + NUMBER_BYTES + ID_BYTES) {
        TIDEMARK_TRY(wrong("entry '" + shown(key) + "'", "its key has a length that none has"));
        cursor.next();
        continue;
      }
      const auto number = number_at(key, 1);
      if (topics_.count(number) == 0)
        TIDEMARK_TRY(wrong("entry '" + shown(key) + "'", "is of a topic that there is not"));
      if (number == UINT32_MAX) break;
      cursor.seek(Key{Space::entries}.u32(number + 1));
    }
    return cursor.status();
  }

  struct GroupOfTopic {
    const KnownTopic* topic = nullptr;
    KnownGroup* group = nullptr;
  };
  // None when the key is malformed or its group is not there, which is a finding.
  std::optional<GroupOfTopic> group_of(std::string_view key) {
    const std::string about = "pending record '" + shown(key) + "'";
    if (key.size() != 1 + NUMBER_BYTES + ID_BYTES) {
      static_cast<void>(wrong(about, "its key has a length that none has").has_value());
      return std::nullopt;
    }
    const auto found = groups_.find(number_at(key, 1));
    if (found != groups_.end()) return found->second;
    static_cast<void>(wrong(about, "is of a group that there is not").has_value());
    return std::nullopt;
  }

  static std::string about_pending(const GroupOfTopic& of, StreamId id) {
    return "pending entry " + id.text() + " of " + of.group->about;
  }

  Result<void> inspect_consumer(const GroupOfTopic& of, StreamId id, std::uint32_t consumer) {
    if (of.group->consumers.count(consumer) > 0) return {};
    return wrong(about_pending(of, id), "is with a consumer that there is not");
  }

  Result<void> inspect_range(std::string_view key, std::string_view record) {
    const auto of = group_of(key);
    if (!of) return {};
    const auto first = read_id(key, 1 + NUMBER_BYTES);
    RecordReader reader{record};
    StreamId last;
    last.ms = first.ms + reader.number();
    last.seq = reader.number();
    const auto first_ordinal = reader.number(), span = reader.number();
    const auto consumer = reader.number32();
    reader.time();
    reader.number();  // its token
    const auto bits = reader.rest();
    if (!reader.ok() || span == 0 || span > 128 || bits.size() != (span + 7) / 8 || last < first)
      return wrong(about_pending(*of, first), "its record can't be read");
    if (last > of->topic->stream.last_id()) return wrong(about_pending(*of, first), "is above all ids of the topic");
    if (const auto& before = range_before_; before.group == of->group && before.last >= first)
      TIDEMARK_TRY(wrong(about_pending(*of, first), "was handed over twice at once"));
    range_before_ = {of->group, last};
    TIDEMARK_TRY(inspect_consumer(*of, first, consumer));
    return count_live(*of, first, last, first_ordinal, bits);
  }

  Result<void> count_live(const GroupOfTopic& of, StreamId first, StreamId last, std::uint64_t first_ordinal,
                          std::string_view bits) {
    const auto& stream = of.topic->stream;
    for (EntryCursor cursor{storage_, stream.number(), std::max(first, stream.first_id()), last};; cursor.next()) {
      const auto entry = cursor.entry();
      if (!entry) return entry.error();
      if (!*entry) return {};
      const auto offset = (*entry)->ordinal - first_ordinal;
      if (offset >= bits.size() * 8)
        return wrong(about_pending(of, (*entry)->id), "does not stand where its range says");
      if (static_cast<unsigned char>(bits[offset / 8]) >> (offset % 8) & 1) continue;
      ++inspection_.pending;
      std::string value;
      const auto single = storage_.get(Key{Space::pending}.u32(of.group->group->number()).id((*entry)->id), value);
      if (!single) return single.error();
      if (*single) TIDEMARK_TRY(wrong(about_pending(of, (*entry)->id), "is pending twice"));
    }
  }

  // An entry that is not there any more was deleted, and is dropped at the next claim.
  Result<void> inspect_single(std::string_view key, std::string_view record) {
    const auto of = group_of(key);
    if (!of) return {};
    const auto id = read_id(key, 1 + NUMBER_BYTES);
    RecordReader reader{record};
    const auto consumer = reader.number32();
    reader.time();
    for (int number = 0; number < 4; ++number)
      reader.number();  // token, deliveries, attempts, whether there is a retry
    reader.time();
    reader.bytes();
    if (!reader.ok()) return wrong(about_pending(*of, id), "its record is cut short");
    ++inspection_.pending;
    TIDEMARK_TRY(inspect_consumer(*of, id, consumer));
    std::string value;
    const auto& stream = of->topic->stream;
    const auto entry = StoredEntry::read(storage_, stream.number(), id, value);
    if (!entry) return entry.error();
    const bool dropped = id < stream.first_id() || id <= stream.max_deleted_id();
    if (!*entry && !dropped) return wrong(about_pending(*of, id), "refers to an entry that there never was");
    return {};
  }

  struct LastRange {
    const KnownGroup* group = nullptr;
    StreamId last;
  };

  const Records& records_;
  const storage::Storage& storage_;
  Inspection& inspection_;
  std::uint32_t next_number_ = 1;
  std::set<std::uint32_t> numbers_;
  std::map<std::uint32_t, KnownTopic> topics_;
  std::map<std::uint32_t, GroupOfTopic> groups_;
  LastRange range_before_;
};

}  // namespace

Result<void> inspect_topics(const Records& records, Inspection& inspection) {
  return Inspector{records, inspection}.run();
}

}  // namespace tidemark::engine
