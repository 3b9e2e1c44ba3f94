// Topology: which node has a key. One server, the master that sentinels name, or the masters of a cluster.
#pragma once
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "redis/nodes.hpp"
#include "redis/options.hpp"

namespace tidemark::redis {

// All calls on the client's thread, not to be used after close().
class Topology {
 public:
  virtual ~Topology() = default;
  Topology(const Topology&) = delete;
  Topology& operator=(const Topology&) = delete;

  // The node that has the key; for no key, any that has keys. Null when it is not known: look_again(), and wait for
  // Nodes::changed(). Valid until the next wait.
  virtual const Endpoint* route(std::string_view key) = 0;
  // All that have keys; empty when that is not known.
  virtual std::vector<Endpoint> masters() const = 0;
  // Why route() knew none.
  virtual Failure why_unknown(std::string_view key) const = 0;
  // What is known may be stale: finds out in the background, soon but not too often. `doubted`, if it is not null, is
  // the node that gave rise to that. Notifies Nodes::changed() after each attempt.
  virtual void look_again(const Endpoint* doubted = nullptr) = 0;
  // A node said that `slot` belongs to `owner`. False when there are no slots here.
  virtual bool moved(std::uint16_t /*slot*/, const Endpoint& /*owner*/) { return false; }
  // On a fiber, unless nothing runs in the background: ends that.
  virtual void close() {}

 protected:
  Topology() = default;
};

// As the options of `nodes` say. Looks for nothing yet. `nodes` must outlive it.
std::unique_ptr<Topology> make_topology(Nodes& nodes);

}  // namespace tidemark::redis
