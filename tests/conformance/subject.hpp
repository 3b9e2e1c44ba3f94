// Subject: the kind of store that the conformance suite runs against. Each program that runs the suite defines
// make_subject(); everything else about a store is reached through the port.
#pragma once
#include <cstdint>
#include <memory>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/store.hpp"

namespace tidemark::conformance {

struct Conditions {
  bool space_is_low = false;  // less is free than the store's reserve
};

// One store's data, empty at first. At most one store is open on it at a time.
class Subject {
 public:
  virtual ~Subject() = default;
  // Opens what the last stop left. A store that was destroyed has stopped cleanly.
  virtual Result<std::unique_ptr<store::Store>> open(Clock& clock, const Conditions& conditions) = 0;
  // Leaves the data as if the process had been killed (kill -9) at this moment, and ends the store.
  virtual void crash(std::unique_ptr<store::Store> store) = 0;
};

std::unique_ptr<Subject> make_subject();

}  // namespace tidemark::conformance
