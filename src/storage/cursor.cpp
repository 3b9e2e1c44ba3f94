#include "storage/cursor.hpp"

#include "storage/rocksdb_status.hpp"

namespace tidemark::storage {

Cursor::Cursor(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Cursor::Cursor(Cursor&&) noexcept = default;
Cursor& Cursor::operator=(Cursor&&) noexcept = default;
Cursor::~Cursor() = default;

void Cursor::seek_first() { impl_->iterator->SeekToFirst(); }
void Cursor::seek_last() { impl_->iterator->SeekToLast(); }
void Cursor::seek(std::string_view key) { impl_->iterator->Seek({key.data(), key.size()}); }
void Cursor::seek_back(std::string_view key) { impl_->iterator->SeekForPrev({key.data(), key.size()}); }
void Cursor::next() { impl_->iterator->Next(); }
void Cursor::previous() { impl_->iterator->Prev(); }
bool Cursor::valid() const { return impl_->iterator->Valid(); }
std::string_view Cursor::key() const { return impl_->iterator->key().ToStringView(); }
std::string_view Cursor::value() const { return impl_->iterator->value().ToStringView(); }

Result<void> Cursor::status() const {
  const rocksdb::Status status = impl_->iterator->status();
  if (status.ok()) return {};
  return impl_->damage->failure_of_read(status, "reading keys", impl_->path);
}

}  // namespace tidemark::storage
