// SlotMap: which node of a cluster has which of its 16384 slots.
//
// A key's slot is CRC16 (XMODEM: polynomial 0x1021, start 0) of its hash tag, modulo 16384. The hash tag is what stands
// between the first '{' and the next '}', if that is not empty; else it is the whole key.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "redis/options.hpp"
#include "resp/value.hpp"

namespace tidemark::redis {

inline constexpr std::size_t SLOT_COUNT = 16'384;

std::uint16_t crc16(std::string_view bytes) noexcept;
// The part of a key that chooses its slot.
std::string_view hash_tag(std::string_view key) noexcept;

class SlotMap {
 public:
  // Nothing has an owner at first.
  SlotMap();

  // Gives the slots from `first` to `last` (both below SLOT_COUNT) to a node.
  void assign(std::size_t first, std::size_t last, const Endpoint& owner);
  // Null when nobody has it.
  const Endpoint* owner_of(std::uint16_t slot) const noexcept;
  // One that has slots; null when there is none.
  const Endpoint* any_owner() const noexcept;
  // All that have slots, each once.
  std::vector<Endpoint> owners() const;
  bool empty() const noexcept { return nodes_.empty(); }
  friend bool operator==(const SlotMap& a, const SlotMap& b) noexcept;

 private:
  static constexpr std::uint16_t NOBODY = 0xffff;

  std::array<std::uint16_t, SLOT_COUNT> owners_;  // positions in nodes_
  std::vector<Endpoint> nodes_;
};

// Reads the answer to CLUSTER SLOTS. A node that does not know its own address yet, or answers from behind one, has
// none or "?" there: it is the one that was asked, `asked`. `unavailable` when the answer is not such a list.
Result<SlotMap> read_cluster_slots(const resp::Value& answer, const Endpoint& asked);

// What the errors MOVED and ASK say.
struct Redirection {
  std::uint16_t slot = 0;
  Endpoint to;
};

// Reads "MOVED 3999 127.0.0.1:6381"; without a host, it is the one that answered. None for everything else.
std::optional<Redirection> read_redirection(std::string_view error, const Endpoint& answered);

}  // namespace tidemark::redis
