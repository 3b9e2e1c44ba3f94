#include "engine/keys.hpp"

#include <algorithm>

#include "engine/document_key.hpp"
#include "engine/keyspace.hpp"
#include "engine/partition_key.hpp"

namespace tidemark::engine {
namespace {

constexpr std::size_t KEY_BYTES_MAX = 1024;
constexpr std::size_t TIME_BYTES = 8;  // in front of each value: when it expires

std::string stored_key(const model::Partition& partition, std::string_view key) {
  std::string stored{static_cast<char>(Space::keys)};
  append_partition(stored, partition);
  return stored.append(key);
}

const std::string& expiry_prefix() {
  static const std::string prefix{static_cast<char>(Space::key_expiry)};
  return prefix;
}

std::string expiry_time_key(TimePoint expires) {
  auto key = expiry_prefix();
  append_time(key, expires);
  return key;
}

// The expiry, then the key as it is stored, without its space.
std::string expiry_key(TimePoint expires, std::string_view stored_key) {
  return expiry_time_key(expires).append(stored_key.substr(1));
}

std::string about(std::string_view key) { return "key '" + std::string{key} + "'"; }

Failure unreadable(std::string_view key) {
  return fail(ErrorCode::corrupt, "its record can't be read; restore the data directory from a copy", about(key));
}

Result<TimePoint> expiry_of(std::string_view expiry_key) {
  expiry_key.remove_prefix(1);
  const auto expires = take_time(expiry_key);
  if (!expires) return unreadable("?");
  return *expires;
}

}  // namespace

Result<void> Keys::load() {
  auto first = storage_.cursor(expiry_prefix(), end_of_prefix(expiry_prefix()));
  first.seek_first();
  next_expiry_.reset();
  if (!first.valid()) return first.status();
  const auto expires = expiry_of(first.key());
  if (!expires) return expires.error();
  next_expiry_ = *expires;
  return {};
}

Result<std::optional<std::string>> Keys::find(const model::Partition& partition, std::string_view key,
                                              TimePoint now) const {
  TIDEMARK_TRY(check_partition(partition));
  std::string value;
  const auto found = storage_.get(stored_key(partition, key), value);
  if (!found) return found.error();
  if (!*found) return std::optional<std::string>{};
  std::string_view stored{value};
  const auto expires = take_time(stored);
  if (!expires) return unreadable(key);
  if (*expires <= now) return std::optional<std::string>{};
  value.erase(0, TIME_BYTES);
  return std::optional{std::move(value)};
}

Result<void> Keys::check(const model::Commit& commit, TimePoint now) {
  changes_.clear();
  if (commit.keys.empty()) return {};
  TIDEMARK_TRY(check_partition(commit.partition));
  by_key_.clear();
  for (const auto& change : commit.keys) {
    if (change.key.empty() || change.key.size() > KEY_BYTES_MAX) {
      return fail(ErrorCode::invalid, detail::concatenate("a key has 1 to ", KEY_BYTES_MAX, " bytes"),
                  about(change.key));
    }
    const auto [known, is_new] = by_key_.try_emplace(std::string_view{change.key}, changes_.size());
    if (is_new) {
      auto& added = changes_.emplace_back(Change{.key = stored_key(commit.partition, change.key)});
      TIDEMARK_TRY(read_before(added));
    }
    auto& own = changes_[known->second];
    const bool lives = own.last != nullptr ? own.last->value.has_value() && own.last->expires > now
                                           : own.expires_before && *own.expires_before > now;
    if (change.must_be_absent && lives) {
      return fail(ErrorCode::already_exists, "is taken and has not expired", about(change.key));
    }
    own.last = &change;
  }
  return {};
}

Result<void> Keys::read_before(Change& change) {
  const auto found = storage_.get(change.key, value_);
  if (!found) return found.error();
  std::string_view stored{value_};
  if (*found && !(change.expires_before = take_time(stored))) return unreadable(change.key);
  return {};
}

void Keys::apply(const model::Commit&, storage::Batch& batch) {
  for (const auto& change : changes_) {
    if (change.expires_before) batch.erase(expiry_key(*change.expires_before, change.key));
    if (!change.last->value) {
      if (change.expires_before) batch.erase(change.key);
      continue;
    }
    const auto expires = change.last->expires;
    value_.clear();
    append_time(value_, expires);
    value_.append(*change.last->value);
    batch.put(change.key, value_);
    batch.put(expiry_key(expires, change.key), {});
    next_expiry_ = next_expiry_ ? std::min(*next_expiry_, expires) : expires;
  }
  changes_.clear();
}

Result<std::size_t> Keys::expire(TimePoint now, std::size_t limit, storage::Batch& batch) {
  std::size_t expired = 0;
  if (!next_expiry_ || *next_expiry_ > now) return expired;
  // Not from the beginning of the space, where the tombstones of the expired lie.
  auto at = storage_.cursor(expiry_time_key(*next_expiry_), end_of_prefix(expiry_prefix()));
  for (at.seek_first(); at.valid(); at.next()) {
    const auto expires = expiry_of(at.key());
    if (!expires) return expires.error();
    if (*expires > now || expired == limit) {
      next_expiry_ = *expires;
      return expired;
    }
    std::string key{static_cast<char>(Space::keys)};
    batch.erase(key.append(at.key().substr(1 + TIME_BYTES)));
    batch.erase(at.key());
    ++expired;
  }
  TIDEMARK_TRY(at.status());
  next_expiry_.reset();
  return expired;
}

}  // namespace tidemark::engine
