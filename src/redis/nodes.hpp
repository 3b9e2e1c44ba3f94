// Nodes: all servers that a client has connections to, and what its parts share: counters, chance, the moment at which
// something changed for those who wait.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/random.hpp"
#include "fiber/io_thread.hpp"
#include "fiber/sync.hpp"
#include "redis/counters.hpp"
#include "redis/exchange.hpp"
#include "redis/node.hpp"
#include "redis/options.hpp"

namespace tidemark::redis {

// All calls on the thread, but for what counters and the epoch say.
class Nodes {
 public:
  Nodes(fiber::IoThread& thread, Options options);

  Node& at(const Endpoint& endpoint);
  // What to do when a connection of a node could not be made, or broke.
  void on_broken(std::function<void(const Node&)> tell) { tell_broken_ = std::move(tell); }
  // Lets go of the others, except those with requests on their way.
  void keep_only(const std::vector<Endpoint>& endpoints);
  // Those with a ready connection.
  std::vector<Endpoint> ready() const;

  // On a fiber: the answer of one node to a question of our own, by `limit`. Failures and errors are failures.
  Result<resp::Value> ask(const Endpoint& endpoint, const Command& command, Instant limit);

  fiber::IoThread& thread() noexcept { return thread_; }
  Instant now() const noexcept { return thread_.loop().now(); }
  const Options& options() const noexcept { return options_; }
  Random& random() noexcept { return random_; }
  Counters& counters() noexcept { return counters_; }
  const Counters& counters() const noexcept { return counters_; }
  Traffic& traffic() noexcept { return traffic_; }
  const Traffic& traffic() const noexcept { return traffic_; }

  // Notified when requests may find another way than before, or none any more.
  fiber::Signal& changed() noexcept { return changed_; }
  // Any thread: see Client.
  std::uint64_t epoch() const noexcept { return epoch_.load(std::memory_order_acquire); }
  // Another node may have become master: the topology already knows.
  void raise_epoch();
  // What to do when that happens.
  void on_new_epoch(std::function<void()> tell) { tell_new_epoch_ = std::move(tell); }

  bool is_closed() const noexcept { return closed_; }
  void close();

 private:
  fiber::IoThread& thread_;
  const Options options_;
  Random random_ = Random::from_entropy();
  Counters counters_;
  Traffic traffic_;
  fiber::Signal changed_;
  std::atomic<std::uint64_t> epoch_{1};
  bool closed_ = false;
  std::function<void(const Node&)> tell_broken_;
  std::function<void()> tell_new_epoch_;
  std::vector<std::unique_ptr<Node>> nodes_;  // few: looked through, not looked up
};

// What trying again does not mend: wrong credentials, rights that are missing, certificates that can't be read.
bool is_hopeless(const Failure& failure) noexcept;
// Of two failures the one to report: what must be mended rather than what may pass.
Failure worse(std::optional<Failure> before, Failure failure);

// An answer that is an error, or none, as a failure about `about`.
Result<resp::Value> value_of(Outcome outcome, std::string about);

}  // namespace tidemark::redis
