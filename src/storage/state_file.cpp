#include "storage/state_file.hpp"

#include <cstdint>
#include <cstring>

#include "base/hash.hpp"

namespace tidemark::storage {
namespace {

constexpr std::string_view MAGIC = "tidemrk1";
constexpr std::size_t RECORD_BYTES = 32;  // magic, tidemark, state and hash, eight bytes each
enum class State : std::uint64_t { running = 1, clean = 2 };

void append_u64(std::string& out, std::uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) out.push_back(static_cast<char>(value >> shift));
}

std::uint64_t u64_at(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  return value;
}

std::string record_of(Lsn tidemark, State state) {
  std::string record{MAGIC};
  append_u64(record, tidemark.value);
  append_u64(record, static_cast<std::uint64_t>(state));
  append_u64(record, hash64(record));
  return record;
}

}  // namespace

Result<StateFile> StateFile::open(const std::string& directory) {
  auto file = PosixFile::open_or_create(directory + "/tidemark.state");
  if (!file) return file.error();
  auto record = file->read(RECORD_BYTES);
  if (!record) return record.error();
  StateFile state{std::move(*file)};
  state.parse(*record);
  return state;
}

void StateFile::parse(std::string_view record) {
  if (record.size() != RECORD_BYTES || !record.starts_with(MAGIC)) return;
  if (u64_at(record, 24) != hash64(record.substr(0, 24))) return;
  tidemark_ = Lsn{u64_at(record, 8)};
  was_clean_ = u64_at(record, 16) == static_cast<std::uint64_t>(State::clean);
}

Result<void> StateFile::mark_running(Lsn tidemark) const {
  TIDEMARK_TRY(file_.overwrite(record_of(tidemark, State::running)));
  return file_.sync();
}

Result<void> StateFile::note_tidemark(Lsn tidemark) const {
  return file_.overwrite(record_of(tidemark, State::running));
}

Result<void> StateFile::mark_clean(Lsn tidemark) const {
  TIDEMARK_TRY(file_.overwrite(record_of(tidemark, State::clean)));
  return file_.sync();
}

}  // namespace tidemark::storage
