// EntryWaiters: who in this process waits for entries of which topics, whatever thread it is on. Whoever learns of an
// entry, by having added it or by a blocking read, wakes them; they look for themselves what there is.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/stream_id.hpp"

namespace tidemark::store {

class EntryWaiters {
 private:
  struct Waiter {
    StreamId above;
    std::function<void()> wake;  // empty when it was called
  };

 public:
  // One wait for one topic; it ends with this.
  class Registration {
   public:
    Registration() = default;
    Registration(EntryWaiters& waiters, std::string topic, std::shared_ptr<Waiter> waiter)
        : waiters_{&waiters}, topic_{std::move(topic)}, waiter_{std::move(waiter)} {}
    Registration(Registration&&) noexcept = default;
    Registration& operator=(Registration&& other) noexcept {
      std::swap(waiters_, other.waiters_);
      std::swap(topic_, other.topic_);
      std::swap(waiter_, other.waiter_);
      return *this;
    }
    ~Registration() { end(); }
    // False: something changed before, so look again instead of waiting.
    bool armed() const noexcept { return waiter_ != nullptr; }

   private:
    void end();

    EntryWaiters* waiters_ = nullptr;
    std::string topic_;
    std::shared_ptr<Waiter> waiter_;
  };

  // All calls on any thread.

  // How often changed() was called for the topic.
  std::uint64_t changes(std::string_view topic) const;
  // Waits for the next change of the topic after the `seen` ones: then `wake` is called, once, on the thread that
  // brings the news; it must not wait. It may still be running when the registration has ended.
  Registration add(std::string_view topic, std::uint64_t seen, StreamId above, std::function<void()> wake);
  // There is something new: an entry, or the group that somebody waits with is gone.
  void changed(std::string_view topic);
  // The lowest id above which somebody waits; none when nobody does.
  std::optional<StreamId> lowest(std::string_view topic) const;
  // Those for which changed() was called.
  std::vector<std::string> changed_topics() const;

 private:
  struct Topic {
    std::uint64_t changes = 0;
    std::vector<std::shared_ptr<Waiter>> waiters;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };

  void remove(const std::string& topic, const std::shared_ptr<Waiter>& waiter);

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Topic, Hash, std::equal_to<>> topics_;  // every one that was ever asked about
};

}  // namespace tidemark::store
