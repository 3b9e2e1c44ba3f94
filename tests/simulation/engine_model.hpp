// EngineModel: what a sequence of changes makes of an engine, in the simplest way. Tests compare an engine that came
// back from a power loss with it.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/engine.hpp"

namespace tidemark::engine {

inline const model::Partition PARTITION{"shop", 0};
inline const std::string COLLECTION = "shop.things", ORDERS = "orders", DONE = "done", ALARMS = "alarms";
inline const std::vector<std::string> GROUPS{"stock", "mail"};  // of ORDERS
constexpr int THINGS = 12, COLORS = 3, KEYS = 8;

struct ModelState {
  struct Thing {
    std::string json, color, slot;
  };
  struct Pending {
    std::string consumer;
    std::uint32_t deliveries = 1, attempts = 0;
  };
  struct Group {
    StreamId cursor;
    std::map<StreamId, Pending> pending;
  };

  std::map<std::string, Thing> things;
  std::map<std::string, std::string> keys;
  std::map<std::string, std::map<StreamId, std::string>> topics;  // each entry's text
  std::map<std::string, Group> groups;
  std::set<std::string> timers;  // all that were ever set: each is to be published once

  // What is wrong with an engine that should be in this state; empty when nothing is.
  std::string difference(Engine& engine) const;

 private:
  std::string documents_differ(Engine& engine) const;
  std::string topics_differ(Engine& engine) const;
  std::string groups_differ(Engine& engine) const;
  std::string alarms_differ(Engine& engine) const;
};

// One commit, as the caller was told of it.
struct ModelChange {
  Lsn lsn;
  std::function<void(ModelState&)> apply;
};

// Applies those up to `last`, in the order of their LSNs.
void apply_up_to(Lsn last, std::vector<ModelChange> changes, ModelState& to);

}  // namespace tidemark::engine
