#include "store/redis/local.hpp"

#include "store/redis/arrivals.hpp"
#include "store/redis/outboxes.hpp"

namespace tidemark::store {

Local::Local(fiber::IoThread& thread, Shared& shared)
    : server{thread, shared},
      arrivals{std::make_unique<Arrivals>(server)},
      outboxes{std::make_unique<Outboxes>(server)} {}

Local::~Local() {
  arrivals.reset();
  outboxes.reset();
  server.client().close();
}

}  // namespace tidemark::store
