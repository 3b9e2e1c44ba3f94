// Maintenance: calls the store's maintain() when that wants it, and at once when a timer has been set.
#pragma once
#include "base/clock.hpp"
#include "fiber/io_thread.hpp"
#include "fiber/sync.hpp"
#include "store/store.hpp"

namespace tidemark::kit {

// Lives on one loop. Timers that other processes set are seen within a second.
class Maintenance {
 public:
  Maintenance(fiber::Loop& loop, store::Store& store, Clock& clock) : loop_{loop}, store_{store}, clock_{clock} {}

  void start();      // on the loop's thread
  void stop();       // on a fiber of the loop
  void timer_set();  // any thread

 private:
  void run();

  fiber::Loop& loop_;
  store::Store& store_;
  Clock& clock_;
  fiber::Signal sooner_;
  bool again_ = false;
  fiber::FiberHandle fiber_;
};

}  // namespace tidemark::kit
