// Declarations: tells the store what the services declare, at the start, and again every few seconds. So a server that
// was emptied, or that came back without its data, is put to use again.
#pragma once
#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "fiber/fiber.hpp"
#include "fiber/loop.hpp"
#include "kit/service_host.hpp"

namespace tidemark::kit {

// Lives on one loop. The hosts must outlive what start() began.
class Declarations {
 public:
  Declarations(fiber::Loop& loop, Clock& clock, const std::vector<std::unique_ptr<ServiceHost>>& hosts)
      : loop_{loop}, clock_{clock}, hosts_{hosts} {}

  // On a fiber. Fails with what the store refuses.
  Result<void> declare();
  void start();  // on the loop's thread, after declare()
  void stop();   // on a fiber of the loop

  static constexpr Duration AGAIN = std::chrono::seconds{5};

 private:
  void run();

  fiber::Loop& loop_;
  Clock& clock_;
  const std::vector<std::unique_ptr<ServiceHost>>& hosts_;
  fiber::FiberHandle fiber_;
};

}  // namespace tidemark::kit
