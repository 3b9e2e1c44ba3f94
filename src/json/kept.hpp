// Kept<T>: a T that the thread keeps for its next user, so that its memory is allocated once. Whoever comes while it
// is in use gets one of its own. Not to be held while a fiber waits.
#pragma once
#include <cstddef>
#include <memory>
#include <utility>

namespace tidemark::json {

inline constexpr std::size_t KEPT_BYTES_MAX = 1 << 20;

template <class T>
class Kept {
 public:
  Kept() : mine_{slot() ? std::move(slot()) : std::make_unique<T>()} {}
  ~Kept() {
    if (mine_) slot() = std::move(mine_);
  }
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;

  T& operator*() const { return *mine_; }
  T* operator->() const { return mine_.get(); }
  // Gives its memory back: for one that has grown past KEPT_BYTES_MAX.
  void drop() { mine_.reset(); }

 private:
  static std::unique_ptr<T>& slot() {
    thread_local std::unique_ptr<T> kept;
    return kept;
  }
  std::unique_ptr<T> mine_;
};

}  // namespace tidemark::json
