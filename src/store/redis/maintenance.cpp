// RedisStore: what time brings.
#include "store/redis/redis_store.hpp"

namespace tidemark::store {

Result<TimePoint> RedisStore::maintain() {
  return locals_.run([&](Local& at) { return shared_->upkeep.run(at, *shared_->options.clock); });
}

}  // namespace tidemark::store
