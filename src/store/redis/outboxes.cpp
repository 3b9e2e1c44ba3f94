#include "store/redis/outboxes.hpp"

#include <algorithm>
#include <optional>

#include "fiber/sync.hpp"
#include "store/redis/answer.hpp"
#include "store/redis/entries.hpp"
#include "store/redis/keys.hpp"
#include "store/redis/replication.hpp"
#include "store/redis/server.hpp"
#include "telemetry/log.hpp"

namespace tidemark::store {
namespace {

constexpr std::uint32_t AT_ONCE = 256;       // entries in one call
constexpr std::uint64_t TRIM_AFTER = 1'024;  // poured entries
constexpr Duration KEEP{60'000};
constexpr Duration LEAVE_ALONE{3'000};  // or each partition would wait in turn for a node that does not answer

}  // namespace

struct Outboxes::Outbox {
  std::string key, topic;
  StreamId poured;              // the topic has everything up to here
  std::uint64_t untrimmed = 0;  // poured since everything poured was trimmed
  bool pouring = false;
  bool was_poured = false;  // wholly, at least once
  // While it is stuck: how many entries had ever been added when it was not yet, or were no longer there then.
  std::optional<std::uint64_t> added_before;
  fiber::Signal ended;  // a run of pour()
};

Outboxes::Outboxes(Server& server, Replication& replication) : server_{server}, replication_{replication} {}
Outboxes::~Outboxes() = default;

Outboxes::Outbox& Outboxes::find(const model::Partition& partition, std::string_view topic) {
  auto key = keys::outbox(partition, topic);
  auto& outbox = outboxes_[key];
  if (!outbox) {
    outbox = std::make_unique<Outbox>();
    outbox->key = std::move(key);
    outbox->topic = topic;
  }
  return *outbox;
}

Result<void> Outboxes::announce(const model::Partition& partition, std::string_view topic) {
  auto key = keys::outbox(partition, topic);
  if (const auto losses = server_.shared().losses(); losses != losses_) {
    announced_.clear();
    losses_ = losses;
  }
  if (announced_.contains(key)) return {};
  const auto all = keys::outboxes(partition);
  redis::Command command{"SADD", all, topic};
  command.at(all).repeatable();
  if (const auto added = server_.run(command); !added) return added.error();
  announced_.insert(std::move(key));
  return {};
}

Result<void> Outboxes::forward(const model::Partition& partition, std::string_view topic, StreamId up_to) {
  auto& outbox = find(partition, topic);
  while (outbox.poured < up_to) {
    if (outbox.pouring) {
      outbox.ended.wait();
      continue;
    }
    const auto before = outbox.poured;
    TIDEMARK_TRY(pour(partition, outbox, up_to));
    if (outbox.poured < up_to && outbox.poured == before) {
      return fail(ErrorCode::unavailable,
                  "the outbox has lost entries before they reached their topic: the server was replaced by one that "
                  "did not have them",
                  outbox.key);
    }
  }
  if (outbox.untrimmed >= TRIM_AFTER && !outbox.pouring) {
    outbox.untrimmed = 1;
    TIDEMARK_TRY(trim(outbox));
  }
  return {};
}

// One page. Who calls it sees from `poured` how far it came. Where commits wait for replicas, so does what they
// published: up to `up_to` that is known, and without it asked for.
Result<void> Outboxes::pour(const model::Partition& partition, Outbox& outbox, std::optional<StreamId> up_to) {
  struct Run {
    explicit Run(Outbox& of) : outbox{of} { outbox.pouring = true; }
    ~Run() {
      outbox.pouring = false;
      outbox.ended.notify_all();
    }
    Outbox& outbox;
  } const run{outbox};
  auto entries = read_entries(server_, outbox.key, outbox.poured, AT_ONCE);
  if (!entries) return entries.error();
  if (server_.shared().options.wait_replicas > 0) {
    if (up_to) std::erase_if(*entries, [&](const model::Entry& entry) { return entry.id > *up_to; });
    if (!up_to && !entries->empty()) TIDEMARK_TRY(server_.shared().replication.wait(replication_.write(partition)));
  }
  if (entries->empty()) return {};
  auto call =
      server_.shared().function("pour", {outbox.topic, keys::poured(outbox.topic)}, FunctionCall::Effect::repeatable);
  call << outbox.key << outbox.poured.text();
  for (const auto& entry : *entries) {
    call << entry.id.text() << entry.fields.count() * 2;
    for (const auto& field : entry.fields) call << field.name << field.value;
  }
  const auto value = server_.run(call);
  if (!value) return value.error();
  Answer answer{*value, 1};
  const auto poured = answer.id();
  if (!answer.good()) return strange_answer("pour");
  outbox.poured = poured;
  outbox.untrimmed += entries->size();
  server_.shared().waiters.changed(outbox.topic);
  return {};
}

// The topic may have less than it had.
Result<void> Outboxes::ask_position(Outbox& outbox) {
  const auto positions = keys::poured(outbox.topic);
  redis::Command command{"HGET", positions, outbox.key};
  command.at(positions).repeatable();
  const auto position = server_.run(command);
  if (!position) return position.error();
  if (outbox.pouring) return {};
  const auto read = position->is_null() ? Result<StreamId>{StreamId::min()} : StreamId::parse(position->text);
  if (!read) return read.error();
  const auto poured = *read;
  if (poured < outbox.poured) {
    log::warn("a fail-over has taken events from a topic: pouring them again",
              {{"topic", outbox.topic}, {"outbox", outbox.key}, {"after", poured.text()}});
  }
  outbox.poured = poured;
  return {};
}

Result<void> Outboxes::trim(Outbox& outbox) {
  const auto old = server_.shared().options.clock->now().time_since_epoch() - KEEP;
  const StreamId oldest{static_cast<std::uint64_t>(std::max(old, Duration{0}).count()), 0};
  const auto behind_poured = outbox.poured.next();
  if (behind_poured <= oldest) outbox.untrimmed = 0;
  redis::Command command{"XTRIM", outbox.key, "MINID", std::min(oldest, behind_poured).text()};
  command.at(outbox.key).repeatable();
  if (const auto trimmed = server_.run(command); !trimmed) return trimmed.error();
  return {};
}

Result<void> Outboxes::forward_all(const model::Partition& partition) {
  const auto all = keys::outboxes(partition);
  redis::Command command{"SMEMBERS", all};
  command.at(all).repeatable();
  const auto topics = server_.run(command);
  if (!topics) return topics.error();
  std::optional<Failure> failure;  // of one topic, whose node may be gone: the others go on
  for (const auto& topic : topics->items) {
    auto& outbox = find(partition, topic.text);
    auto& left_alone_until = left_alone_until_[topic.text];
    if (server_.thread().loop().now() < left_alone_until) {
      note_stuck(outbox);
      continue;
    }
    if (auto done = forward_rest(partition, outbox)) {
      outbox.was_poured = true;
      outbox.added_before.reset();
      server_.shared().backlogs.note_poured(outbox.key);
    } else {
      failure = std::move(done).error();
      left_alone_until = server_.thread().loop().now() + LEAVE_ALONE;
      note_stuck(outbox);
    }
  }
  if (failure) return *failure;
  return {};
}

// What was poured is still there for a while, so that the stream's length says too much.
void Outboxes::note_stuck(Outbox& outbox) {
  redis::Command command{"XINFO", "STREAM", outbox.key};
  command.at(outbox.key).repeatable();
  const auto info = server_.run(command);
  if (!info) return;
  std::uint64_t length = 0, added = 0;
  for (std::size_t i = 0; i + 1 < info->items.size(); i += 2) {
    const auto number = static_cast<std::uint64_t>(info->items[i + 1].number);
    if (info->items[i].text == "length") length = number;
    if (info->items[i].text == "entries-added") added = number;
  }
  if (!outbox.added_before) outbox.added_before = outbox.was_poured ? added : added - std::min(length, added);
  server_.shared().backlogs.note_stuck(outbox.key, added - std::min(*outbox.added_before, added));
}

Result<void> Outboxes::forward_rest(const model::Partition& partition, Outbox& outbox) {
  TIDEMARK_TRY(ask_position(outbox));
  for (std::optional<StreamId> before; outbox.poured != before;) {
    before = outbox.poured;
    if (outbox.pouring) {
      outbox.ended.wait();
    } else {
      TIDEMARK_TRY(pour(partition, outbox, std::nullopt));
    }
  }
  if (outbox.untrimmed > 0 && !outbox.pouring) TIDEMARK_TRY(trim(outbox));
  return {};
}

}  // namespace tidemark::store
