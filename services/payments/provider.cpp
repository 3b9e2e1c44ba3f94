#include "payments/provider.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace shop {
namespace {

// FNV-1a: the same in every process, because charge ids must be.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

std::string line_key(std::string_view what, std::string_view key) { return std::string{what} + ' ' + std::string{key}; }

[[noreturn]] void refuse(const std::string& path) {
  throw std::runtime_error{"the provider can't use the file " + path +
                           ", which SHOP_CHARGES names: " + std::strerror(errno)};
}

// Keeps other processes from writing to the file.
class FileLock {
 public:
  explicit FileLock(int file) : file_{file} {
    while (file_ >= 0 && ::flock(file_, LOCK_EX) != 0)
      if (errno != EINTR)
        throw std::runtime_error{std::string{"the provider can't lock its file: "} + std::strerror(errno)};
  }
  ~FileLock() {
    if (file_ >= 0) ::flock(file_, LOCK_UN);
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int file_;
};

}  // namespace

Provider::Provider(std::string path) {
  if (path.empty()) return;
  file_ = ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file_ < 0) refuse(path);
  read_on();
}

Provider::~Provider() {
  if (file_ >= 0) ::close(file_);
}

// False when it was known.
bool Provider::remember(std::uint64_t hash) {
  if (older_.contains(hash) || !recent_.insert(hash).second) return false;
  if (recent_.size() >= KEYS_MIN) {
    older_ = std::move(recent_);
    recent_.clear();
  }
  return true;
}

// Remembers what other processes, too, have written since the last look.
void Provider::read_on() {
  char bytes[64 * 1024];
  for (;;) {
    const auto count = ::pread(file_, bytes, sizeof bytes, read_to_);
    if (count < 0) throw std::runtime_error{std::string{"the provider can't read its file: "} + std::strerror(errno)};
    std::string_view rest{bytes, static_cast<std::size_t>(count)};
    const auto begin = read_to_;
    for (auto end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
      const auto line = rest.substr(0, end);
      remember(hash_of(line.substr(0, line.rfind(' '))));
      rest.remove_prefix(end + 1);
      read_to_ += static_cast<off_t>(end + 1);
    }
    if (read_to_ == begin) return;
  }
}

bool Provider::note(std::string_view what, std::string_view key, tidemark::Money amount) {
  const std::string entry = line_key(what, key);
  const std::scoped_lock lock{mutex_};
  const FileLock others{file_};
  if (file_ >= 0) read_on();
  if (!remember(hash_of(entry))) return false;
  const std::string line = entry + ' ' + amount.to_string() + '\n';
  if (file_ >= 0 && ::write(file_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    throw std::runtime_error{std::string{"the provider can't write: "} + std::strerror(errno)};
  return true;
}

std::string Provider::charge(std::string_view key, tidemark::Money amount) {
  note("charge", key, amount);
  char id[3 + 16 + 1];  // "ch_", 64 bits in hexadecimal, the end
  std::snprintf(id, sizeof id, "ch_%016llx", static_cast<unsigned long long>(hash_of(key)));
  return id;
}

void Provider::refund(std::string_view key, tidemark::Money amount) { note("refund", key, amount); }

}  // namespace shop
