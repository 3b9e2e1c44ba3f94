// Connection: a socket around a Session. It reads, starts a fiber for each request, writes what is ready once for each
// turn of the loop, and keeps the deadlines. All on its shard's thread.
#pragma once
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fiber/fiber.hpp"
#include "fiber/sync.hpp"
#include "fiber/timer.hpp"
#include "http/session.hpp"

namespace tidemark::http {

class Shard;

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

  Connection(Shard& shard, Socket socket);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();
  // Instead of start(): says 503 and closes.
  void reject();
  // Writes what is ready, goes on with what waited for room.
  void flush();
  // Closes as soon as what runs has been answered. Event streams are told to stop.
  void drain();
  // Closes at once; what runs is told to stop.
  void cut();
  // How many bytes it holds for its client, and since when that one is too slow: takes nothing of what we write, or is
  // behind the slowest rate at which a body may come. None when nothing waits for the client; a time to come for one
  // that is ahead of that rate.
  struct Held {
    std::size_t bytes;
    Instant since;
  };
  std::optional<Held> held() const;

  // On the fiber of the request: adds to the answer that it streams, and waits until the client has taken enough of it.
  // Throws Cancelled when the client has gone.
  void stream(Session::Ticket ticket, std::string_view bytes);

 private:
  struct Running {
    Session::Ticket ticket;
    fiber::FiberHandle fiber;
    std::size_t body_bytes = 0;
    bool is_stream = false;
  };
  enum class Phase { none, header, body, idle };

  void read();
  void on_read(const boost::system::error_code& error, std::size_t count);
  void write();
  std::size_t write_some(boost::system::error_code& error);
  void wait_writable();
  void run_requests();
  void begin(Session::Incoming incoming);
  void turn_away(Session::Ticket ticket, std::string_view why);
  void serve(Session::Ticket ticket, Request& request);
  Response respond(Request& request);
  void run_events(Session::Ticket ticket, Response response);
  void end(Session::Ticket ticket);
  bool has_streams() const;
  void cancel_streams();
  void linger();
  void close();
  void flush_soon();
  void note_refusal();
  void note_held();
  void update_deadline();
  Instant read_deadline();
  // When the slowest body would have come as far as this one.
  Instant body_due() const;
  void set_deadline(Instant deadline);
  void on_timer();

  Shard& shard_;
  Socket socket_;
  Session session_;
  fiber::Timer timer_;
  fiber::Signal room_;  // something was written, or the connection closed
  std::vector<Running> running_;
  std::size_t held_ = 0;  // as the shard knows it
  std::string peer_;

  bool reading_ = false;        // a read is under way
  bool wastes_input_ = false;   // and what it gets is thrown away
  bool write_blocked_ = false;  // the socket is full, and a wait for room is under way
  bool flush_pending_ = false;
  bool input_ended_ = false;
  bool draining_ = false;
  bool lingering_ = false;
  bool closed_ = false;
  bool refusal_noted_ = false;

  // The deadline, and what the timer is armed for: at the latest that. Most deadlines only move on, and cost nothing.
  Instant deadline_ = Instant::max(), armed_for_ = Instant::max();
  Phase phase_ = Phase::none;
  Instant phase_since_{};
  Instant write_progress_{};
};

}  // namespace tidemark::http
