#include "simulation/disk.hpp"

#include <stdlib.h>

#include <fstream>
#include <iterator>
#include <utility>

#include "base/assert.hpp"
#include "store/embedded/embedded_store.hpp"

namespace tidemark::simulation {
namespace {

constexpr const char* STATE = "tidemark.state";
constexpr const char* TALK = "LOG";  // what RocksDB tells of itself, for people
// Longer than any test: syncs are the simulation's to make.
constexpr auto NEVER = std::chrono::hours{24 * 365};
constexpr std::size_t CACHE_BYTES = 4 << 20;  // 4 MiB

// Room for the files of many worlds: RocksDB sets some megabytes aside for each log.
constexpr std::uintmax_t ROOM_BYTES = 512 << 20;  // 512 MiB

// In memory, where there is such a file system with room.
std::filesystem::path parent_folder() {
  const std::filesystem::path memory{"/dev/shm"};
  std::error_code none;
  const auto space = std::filesystem::space(memory, none);
  return !none && space.available >= ROOM_BYTES ? memory : std::filesystem::temp_directory_path();
}

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream stream{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

void write(const std::filesystem::path& file, std::string_view bytes) {
  std::ofstream{file, std::ios::binary}.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

Disk::Folder::Folder() {
  std::string name = (parent_folder() / "tidemark-simulation-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw Error{ErrorCode::io, "can't make a temporary folder: " + name};
  path = name;
}

Disk::Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

Disk::Disk() = default;
Disk::~Disk() = default;

Result<std::shared_ptr<store::Store>> Disk::open(Clock& clock) {
  lost_.reset();
  auto opened =
      store::EmbeddedStore::open({.path = folder_->path.string(),
                                  .durability = {.mode = storage::Durability::Mode::interval, .interval = NEVER},
                                  .cache_bytes = CACHE_BYTES,
                                  .disk_reserve_bytes = 0,
                                  .clock = &clock});
  if (!opened) return opened.error();
  sync();
  return std::shared_ptr<store::Store>{std::move(*opened)};
}

std::map<std::string, std::uintmax_t> Disk::lengths() const {
  std::map<std::string, std::uintmax_t> lengths;
  for (const auto& file : std::filesystem::directory_iterator{folder_->path}) {
    const auto name = file.path().filename().string();
    std::error_code gone;
    const auto length = file.file_size(gone);
    if (!gone && !name.starts_with(TALK)) lengths[name] = length;
  }
  return lengths;
}

// Files that RocksDB does without after a compaction, in the background, are those that what is on disk stands on.
void Disk::sync() {
  for (auto now = lengths();;) {
    kept_ = std::make_unique<Folder>();
    for (const auto& [name, length] : now) {
      std::error_code gone;
      std::filesystem::create_hard_link(folder_->path / name, kept_->path / name, gone);
    }
    lengths_ = std::exchange(now, lengths());
    if (lengths_ == now) break;
  }
  state_ = bytes_of(folder_->path / STATE);
}

void Disk::cut_power(const std::function<std::uintmax_t(std::uintmax_t unsynced)>& left) {
  auto copy = std::make_unique<Folder>();
  for (const auto& [name, length] : lengths_) {
    auto bytes = name == STATE ? state_ : bytes_of(kept_->path / name);
    // What the other files were given stands on files that are not there.
    if (bytes.size() > length) bytes.resize(length + (name.ends_with(".log") ? left(bytes.size() - length) : 0));
    write(copy->path / name, bytes);
  }
  lost_ = std::exchange(folder_, std::move(copy));
}

}  // namespace tidemark::simulation
