// KeyQueues: which event of a group may run next. Events of one key run in their order, one at a time; different keys
// run side by side. A key whose first event waits for a retry holds its others back, and nobody else's.
//
// Pure bookkeeping for one dispatcher on one thread: no store, no clock but the times handed in.
//
//   idle ──push──► ready ──take──► running ──finish──► ready or idle
//                    ▲                │
//                    └──time comes── waiting ◄──postpone
#pragma once
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/lsn.hpp"
#include "base/stream_id.hpp"
#include "model/fields.hpp"

namespace tidemark::kit {

// A delivery on its way through a dispatcher.
struct Item {
  std::uint8_t source = 0;  // which of the dispatcher's topics it is from
  StreamId id;
  std::uint64_t token = 0;
  std::uint32_t attempts = 0;
  bool suspect = false;
  bool recorded = false;  // whether the store has been told of the run after `attempts`
  Lsn handed_over;
  // None while parked: it is read again from the store before it runs.
  std::optional<model::Fields> fields;
};

class KeyQueues {
 public:
  struct Key;  // a key with something to do; its address is its handle

  KeyQueues();
  ~KeyQueues();

  // Adds an event behind the others of its key. Where the key waits for a retry, the event is parked.
  void push(std::string_view key, Item item);
  // Adds an event that must not run before `due`, at the end of its key like any other.
  void push_waiting(std::string_view key, Item item, Instant due);

  // Moves keys whose time has come to the ready ones. Returns when the next one is due.
  std::optional<Instant> wake(Instant now);
  // A ready key, now running; null when there is none.
  Key* take();
  // The first event of a running key.
  Item& front(Key* key);
  // The event behind `count` others of a running key, which from here on runs with them; null when there is none.
  Item* take_along(Key* key, std::size_t count);
  const std::string& name(const Key* key) const;
  // The first event is done. True while the key has another one, which the caller goes on to run; else the handle ends.
  bool finish(Key* key);
  // The first event runs again at `due`; it and what is behind it are parked. The handle ends its run.
  void postpone(Key* key, Instant due);
  // The key stops running with its first event still to do, ready at once.
  void put_back(Key* key);

  std::size_t active() const { return active_; }    // events in memory with their fields
  std::size_t parked() const { return parked_; }    // events known by id only
  std::size_t running() const { return running_; }  // keys taken and not yet finished
  std::size_t waiting() const;                      // keys whose first event waits for its time; counts them
  // Everything held: for heart-beats.
  template <class Visit>
  void for_each(const Visit& visit) const;
  // What was handed over of `source` with this id and token is no longer ours: it is dropped unless it is running,
  // alone or along with others. True when it was there.
  bool drop(std::uint8_t source, StreamId id, std::uint64_t token);

  // Tells that a parked item has its fields again.
  void unparked() { --parked_, ++active_; }

 private:
  enum class State { ready, running, waiting };
  // Keys may go, or wait for another time, while their entry stands in due_: the serial tells, and is never reused.
  struct Due {
    Instant at;
    std::string name;
    std::uint64_t serial;
    bool operator>(const Due& other) const { return at > other.at; }
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  Key& key_of(std::string_view key);
  void park(Item& item);
  void make_ready(Key& key);
  void wait(Key& key, Instant due);
  void count_out(const Item& item);

  std::unordered_map<std::string, std::unique_ptr<Key>, Hash, std::equal_to<>> keys_;
  std::deque<Key*> ready_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::size_t active_ = 0, parked_ = 0, running_ = 0;
  std::uint64_t serial_ = 0;
};

struct KeyQueues::Key {
  std::string name;
  std::list<Item> items;  // whose first stay where they are while they run, whatever is dropped behind them
  std::size_t taken = 1;  // how many of the first run, while the key does
  std::size_t alone = 0;  // how many of the first are to run by themselves
  State state = State::ready;
  std::uint64_t waiting_serial = 0;  // which entry of due_ is this key's current one
};

template <class Visit>
void KeyQueues::for_each(const Visit& visit) const {
  for (const auto& [name, key] : keys_)
    for (const auto& item : key->items) visit(item);
}

}  // namespace tidemark::kit
