#include "store/redis/outboxes.hpp"

#include <optional>

#include "fiber/sync.hpp"
#include "store/redis/answer.hpp"
#include "store/redis/entries.hpp"
#include "store/redis/keys.hpp"
#include "store/redis/server.hpp"

namespace tidemark::store {
namespace {

constexpr std::uint32_t AT_ONCE = 256;       // entries in one call
constexpr std::uint64_t TRIM_AFTER = 1'024;  // poured entries that may stay in the outbox

}  // namespace

struct Outboxes::Outbox {
  std::string key, topic;
  StreamId poured;  // the topic has everything up to here
  std::uint64_t untrimmed = 0;
  bool pouring = false;
  fiber::Signal ended;  // a run of pour()
};

Outboxes::Outboxes(Server& server) : server_{server} {}
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
    TIDEMARK_TRY(pour(outbox));
    if (outbox.poured < up_to && outbox.poured == before) {
      return fail(ErrorCode::unavailable,
                  "the outbox has lost entries before they reached their topic: the server was replaced by one that "
                  "did not have them",
                  outbox.key);
    }
  }
  if (outbox.untrimmed >= TRIM_AFTER && !outbox.pouring) TIDEMARK_TRY(trim(outbox));
  return {};
}

// One page. Who calls it sees from `poured` how far it came.
Result<void> Outboxes::pour(Outbox& outbox) {
  struct Run {
    explicit Run(Outbox& of) : outbox{of} { outbox.pouring = true; }
    ~Run() {
      outbox.pouring = false;
      outbox.ended.notify_all();
    }
    Outbox& outbox;
  } const run{outbox};
  const auto entries = read_entries(server_, outbox.key, outbox.poured, AT_ONCE);
  if (!entries) return entries.error();
  if (entries->empty()) return {};
  auto call =
      server_.shared().function("pour", {outbox.topic, keys::poured(outbox.topic)}, FunctionCall::Effect::repeatable);
  call << outbox.key;
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

Result<void> Outboxes::trim(Outbox& outbox) {
  outbox.untrimmed = 0;
  redis::Command command{"XTRIM", outbox.key, "MINID", outbox.poured.next().text()};
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
  for (const auto& topic : topics->items) {
    auto& outbox = find(partition, topic.text);
    for (std::optional<StreamId> before; outbox.poured != before;) {
      before = outbox.poured;
      if (outbox.pouring) {
        outbox.ended.wait();
      } else {
        TIDEMARK_TRY(pour(outbox));
      }
    }
    if (outbox.poured != StreamId::min() && !outbox.pouring && outbox.untrimmed > 0) TIDEMARK_TRY(trim(outbox));
  }
  return {};
}

}  // namespace tidemark::store
