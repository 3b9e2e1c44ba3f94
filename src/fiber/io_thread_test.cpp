#include "fiber/io_thread.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "fiber/completion.hpp"
#include "fiber/sync.hpp"
#include "fiber/task_group.hpp"

namespace tidemark::fiber {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::ip::tcp;

TEST(IoThread, RunsAFiberAndThrowsWhatItThrows) {
  IoThread io{"io"};
  std::thread::id ran_on;
  io.run("work", [&] {
    ran_on = std::this_thread::get_id();
    EXPECT_EQ(Loop::current(), &io.loop());
    EXPECT_EQ(this_fiber::name(), "work");
    EXPECT_EQ(io.running_fiber(), "work");
  });
  EXPECT_NE(ran_on, std::this_thread::get_id());
  EXPECT_THROW(io.run("faulty", [] { throw std::runtime_error{"broken"}; }), std::runtime_error);
}

TEST(IoThread, SleepsInRealTimeAndKeepsDeadlines) {
  IoThread io{"io"};
  io.run("sleeper", [&] {
    const Instant start = io.loop().clock().instant();
    this_fiber::sleep_for(20ms);
    EXPECT_GE(io.loop().clock().instant() - start, 20ms);
    const DeadlineScope limit{io.loop().now() + 10ms};
    EXPECT_THROW(this_fiber::sleep_for(1h), DeadlineExceeded);
  });
}

TEST(IoThread, CallsScheduledTimersUnlessTheirHandleIsGone) {
  IoThread io{"io"};
  io.run("timers", [&] {
    const Completion<void> called;
    bool dropped_called = false;
    const TimerHandle kept = io.loop().schedule(io.loop().now() + 10ms, [called] { called.set(); });
    {
      const TimerHandle dropped = io.loop().schedule(io.loop().now() + 5ms, [&] { dropped_called = true; });
    }
    EXPECT_TRUE(kept.armed());
    called.wait();
    EXPECT_FALSE(kept.armed());
    EXPECT_FALSE(dropped_called);
  });
}

TEST(IoThread, RunsEverythingThatManyThreadsPostInEachOnesOrder) {
  constexpr int THREADS = 4;
  constexpr int POSTS = 5'000;
  IoThread io{"io"};
  std::vector<int> last(THREADS, -1);
  std::atomic<bool> in_order = true;
  std::vector<std::thread> threads;
  for (int t = 0; t < THREADS; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < POSTS; ++i) {
        io.loop().post([&, t, i] {
          if (std::exchange(last[t], i) != i - 1) in_order = false;
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  io.run("after", [&] { EXPECT_EQ(last, std::vector<int>(THREADS, POSTS - 1)); });
  EXPECT_TRUE(in_order);
}

TEST(IoThread, StopCancelsFibersAndRunsTheirCleanUp) {
  std::atomic<int> cleaned_up = 0;
  {
    IoThread io{"io"};
    io.run("spawning", [&] {
      for (int i = 0; i < 10; ++i) {
        io.loop().spawn("waiting", [&] {
          try {
            this_fiber::sleep_for(1h);
          } catch (const Cancelled&) {
            const UncancellableScope cleaning;
            this_fiber::sleep_for(1ms);
            ++cleaned_up;
          }
        });
      }
      this_fiber::yield();
    });
  }
  EXPECT_EQ(cleaned_up, 10);
}

TEST(IoThread, RefusesWorkAfterItsEnd) {
  IoThread io{"io"};
  io.stop();
  io.join();
  EXPECT_THROW(io.run("late", [] {}), Unavailable);
  io.loop().post([] { ADD_FAILURE() << "nobody is left to run this"; });
}

TEST(IoThread, ComesRoundWhileItIsIdleButNotWhileItIsStuck) {
  IoThread io{"io"};
  const auto start = std::chrono::steady_clock::now();
  while (io.last_turn() < start) std::this_thread::yield();  // at most a second

  std::promise<void> gate;
  std::promise<void> stuck;
  io.loop().post([&] {
    io.loop().spawn("stuck fiber", [&] {
      stuck.set_value();
      gate.get_future().wait();
    });
  });
  stuck.get_future().wait();
  const auto turn = io.last_turn();
  EXPECT_EQ(io.running_fiber(), "stuck fiber");
  EXPECT_EQ(io.last_turn(), turn);
  gate.set_value();
  io.run("after", [] {});
  EXPECT_GT(io.last_turn(), turn);
}

// Two threads, one connection: Asio's callbacks end the waits of fibers.
TEST(IoThread, FibersTalkOverASocket) {
  IoThread serving{"serving"};
  IoThread calling{"calling"};
  std::promise<std::uint16_t> port;
  std::thread server{[&] {
    serving.run("server", [&] {
      tcp::acceptor acceptor{serving.io(), {asio::ip::address_v4::loopback(), 0}};
      port.set_value(acceptor.local_endpoint().port());
      tcp::socket socket{serving.io()};
      const Completion<boost::system::error_code> accepted;
      acceptor.async_accept(socket, [accepted](auto error) { accepted.set(error); });
      ASSERT_FALSE(accepted.wait());
      for (;;) {
        std::array<char, 16> message{};
        const Completion<boost::system::error_code> got;
        asio::async_read(socket, asio::buffer(message), [got](auto error, std::size_t) { got.set(error); });
        if (got.wait()) return;
        const Completion<boost::system::error_code> sent;
        asio::async_write(socket, asio::buffer(message), [sent](auto error, std::size_t) { sent.set(error); });
        ASSERT_FALSE(sent.wait());
      }
    });
  }};
  calling.run("caller", [&] {
    tcp::socket socket{calling.io()};
    const Completion<boost::system::error_code> connected;
    socket.async_connect({asio::ip::address_v4::loopback(), port.get_future().get()},
                         [connected](auto error) { connected.set(error); });
    ASSERT_FALSE(connected.wait());
    for (int i = 0; i < 200; ++i) {
      std::string message = std::to_string(i);
      message.resize(16, '.');
      std::string answer(16, ' ');
      const Completion<boost::system::error_code> sent, got;
      asio::async_write(socket, asio::buffer(message), [sent](auto error, std::size_t) { sent.set(error); });
      asio::async_read(socket, asio::buffer(answer), [got](auto error, std::size_t) { got.set(error); });
      ASSERT_FALSE(sent.wait());
      ASSERT_FALSE(got.wait());
      ASSERT_EQ(answer, message);
    }
  });
  server.join();
}

}  // namespace
}  // namespace tidemark::fiber
