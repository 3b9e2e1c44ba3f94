// Declarations: tells the store what the services declare, at the start, and again when it has lost that. So a server
// that was emptied, or that came back without its data, is put to use again.
#pragma once
#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "fiber/fiber.hpp"
#include "fiber/loop.hpp"
#include "kit/host/service_host.hpp"
#include "store/store.hpp"

namespace tidemark::kit {

// Lives on one loop. The hosts must outlive what start() began.
class Declarations {
 public:
  Declarations(fiber::Loop& loop, store::Store& store, Clock& clock,
               const std::vector<std::unique_ptr<ServiceHost>>& hosts)
      : loop_{loop}, store_{store}, clock_{clock}, hosts_{hosts} {}

  // On a fiber. All that can be declared is, also when something else fails: with what the store refused first.
  Result<void> declare();
  void start();  // on the loop's thread, after declare()
  void stop();   // on a fiber of the loop

  // How often it is asked.
  static constexpr Duration LOOK = std::chrono::seconds{5};

 private:
  void run();
  Result<void> look();

  fiber::Loop& loop_;
  store::Store& store_;
  Clock& clock_;
  const std::vector<std::unique_ptr<ServiceHost>>& hosts_;
  fiber::FiberHandle fiber_;
};

}  // namespace tidemark::kit
