// SpinningMutex: a mutex for sections of a few microseconds. Who finds it taken looks again for a while, because to
// sleep and to be woken costs more than such a section; then it sleeps like on any mutex, since its owner may not be
// running.
#pragma once
#include <mutex>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tidemark {

class SpinningMutex {
 public:
  void lock() {
    for (int look = 0; look < LOOKS; ++look) {
      if (mutex_.try_lock()) return;
      for (int i = 0; i < PAUSES; ++i) pause();
    }
    mutex_.lock();
  }
  bool try_lock() { return mutex_.try_lock(); }
  void unlock() { mutex_.unlock(); }

 private:
  // 8 pauses of some 40 ns between two looks: about 60 us in all, several times what such a section takes.
  static constexpr int LOOKS = 200, PAUSES = 8;

  static void pause() {
#if defined(__x86_64__)
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("isb");
#endif
  }

  std::mutex mutex_;
};

}  // namespace tidemark
