// BlockingLine: the connection that Client::open_blocking makes.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "fiber/intrusive_list.hpp"
#include "fiber/timer.hpp"
#include "redis/backoff.hpp"
#include "redis/client.hpp"
#include "redis/exchange.hpp"
#include "redis/nodes.hpp"
#include "redis/topology.hpp"

namespace tidemark::redis {

struct InClient;

class BlockingLine final : public BlockingConnection, public fiber::Hook<InClient> {
 public:
  BlockingLine(Nodes& nodes, Topology& topology, std::string key);
  ~BlockingLine() override;

  Reply call(Command command, Duration at_most) override;
  void unblock() override;
  // Ends the connection if its node does not have the key any more, so that nobody waits where nothing comes.
  void leave_former_node();
  // Ends the connection; a call that waits fails.
  void close();

 private:
  class Waiting;

  // Sees to a connection to the node that has the key. False when there is none: `reply` says what to return.
  bool connect(Instant limit, Reply& reply);
  void open(const Endpoint& endpoint);
  Reply exchange(const Command& command, Instant limit);
  bool follow(const Reply& reply);
  void note_failure();
  void send_unblock();
  void on_unblocked(const Outcome& outcome);

  Nodes& nodes_;
  Topology& topology_;
  const std::string key_;
  Backoff backoff_;
  Instant retry_at_{};
  std::optional<Failure> failure_;
  Endpoint endpoint_;
  std::unique_ptr<Connection> connection_;
  bool is_counted_ = false;

  static constexpr std::int64_t UNKNOWN = -1, NOT_TOLD = 0;
  std::int64_t client_id_ = UNKNOWN;  // the server's number of this connection
  std::uint64_t calls_ = 0;
  bool is_waiting_ = false;
  bool is_unblocked_ = false;  // unblock() was called for the call that waits
  fiber::Timer again_;
  // For callbacks that may come when this is gone.
  const std::shared_ptr<BlockingLine*> self_ = std::make_shared<BlockingLine*>(this);
};

}  // namespace tidemark::redis
