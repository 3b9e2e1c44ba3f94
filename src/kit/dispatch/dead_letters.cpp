#include "kit/dispatch/dead_letters.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "json/scalar.hpp"
#include "kit/service/envelope.hpp"

namespace tidemark::kit {
namespace {

constexpr std::string_view PREFIX = "dl_";
constexpr std::size_t PAGE_BYTES_MAX = 16 << 20;  // 16 MiB of fields, of all partitions together

template <class Number>
std::optional<Number> number_in(std::optional<std::string_view> text) {
  Number number{};
  if (!text) return std::nullopt;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  return number;
}

DeadLetter read_dead_letter(const model::Entry& entry, std::uint16_t partition) {
  const auto text = [&](std::string_view name) { return std::string{entry.fields.find(name).value_or("")}; };
  return {.id = {entry.id, partition},
          .origin = text("dl_id"),
          .error = text("dl_error"),
          .attempts = number_in<std::uint32_t>(entry.fields.find("dl_attempts")).value_or(0),
          .time = text("dl_time"),
          .partition = number_in<std::uint16_t>(entry.fields.find("dl_partition")),
          .event = exhume(entry.fields)};
}

// The highest id below this one: entries behind it begin with this one.
StreamId before(StreamId id) {
  if (id.seq > 0) return {id.ms, id.seq - 1};
  return id.ms > 0 ? StreamId{id.ms - 1, UINT64_MAX} : StreamId::min();
}

}  // namespace

model::Fields bury(const model::Fields& event, StreamId id, std::string_view error, std::uint32_t attempts,
                   TimePoint now, std::optional<std::uint16_t> partition) {
  model::Fields fields = exhume(event);
  fields.add("dl_id", id.text());
  fields.add("dl_error", error);
  fields.add("dl_attempts", std::to_string(attempts));
  json::ScalarBuffer buffer;
  fields.add("dl_time", json::format(now, buffer));
  if (partition) fields.add("dl_partition", std::to_string(*partition));
  return fields;
}

model::Fields exhume(const model::Fields& dead_letter) {
  model::Fields fields;
  for (const auto& [name, value] : dead_letter)
    if (!name.starts_with(PREFIX)) fields.add(name, value);
  return fields;
}

std::string LetterId::text() const { return id.text() + (partition > 0 ? "@" + std::to_string(partition) : ""); }

Result<LetterId> LetterId::parse(std::string_view text) {
  const auto at = text.find('@');
  auto id = StreamId::parse(text.substr(0, at));
  if (!id) return id.error();
  if (at == text.npos) return LetterId{*id};
  const auto partition = number_in<std::uint16_t>(text.substr(at + 1));
  if (!partition) return fail(ErrorCode::malformed, "is no id of a dead letter", std::string{text});
  return LetterId{*id, *partition};
}

DeadLetters::DeadLetters(store::Store& store, Placement placement) : store_{store}, placement_{std::move(placement)} {}

Result<std::uint64_t> DeadLetters::count() {
  std::uint64_t count = 0;
  for (std::uint16_t partition = 0; partition < topics(); ++partition) {
    const auto topic = store_.topic(placement_.dead_topic(partition));
    if (topic)
      count += topic->length;
    else if (topic.error().code != ErrorCode::not_found)
      return topic.error();
  }
  return count;
}

Result<LetterId> DeadLetters::last() {
  LetterId last;
  for (std::uint16_t partition = 0; partition < topics(); ++partition) {
    const auto topic = store_.topic(placement_.dead_topic(partition));
    if (topic)
      last = std::max(last, LetterId{topic->last_id, partition});
    else if (topic.error().code != ErrorCode::not_found)
      return topic.error();
  }
  return last;
}

std::uint16_t DeadLetters::partition_of(const DeadLetter& letter, const model::Fields& event) const {
  if (letter.partition && *letter.partition < placement_.partitions()) return *letter.partition;
  return placement_.partition_of(event);
}

// The store's pages may end early; only an empty one says that there are no more.
Result<DeadLetters::Part> DeadLetters::list_topic(std::uint16_t partition, StreamId after, std::uint32_t count) {
  Part part;
  std::size_t bytes = 0;
  while (part.letters.size() < count) {
    const auto left = count - static_cast<std::uint32_t>(part.letters.size());
    const auto entries = store_.read(placement_.dead_topic(partition), after, left);
    if (!entries && entries.error().code != ErrorCode::not_found) return entries.error();
    part.is_last = !entries || entries->empty();
    if (part.is_last) return part;
    for (const auto& entry : *entries) {
      part.letters.push_back(read_dead_letter(entry, partition));
      bytes += entry.fields.bytes().size();
      if (bytes >= PAGE_BYTES_MAX / topics()) return part;
    }
    after = entries->back().id;
  }
  return part;
}

Result<std::vector<DeadLetter>> DeadLetters::list(LetterId after, std::uint32_t count) {
  std::vector<DeadLetter> letters;
  std::optional<LetterId> end;  // beyond it, a topic of which not all was read may have older ones
  for (std::uint16_t partition = 0; partition < topics(); ++partition) {
    auto part = list_topic(partition, partition <= after.partition ? after.id : before(after.id), count);
    if (!part) return part.error();
    if (!part->is_last && !part->letters.empty()) {
      const auto last = part->letters.back().id;
      end = end ? std::min(*end, last) : last;
    }
    std::ranges::move(part->letters, std::back_inserter(letters));
  }
  std::ranges::sort(letters, {}, &DeadLetter::id);
  if (end) std::erase_if(letters, [&](const DeadLetter& letter) { return letter.id > *end; });
  if (letters.size() > count) letters.resize(count);
  return letters;
}

Result<DeadLetter> DeadLetters::get(LetterId id) {
  const auto none = fail(ErrorCode::not_found, "there is no such dead letter", id.text());
  if (id.partition >= topics()) return none;
  auto entry = store_.read_one(placement_.dead_topic(id.partition), id.id);
  if (!entry) return entry.error();
  if (!*entry) return none;
  return read_dead_letter(**entry, id.partition);
}

model::Commit DeadLetters::removal_of(LetterId id) const {
  model::Commit removal;
  removal.partition = placement_.partition(id.partition);
  removal.erasures.push_back({placement_.dead_topic(id.partition), id.id});
  return removal;
}

Result<model::Committed> DeadLetters::commit(const model::Commit& commit) {
  auto committed = store_.commit(commit);
  if (committed) TIDEMARK_TRY(store_.wait_durable(committed->lsn));
  return committed;
}

Result<StreamId> DeadLetters::redrive(LetterId id, std::optional<model::Fields> edited) {
  auto letter = get(id);
  if (!letter) return letter.error();
  const std::string event_id{letter->event.find("ce_id").value_or(letter->origin)};
  if (!edited) edited = std::move(letter->event);
  if (!edited->find("ce_id")) edited->add("ce_id", event_id);
  TIDEMARK_TRY(check_size(*edited));
  const auto partition = partition_of(*letter, *edited);
  auto move = removal_of(id);
  move.publications.push_back({placement_.redrive_topic(partition), std::move(*edited), std::nullopt});
  auto committed = commit(move);
  if (!committed) return committed.error();
  return committed->published.front();
}

Result<void> DeadLetters::discard(LetterId id) {
  TIDEMARK_TRY(get(id));
  TIDEMARK_TRY(commit(removal_of(id)));
  return {};
}

}  // namespace tidemark::kit
