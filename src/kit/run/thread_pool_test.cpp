#include "tidemark/thread_pool.hpp"

#include <gtest/gtest.h>

#include <semaphore>
#include <stdexcept>
#include <thread>

#include "kit/testing/test_service.hpp"

namespace tidemark::kit {
namespace {

TEST(ThreadPools, LetOthersRunWhileACallBlocks) {
  ThreadPool pool{"slow"};
  std::binary_semaphore begun{0}, may_end{0};
  Service service{"notes"};
  service.get("/slow", [&](Transaction&, const Request&) {
    const int answer = pool.run([&] {
      begun.release();
      may_end.acquire();
      return 42;
    });
    return Response::text(std::to_string(answer));
  });
  service.get("/fast", [](Transaction&, const Request&) { return Response::text("here"); });
  TroubledApplication app{{&service}};
  std::string slow;
  std::thread client{[&] { slow = app.request("GET", "/slow").body; }};
  begun.acquire();
  EXPECT_EQ(app.request("GET", "/fast").body, "here");
  may_end.release();
  client.join();
  EXPECT_EQ(slow, "42");
}

TEST(ThreadPools, ThrowWhatTheCallThrows) {
  ThreadPool pool{"failing", 1};
  Service service{"notes"};
  service.get("/", [&](Transaction&, const Request&) -> Response {
    pool.run([] { throw Conflict{"no"}; });
    return Response::text("never");
  });
  TroubledApplication app{{&service}};
  EXPECT_EQ(app.request("GET", "/").status, 409);
}

}  // namespace
}  // namespace tidemark::kit
