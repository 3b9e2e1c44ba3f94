#include "redis/slots.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/assert.hpp"
#include "redis/client.hpp"

namespace tidemark::redis {
namespace {

constexpr std::array<std::uint16_t, 256> make_crc_table() {
  std::array<std::uint16_t, 256> table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) {
    auto crc = static_cast<std::uint16_t>(byte << 8);
    for (int bit = 0; bit < 8; ++bit) {
      crc = static_cast<std::uint16_t>((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1);
    }
    table[byte] = crc;
  }
  return table;
}
constexpr auto CRC_TABLE = make_crc_table();

// One entry of CLUSTER SLOTS: first slot, last slot, the master [host, port, id, …], its replicas.
struct Range {
  std::size_t first = 0, last = 0;
  Endpoint master;
};

bool is_slot(const resp::Value& value) {
  return value.kind == resp::Value::Kind::integer && value.number >= 0 && std::cmp_less(value.number, SLOT_COUNT);
}

bool is_port(const resp::Value& value) {
  return value.kind == resp::Value::Kind::integer && value.number > 0 && value.number <= 65'535;
}

bool read_range(const resp::Value& entry, const Endpoint& asked, Range& range) {
  if (entry.items.size() < 3 || !is_slot(entry.items[0]) || !is_slot(entry.items[1])) return false;
  const resp::Value& master = entry.items[2];
  if (entry.items[0].number > entry.items[1].number || master.items.size() < 2 || !is_port(master.items[1]))
    return false;
  range.first = static_cast<std::size_t>(entry.items[0].number);
  range.last = static_cast<std::size_t>(entry.items[1].number);
  const std::string& host = master.items[0].text;
  range.master.host = host.empty() || host == "?" ? asked.host : host;
  range.master.port = static_cast<std::uint16_t>(master.items[1].number);
  return true;
}

}  // namespace

std::uint16_t crc16(std::string_view bytes) noexcept {
  std::uint16_t crc = 0;
  for (const char c : bytes) {
    crc = static_cast<std::uint16_t>((crc << 8) ^ CRC_TABLE[(crc >> 8) ^ static_cast<unsigned char>(c)]);
  }
  return crc;
}

std::string_view hash_tag(std::string_view key) noexcept {
  const std::size_t open = key.find('{');
  if (open == std::string_view::npos) return key;
  const std::size_t close = key.find('}', open + 1);
  if (close == std::string_view::npos || close == open + 1) return key;
  return key.substr(open + 1, close - open - 1);
}

std::uint16_t slot_of(std::string_view key) noexcept { return crc16(hash_tag(key)) % SLOT_COUNT; }

SlotMap::SlotMap() { owners_.fill(NOBODY); }

void SlotMap::assign(std::size_t first, std::size_t last, const Endpoint& owner) {
  TIDEMARK_ASSERT(first <= last && last < SLOT_COUNT, "slots ", first, " to ", last);
  auto node = std::find(nodes_.begin(), nodes_.end(), owner);
  if (node == nodes_.end()) node = nodes_.insert(node, owner);
  std::fill(owners_.begin() + static_cast<std::ptrdiff_t>(first),
            owners_.begin() + static_cast<std::ptrdiff_t>(last) + 1, static_cast<std::uint16_t>(node - nodes_.begin()));
}

const Endpoint* SlotMap::owner_of(std::uint16_t slot) const noexcept {
  return owners_[slot] == NOBODY ? nullptr : &nodes_[owners_[slot]];
}

const Endpoint* SlotMap::any_owner() const noexcept {
  const auto* owned = std::find_if(owners_.begin(), owners_.end(), [](std::uint16_t owner) { return owner != NOBODY; });
  return owned == owners_.end() ? nullptr : &nodes_[*owned];
}

std::vector<Endpoint> SlotMap::owners() const {
  std::vector<bool> has_slots(nodes_.size());
  for (const std::uint16_t owner : owners_) {
    if (owner != NOBODY) has_slots[owner] = true;
  }
  std::vector<Endpoint> owners;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (has_slots[i]) owners.push_back(nodes_[i]);
  }
  return owners;
}

bool operator==(const SlotMap& a, const SlotMap& b) noexcept {
  for (std::size_t slot = 0; slot < SLOT_COUNT; ++slot) {
    const Endpoint* of_a = a.owner_of(static_cast<std::uint16_t>(slot));
    const Endpoint* of_b = b.owner_of(static_cast<std::uint16_t>(slot));
    if ((of_a == nullptr) != (of_b == nullptr) || (of_a != nullptr && *of_a != *of_b)) return false;
  }
  return true;
}

Result<SlotMap> read_cluster_slots(const resp::Value& answer, const Endpoint& asked) {
  const std::string about = "CLUSTER SLOTS of " + asked.text();
  if (answer.is_error()) return fail(ErrorCode::unavailable, answer.text, about);
  if (!answer.is_list()) return fail(ErrorCode::unavailable, "the answer is no list: is that a cluster's node?", about);
  SlotMap map;
  for (const resp::Value& entry : answer.items) {
    Range range;
    if (!read_range(entry, asked, range)) {
      return fail(ErrorCode::unavailable, "an entry is not [first slot, last slot, [host, port, …], …]", about);
    }
    map.assign(range.first, range.last, range.master);
  }
  return map;
}

std::optional<Redirection> read_redirection(std::string_view error, const Endpoint& answered) {
  const std::size_t slot_at = error.find(' ') + 1;
  const std::size_t to_at = error.find(' ', slot_at) + 1;
  const std::size_t colon = error.rfind(':');
  if (slot_at == 0 || to_at == 0 || colon == std::string_view::npos || colon < to_at) return std::nullopt;
  const auto read = [error](std::size_t from, std::size_t to, std::uint16_t& number) {
    const char* const end = error.data() + to;
    const auto result = std::from_chars(error.data() + from, end, number);
    return result.ec == std::errc{} && result.ptr == end;
  };
  Redirection redirection;
  if (!read(slot_at, to_at - 1, redirection.slot) || redirection.slot >= SLOT_COUNT) return std::nullopt;
  if (!read(colon + 1, error.size(), redirection.to.port) || redirection.to.port == 0) return std::nullopt;
  redirection.to.host = error.substr(to_at, colon - to_at);
  if (redirection.to.host.empty() || redirection.to.host == "?") redirection.to.host = answered.host;
  return redirection;
}

}  // namespace tidemark::redis
