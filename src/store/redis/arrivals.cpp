#include "store/redis/arrivals.hpp"

#include <optional>
#include <utility>
#include <vector>

#include "fiber/fiber.hpp"
#include "fiber/sync.hpp"
#include "store/redis/server.hpp"

namespace tidemark::store {
namespace {

constexpr Duration BLOCK{1'500};    // a read returns so often even when nothing comes,
constexpr Duration AT_MOST{4'000};  // and past this the connection is given up
constexpr Duration PAUSE{5};        // between two reads, or two ends of one: a tick of the loop
constexpr Duration AFTER_FAILURE{200};

}  // namespace

// What one blocking connection reads.
class Arrivals::Reader {
 public:
  explicit Reader(Server& server) : server_{server} {}

  void cover(std::string_view topic, StreamId above) {
    auto& covered = topics_[std::string{topic}];
    if (covered.reading && covered.above <= above) return;
    covered = {.above = above, .reading = false};
    joined_ = true;
    changed_.notify_all();
  }

  // A fiber's body: reads for as long as anybody waits.
  void read() {
    for (;;) {
      const auto command = next_read();
      if (!command) {
        changed_.wait();
        continue;
      }
      if (!connection_) connection_ = server_.client().open_blocking(command->key());
      const auto connection = connection_;
      ++reads_;
      reading_ = true;
      joined_ = false;
      const auto reply = connection->call(*command, AT_MOST);
      reading_ = false;
      note(reply);
      this_fiber::sleep_for(reply.answered() && !reply.value.is_error() ? PAUSE : AFTER_FAILURE);
    }
  }

  // Another one: ends a read that lacks a stream. It may come before the server has begun to block, so it is repeated
  // until that read has returned.
  void interrupt() {
    for (;;) {
      changed_.wait([this] { return joined_ && reading_; });
      const auto read = reads_;
      this_fiber::sleep_for(PAUSE);
      const auto connection = connection_;  // the reader may give it up meanwhile
      if (reading_ && reads_ == read) connection->unblock();
    }
  }

 private:
  struct Topic {
    StreamId above;
    bool reading = false;  // the read that is going on names it
  };

  // Names what somebody waits for and forgets the rest; none when there is nothing.
  std::optional<redis::Command> next_read() {
    const auto& waiters = server_.shared().waiters;
    std::vector<std::pair<const std::string*, StreamId>> wanted;
    for (auto at = topics_.begin(); at != topics_.end();) {
      if (const auto above = waiters.lowest(at->first)) {
        at->second = {.above = *above, .reading = true};
        wanted.emplace_back(&at->first, *above);
        ++at;
      } else {
        at = topics_.erase(at);
      }
    }
    if (wanted.empty()) return std::nullopt;
    redis::Command command{"XREAD", "COUNT", 1, "BLOCK", broken_ ? 1 : BLOCK.count(), "STREAMS"};
    for (const auto& [topic, above] : wanted) command << *topic;
    for (const auto& [topic, above] : wanted) command << above.text();
    command.at(*wanted.front().first).repeatable();
    return command;
  }

  void note(const redis::Reply& reply) {
    for (auto& [topic, state] : topics_) state.reading = false;
    if (!reply.answered()) {
      connection_.reset();
      broken_ = true;
      return;
    }
    // After a break the server may be another one, whose groups have handed over less. An error is that of a slot that
    // has moved, or of a key that is no stream. Who waits looks again, and learns what there is to learn.
    if (broken_ || reply.value.is_error()) {
      broken_ = false;
      if (reply.value.is_error()) connection_.reset();
      std::vector<std::string> names;
      for (const auto& [topic, state] : topics_) names.push_back(topic);
      for (const auto& name : names) server_.shared().waiters.changed(name);
      return;
    }
    // RESP3 sends a map, {stream, entries, …}; RESP2 a list of pairs.
    const auto& items = reply.value.items;
    if (reply.value.kind == resp::Value::Kind::map) {
      for (std::size_t i = 0; i < items.size(); i += 2) server_.shared().waiters.changed(items[i].text);
    } else {
      for (const auto& stream : items) {
        if (!stream.items.empty()) server_.shared().waiters.changed(stream.items.front().text);
      }
    }
  }

  Server& server_;
  std::map<std::string, Topic> topics_;
  std::shared_ptr<redis::BlockingConnection> connection_;
  fiber::Signal changed_;
  bool joined_ = false;  // a stream that the read going on does not name
  bool reading_ = false;
  bool broken_ = false;  // the connection, since the last answer
  std::uint64_t reads_ = 0;
};

Arrivals::Arrivals(Server& server) : server_{server}, tasks_{server.thread().loop()} {}

Arrivals::~Arrivals() = default;

void Arrivals::cover(std::string_view topic, StreamId above) {
  const std::uint32_t place = server_.shared().is_cluster ? redis::slot_of(topic) : 0;
  auto& reader = readers_[place];
  if (!reader) {
    reader = std::make_unique<Reader>(server_);
    tasks_.spawn("redis arrivals", [&reader = *reader] { reader.read(); });
    tasks_.spawn("redis arrivals interrupt", [&reader = *reader] { reader.interrupt(); });
  }
  reader->cover(topic, above);
}

}  // namespace tidemark::store
