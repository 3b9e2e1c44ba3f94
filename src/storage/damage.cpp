#include "storage/damage.hpp"

#include "storage/rocksdb_status.hpp"

namespace tidemark::storage {

Failure Damage::failure_of_read(const rocksdb::Status& status, std::string_view doing, const std::string& path) {
  if (found_ && status.IsCorruption()) return fail(ErrorCode::corrupt, what());
  auto failure = failure_of(status, doing, path);
  if (failure.code == ErrorCode::corrupt) note(failure.text());
  return failure;
}

}  // namespace tidemark::storage
