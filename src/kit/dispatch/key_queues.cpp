#include "kit/dispatch/key_queues.hpp"

#include <algorithm>
#include <iterator>

namespace tidemark::kit {

KeyQueues::KeyQueues() = default;
KeyQueues::~KeyQueues() = default;

KeyQueues::Key& KeyQueues::key_of(std::string_view name) {
  const auto at = keys_.find(name);
  if (at != keys_.end()) return *at->second;
  auto key = std::make_unique<Key>();
  key->name = name;
  return *keys_.emplace(std::string{name}, std::move(key)).first->second;
}

void KeyQueues::park(Item& item) {
  if (!item.fields) return;
  item.fields.reset();
  --active_;
  ++parked_;
}

void KeyQueues::count_out(const Item& item) { item.fields ? --active_ : --parked_; }

void KeyQueues::make_ready(Key& key) {
  key.state = State::ready;
  ready_.push_back(&key);
}

void KeyQueues::wait(Key& key, Instant due) {
  key.state = State::waiting;
  key.waiting_serial = ++serial_;
  due_.push({due, key.name, serial_});
}

void KeyQueues::push(std::string_view name, Item item) {
  item.fields ? ++active_ : ++parked_;
  Key& key = key_of(name);
  key.items.push_back(std::move(item));
  if (key.state == State::waiting)
    park(key.items.back());
  else if (key.state == State::ready && key.items.size() == 1)
    make_ready(key);
}

void KeyQueues::push_waiting(std::string_view name, Item item, Instant due) {
  item.fields ? ++active_ : ++parked_;
  Key& key = key_of(name);
  key.items.push_back(std::move(item));
  if (key.items.size() > 1) return;  // what is before it runs first; its own time has come by then, or it runs early
  park(key.items.back());
  wait(key, due);
}

std::optional<Instant> KeyQueues::wake(Instant now) {
  while (!due_.empty()) {
    if (due_.top().at > now) return due_.top().at;
    const auto at = keys_.find(due_.top().name);
    if (at != keys_.end() && at->second->state == State::waiting && at->second->waiting_serial == due_.top().serial)
      make_ready(*at->second);
    due_.pop();
  }
  return std::nullopt;
}

KeyQueues::Key* KeyQueues::take() {
  if (ready_.empty()) return nullptr;
  Key* key = ready_.front();
  ready_.pop_front();
  key->state = State::running;
  ++running_;
  return key;
}

Item& KeyQueues::front(Key* key) { return key->items.front(); }

Item* KeyQueues::take_along(Key* key, std::size_t count) {
  if (count >= key->items.size()) return nullptr;
  key->taken = std::max(key->taken, count + 1);
  return &*std::next(key->items.begin(), static_cast<std::ptrdiff_t>(count));
}

const std::string& KeyQueues::name(const Key* key) const { return key->name; }

bool KeyQueues::finish(Key* key) {
  count_out(key->items.front());
  key->items.pop_front();
  if (key->taken > 1) --key->taken;
  if (key->alone > 0) --key->alone;
  if (!key->items.empty()) return true;
  --running_;
  keys_.erase(keys_.find(key->name));
  return false;
}

void KeyQueues::postpone(Key* key, Instant due) {
  key->taken = 1;
  for (auto& item : key->items) park(item);
  --running_;
  wait(*key, due);
}

void KeyQueues::put_back(Key* key) {
  key->taken = 1;
  --running_;
  make_ready(*key);
}

std::size_t KeyQueues::waiting() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(keys_, [](const auto& key) { return key.second->state == State::waiting; }));
}

bool KeyQueues::drop(std::uint8_t source, StreamId id, std::uint64_t token) {
  for (auto& [name, key] : keys_) {
    const auto at = std::ranges::find_if(
        key->items, [&](const Item& item) { return item.source == source && item.id == id && item.token == token; });
    if (at == key->items.end()) continue;
    const auto before = static_cast<std::size_t>(std::distance(key->items.begin(), at));
    if (key->state == State::running && before < key->taken) return true;  // its commit will be refused
    count_out(*at);
    key->items.erase(at);
    if (key->items.empty()) {
      std::erase(ready_, key.get());
      keys_.erase(keys_.find(name));
    }
    return true;
  }
  return false;
}

}  // namespace tidemark::kit
