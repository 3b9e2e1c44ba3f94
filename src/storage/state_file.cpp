#include "storage/state_file.hpp"

#include <cstdint>
#include <cstring>

#include "base/hash.hpp"
#include "storage/rocksdb_status.hpp"

namespace tidemark::storage {
namespace {

// Records of the first version lack the MANIFEST: 32 bytes.
constexpr std::string_view MAGIC = "tidemrk2", MAGIC_1 = "tidemrk1";
constexpr std::size_t RECORD_BYTES = 48;  // magic, tidemark, state, MANIFEST's number and bytes, hash: eight bytes each
enum class State : std::uint64_t { running = 1, clean = 2 };

std::string path_in(const std::string& directory) { return directory + "/tidemark.state"; }

void append_u64(std::string& out, std::uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) out.push_back(static_cast<char>(value >> shift));
}

std::uint64_t u64_at(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  return value;
}

std::string record_of(Lsn tidemark, State state, ManifestMark manifest) {
  std::string record{MAGIC};
  append_u64(record, tidemark.value);
  append_u64(record, static_cast<std::uint64_t>(state));
  append_u64(record, manifest.number);
  append_u64(record, manifest.bytes);
  append_u64(record, hash64(record));
  return record;
}

// The record without its hash; empty when that is wrong.
std::string_view checked(std::string_view record) {
  const bool first = record.starts_with(MAGIC_1);
  const std::size_t size = first ? 24 : RECORD_BYTES - 8;
  if (record.size() < size + 8 || (!first && !record.starts_with(MAGIC))) return {};
  const auto content = record.substr(0, size);
  return u64_at(record, size) == hash64(content) ? content : std::string_view{};
}

}  // namespace

Result<StateFile> StateFile::open(const std::string& directory, rocksdb::Env& env) {
  StateFile state{path_in(directory)};
  if (env.FileExists(state.path_).IsNotFound()) {
    std::unique_ptr<rocksdb::WritableFile> made;
    if (const auto status = env.NewWritableFile(state.path_, &made, {}); !status.ok())
      return failure_of(status, "making it", state.path_);
  }
  if (const auto status = env.NewRandomRWFile(state.path_, &state.file_, {}); !status.ok())
    return failure_of(status, "opening it", state.path_);
  std::string buffer(RECORD_BYTES, '\0');
  rocksdb::Slice record;
  if (const auto status = state.file_->Read(0, RECORD_BYTES, &record, buffer.data()); !status.ok())
    return failure_of(status, "reading it", state.path_);
  state.parse(record.ToStringView());
  return state;
}

Result<StateFile> StateFile::read(const std::string& directory, rocksdb::Env& env) {
  StateFile state{path_in(directory)};
  if (env.FileExists(state.path_).IsNotFound()) return state;
  std::string bytes;
  if (const auto status = rocksdb::ReadFileToString(&env, state.path_, &bytes); !status.ok())
    return failure_of(status, "reading it", state.path_);
  state.parse(std::string_view{bytes}.substr(0, RECORD_BYTES));
  return state;
}

Result<void> StateFile::overwrite(const std::string& record) const {
  const auto status = file_->Write(0, record);
  return status.ok() ? Result<void>{} : failure_of(status, "writing it", path_);
}

Result<void> StateFile::sync() const {
  const auto status = file_->Sync();
  return status.ok() ? Result<void>{} : failure_of(status, "syncing it", path_);
}

void StateFile::parse(std::string_view record) {
  if (record.empty()) return;
  const auto content = checked(record);
  found_ = content.empty() ? Found::damaged : Found::whole;
  if (content.empty()) return;
  tidemark_ = Lsn{u64_at(content, 8)};
  was_clean_ = u64_at(content, 16) == static_cast<std::uint64_t>(State::clean);
  if (content.size() > 24) manifest_ = {u64_at(content, 24), u64_at(content, 32)};
}

Result<void> StateFile::mark_running(Lsn tidemark, ManifestMark manifest) const {
  TIDEMARK_TRY(overwrite(record_of(tidemark, State::running, manifest)));
  return sync();
}

Result<void> StateFile::note_tidemark(Lsn tidemark, ManifestMark manifest) const {
  return overwrite(record_of(tidemark, State::running, manifest));
}

Result<void> StateFile::mark_clean(Lsn tidemark, ManifestMark manifest) const {
  TIDEMARK_TRY(overwrite(record_of(tidemark, State::clean, manifest)));
  return sync();
}

}  // namespace tidemark::storage
