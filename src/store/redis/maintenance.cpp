// RedisStore: what time brings.
#include "store/redis/redis_store.hpp"

namespace tidemark::store {

Result<TimePoint> RedisStore::maintain() {
  return locals_.run([&](Local& at) {
    at.server.look_for_memory();
    at.settings.look(at.server);
    return shared_->upkeep.run(at, *shared_->options.clock);
  });
}

}  // namespace tidemark::store
