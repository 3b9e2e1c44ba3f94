// ClusterTopology: who has which slot, as any node that can be reached says, and as redirections correct it.
#pragma once
#include <optional>

#include "redis/discovery.hpp"
#include "redis/slots.hpp"
#include "redis/topology.hpp"

namespace tidemark::redis {

class ClusterTopology final : public Topology {
 public:
  explicit ClusterTopology(Nodes& nodes);

  const Endpoint* route(std::string_view key) override;
  std::vector<Endpoint> masters() const override { return map_.owners(); }
  Failure why_unknown(std::string_view key) const override;
  void look_again(const Endpoint* doubted) override;
  bool moved(std::uint16_t slot, const Endpoint& owner) override;
  void close() override { discovery_.close(); }

 private:
  Result<void> look();
  Result<SlotMap> ask(const Endpoint& endpoint);
  // Whom to ask: first who answers anyway, then who was master, then the seeds; last who is doubted.
  std::vector<Endpoint> candidates() const;
  void adopt(SlotMap map);

  Nodes& nodes_;
  SlotMap map_;
  std::optional<Endpoint> doubted_;
  Discovery discovery_;
};

}  // namespace tidemark::redis
