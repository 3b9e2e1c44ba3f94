// Provider: the payment provider that the shop pretends to have. Like a real one it stands outside of the store,
// remembers the idempotency keys that it was called with, and charges each of them once.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

#include <tidemark/money.hpp>

namespace shop {

// Thread-safe. Virtual, so that a test can bring one that has its troubles.
class Provider {
 public:
  // With a path, what it did survives the process: one line "<charge|refund> <key> <amount>" for each first call, which
  // the operating system has before the call returns. Several processes may use one file: they know of each other's
  // calls. Throws std::runtime_error when the file can't be used.
  explicit Provider(std::string path = {});
  virtual ~Provider();
  Provider(const Provider&) = delete;
  Provider& operator=(const Provider&) = delete;

  // Takes the amount, once for each key. Returns the charge's id, the same for the same key.
  virtual std::string charge(std::string_view key, tidemark::Money amount);
  // Gives the amount back, once for each key.
  virtual void refund(std::string_view key, tidemark::Money amount);

 private:
  bool note(std::string_view what, std::string_view key, tidemark::Money amount);
  bool remember(std::uint64_t hash);
  void read_on();

  // The newest keys are remembered, this many at least; older ones are forgotten, as a real provider does after a day.
  static constexpr std::size_t KEYS_MIN = 1'000'000;

  std::mutex mutex_;
  int file_ = -1;
  off_t read_to_ = 0;
  std::unordered_set<std::uint64_t> recent_, older_;  // hashes of what and key; recent_ becomes older_ when it is full
};

}  // namespace shop
