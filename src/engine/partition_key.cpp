#include "engine/partition_key.hpp"

#include "engine/keyspace.hpp"

namespace tidemark::engine {
namespace {

constexpr std::size_t SERVICE_BYTES_MAX = 255;  // its length is one byte
constexpr std::uint64_t SIGN = 1ull << 63;      // flipped, negative times sort below positive ones

}  // namespace

Result<void> check_partition(const model::Partition& partition) {
  if (partition.service.size() <= SERVICE_BYTES_MAX) return {};
  return fail(ErrorCode::invalid, detail::concatenate("a service's name has at most ", SERVICE_BYTES_MAX, " bytes"),
              "service '" + partition.service + "'");
}

void append_partition(std::string& out, const model::Partition& partition) {
  append_big_endian(out, partition.service.size(), 1);
  out.append(partition.service);
  append_big_endian(out, partition.number, 2);
}

std::optional<model::Partition> take_partition(std::string_view& in) {
  if (in.empty()) return std::nullopt;
  const auto size = static_cast<std::size_t>(static_cast<unsigned char>(in.front()));
  if (in.size() < 1 + size + 2) return std::nullopt;
  model::Partition partition{std::string{in.substr(1, size)},
                             static_cast<std::uint16_t>(read_big_endian(in, 1 + size, 2))};
  in.remove_prefix(1 + size + 2);
  return partition;
}

void append_time(std::string& out, TimePoint time) {
  append_big_endian(out, static_cast<std::uint64_t>(time.time_since_epoch().count()) ^ SIGN, 8);
}

std::optional<TimePoint> take_time(std::string_view& in) {
  if (in.size() < 8) return std::nullopt;
  const auto ms = static_cast<std::int64_t>(read_big_endian(in, 0, 8) ^ SIGN);
  in.remove_prefix(8);
  return TimePoint{std::chrono::milliseconds{ms}};
}

}  // namespace tidemark::engine
