// SentinelTopology: the master that sentinels name. Each is asked in turn, on a connection of its own, and the server
// that it names must say of itself that it is a master: a sentinel learns of a fail-over later than the one that leads
// it.
#pragma once
#include <optional>

#include "fiber/timer.hpp"
#include "redis/discovery.hpp"
#include "redis/topology.hpp"

namespace tidemark::redis {

class SentinelTopology final : public Topology {
 public:
  explicit SentinelTopology(Nodes& nodes);

  const Endpoint* route(std::string_view /*key*/) override { return master_ ? &*master_ : nullptr; }
  std::vector<Endpoint> masters() const override;
  Failure why_unknown(std::string_view key) const override;
  void look_again(const Endpoint* doubted) override;
  void close() override;

 private:
  // A master that was deposed while it hung answers again before it knows, and nothing else tells.
  static constexpr Duration LOOK_EVERY = std::chrono::seconds{1};

  Result<void> look();
  Result<Endpoint> ask(const Endpoint& sentinel);
  Result<void> verify(const Endpoint& named);
  void adopt(const Endpoint& named);

  Nodes& nodes_;
  const Options sentinel_options_;
  std::vector<Endpoint> sentinels_;  // the one that answered last comes first
  std::optional<Endpoint> master_;
  Discovery discovery_;
  fiber::Timer watch_;
};

}  // namespace tidemark::redis
