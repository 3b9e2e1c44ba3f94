// Plan: what checking a commit has found out, for applying it. Its memory is reused from one commit to the next.
#pragma once
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/engine.hpp"
#include "engine/topics.hpp"

namespace tidemark::engine {

struct Engine::Plan {
  // A topic that the commit makes by publishing to it, and the last id that it gives out.
  struct NewTopic {
    std::string_view name;
    StreamId last;
  };
  struct Settled {
    Topic* topic;
    Group* group;
  };

  void start() {
    ++number;
    settled.clear();
    erasures.clear();
    published.clear();
    ids.clear();
    new_topics.clear();
  }

  std::uint64_t number = 0;                          // of the commit
  std::vector<Settled> settled;                      // for each settlement
  std::vector<std::pair<Topic*, Erasure>> erasures;  // for each topic
  std::vector<Topic*> published;                     // for each publication; null where the commit makes the topic
  std::vector<StreamId> ids;                         // of each publication
  std::vector<NewTopic> new_topics;
};

}  // namespace tidemark::engine
