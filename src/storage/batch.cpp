#include "storage/batch.hpp"

namespace tidemark::storage {
namespace {

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

// A batch in memory refuses a write only when it would pass 4 GB.
void check(const rocksdb::Status& status) { TIDEMARK_ASSERT(status.ok(), "a batch refused: ", status.ToString()); }

}  // namespace

Batch::Batch() : impl_{std::make_unique<Impl>()} {}
Batch::~Batch() = default;
Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;

void Batch::put(std::string_view key, std::string_view value) { check(impl_->writes.Put(slice(key), slice(value))); }

void Batch::erase(std::string_view key) { check(impl_->writes.Delete(slice(key))); }

void Batch::erase_range(std::string_view first, std::string_view end) {
  if (first >= end) return;
  check(impl_->writes.DeleteRange(slice(first), slice(end)));
}

bool Batch::empty() const { return impl_->writes.Count() == 0; }

std::size_t Batch::bytes() const { return impl_->writes.GetDataSize(); }

void Batch::clear() { impl_->writes.Clear(); }

}  // namespace tidemark::storage
