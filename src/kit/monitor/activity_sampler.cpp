#include "kit/monitor/activity_sampler.hpp"

#include <algorithm>

#include "kit/monitor/process_usage.hpp"

namespace tidemark::kit {
namespace {

constexpr Duration EVERY = std::chrono::seconds{1};
// A store that is asked over a network is asked for its topics less often, so that the answers take a small part of the
// time.
constexpr int PART_OF_TIME = 50;

}  // namespace

void ActivitySampler::start() {
  samples_ = loop_.spawn("activity", [this] { run(); });
  topics_ = loop_.spawn("activity of topics", [this] { run_topics(); });
}

void ActivitySampler::stop() {
  for (auto* fiber : {&samples_, &topics_}) {
    if (!*fiber) continue;
    fiber->cancel();
    fiber->join();
  }
}

void ActivitySampler::run() {
  auto next = clock_.instant();
  auto history_next = next + MeasureHistory::EVERY;
  for (;;) {
    activity_.sample();
    activity_.note(PROCESSOR_SECONDS, {}, processor_seconds());
    if (clock_.instant() >= history_next) {
      history_.sample(clock_.now());
      history_next += MeasureHistory::EVERY;
    }
    next = std::max(next + EVERY, clock_.instant());
    this_fiber::sleep_for(next - clock_.instant());
  }
}

void ActivitySampler::run_topics() {
  for (;;) {
    const auto began = clock_.instant();
    note_topics();
    this_fiber::sleep_for(std::max<Duration>(EVERY, (clock_.instant() - began) * PART_OF_TIME));
  }
}

// What the store refuses is seen elsewhere; there is no rate meanwhile.
void ActivitySampler::note_topics() {
  const auto topics = store_.topics();
  if (!topics) return;
  for (const auto& topic : *topics) {
    activity_.note(TOPIC_ENTRIES, {{"topic", topic.name}}, static_cast<double>(topic.entries_added));
    if (topic.groups > 0) note_groups(topic.name);
  }
}

void ActivitySampler::note_groups(const std::string& topic) {
  const auto groups = store_.groups(topic);
  if (!groups) return;
  for (const auto& group : *groups)
    activity_.note(GROUP_LAG, {{"topic", topic}, {"group", group.name}}, static_cast<double>(group.lag));
}

}  // namespace tidemark::kit
