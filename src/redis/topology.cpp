#include "redis/topology.hpp"

#include "base/assert.hpp"
#include "redis/cluster.hpp"
#include "redis/sentinel.hpp"

namespace tidemark::redis {
namespace {

// One server: always known, never another.
class StandaloneTopology final : public Topology {
 public:
  explicit StandaloneTopology(const Endpoint& server) : server_{server} {}

  const Endpoint* route(std::string_view /*key*/) override { return &server_; }
  std::vector<Endpoint> masters() const override { return {server_}; }
  Failure why_unknown(std::string_view /*key*/) const override {
    return fail(ErrorCode::internal, "one server is always known", server_.text());
  }
  void look_again(const Endpoint* /*doubted*/) override {}

 private:
  const Endpoint server_;
};

}  // namespace

std::unique_ptr<Topology> make_topology(Nodes& nodes) {
  const Options& options = nodes.options();
  TIDEMARK_ASSERT(!options.seeds.empty(), "a client needs a server to talk to");
  switch (options.topology) {
    case Options::Topology::sentinel: return std::make_unique<SentinelTopology>(nodes);
    case Options::Topology::cluster: return std::make_unique<ClusterTopology>(nodes);
    case Options::Topology::standalone: break;
  }
  return std::make_unique<StandaloneTopology>(options.seeds.front());
}

}  // namespace tidemark::redis
