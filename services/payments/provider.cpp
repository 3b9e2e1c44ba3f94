#include "payments/provider.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
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
  throw std::runtime_error{"the provider can't use the file " + path + ": " + std::strerror(errno)};
}

}  // namespace

Provider::Provider(std::string path) {
  if (path.empty()) return;
  std::ifstream before{path};
  for (std::string line; std::getline(before, line);) remember(hash_of(line.substr(0, line.rfind(' '))));
  file_ = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file_ < 0) refuse(path);
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

bool Provider::note(std::string_view what, std::string_view key, tidemark::Money amount) {
  const std::string entry = line_key(what, key);
  const std::scoped_lock lock{mutex_};
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
