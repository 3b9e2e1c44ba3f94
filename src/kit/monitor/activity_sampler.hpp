// ActivitySampler: takes the samples that Activity and MeasureHistory live from, each second, as long as the process
// serves.
#pragma once
#include "base/clock.hpp"
#include "fiber/fiber.hpp"
#include "fiber/loop.hpp"
#include "kit/monitor/activity.hpp"
#include "kit/monitor/measure_history.hpp"
#include "store/store.hpp"

namespace tidemark::kit {

// Lives on one loop.
class ActivitySampler {
 public:
  // What it tells Activity of beside the metrics.
  static constexpr std::string_view TOPIC_ENTRIES = "topic_entries_added";    // a count, by `topic`
  static constexpr std::string_view GROUP_LAG = "group_lag";                  // by `topic` and `group`
  static constexpr std::string_view PROCESSOR_SECONDS = "processor_seconds";  // a count, of this process

  ActivitySampler(fiber::Loop& loop, store::Store& store, Clock& clock, Activity& activity, MeasureHistory& history)
      : loop_{loop}, store_{store}, clock_{clock}, activity_{activity}, history_{history} {}

  void start();  // on the loop's thread
  void stop();   // on a fiber of the loop

 private:
  void run();
  void run_topics();
  void note_topics();
  void note_groups(const std::string& topic);

  fiber::Loop& loop_;
  store::Store& store_;
  Clock& clock_;
  Activity& activity_;
  MeasureHistory& history_;
  fiber::FiberHandle samples_, topics_;
};

}  // namespace tidemark::kit
