// Joining: requests of concurrent fibers become one call of the server. While a call is under way, what is asked waits,
// and goes out together with the next one; when none is, a request goes at once. A second call at the same time would
// only make both smaller, and what a call costs besides what it does is most of what the server can be spared.
#pragma once
#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "fiber/errors.hpp"
#include "fiber/sync.hpp"
#include "fiber/task_group.hpp"

namespace tidemark::store {

// All calls on one loop's thread.
template <class Request, class Given>
class Joining {
 public:
  // None: it could not be answered together with the others, of which nothing had an effect, and is to be asked alone.
  using Outcome = std::optional<Result<Given>>;

  struct Waiting {
    const Request* request;  // only while it is in the queue: its fiber may be gone later
    Outcome outcome;
    bool answered = false;
    fiber::Signal changed;

    explicit Waiting(const Request& asked) : request{&asked} {}
    void answer(Outcome with) {
      outcome = std::move(with);
      answered = true;
      changed.notify_all();
    }
  };
  using Queue = std::deque<std::shared_ptr<Waiting>>;

  // A fiber's body: takes out of the queue, which is not empty, at least one request and what goes together with it;
  // asks for them, and answers each. It must not use `request` once it has waited.
  using Send = std::function<void(Queue&)>;

  // `name` is that of its fibers.
  Joining(fiber::TaskGroup& tasks, std::string name, Send send)
      : tasks_{tasks}, name_{std::move(name)}, send_{std::move(send)} {}

  // On a fiber: what came of the request; `alone()` asks for it by itself. When the fiber's deadline passes, or it is
  // cancelled, a request that is under way goes on.
  template <class Alone>
  Result<Given> ask(const Request& request, Alone alone) {
    if (!under_way_) {
      const Turn turn{*this};
      return alone();
    }
    const auto waiting = std::make_shared<Waiting>(request);
    queue_.push_back(waiting);
    try {
      start();
      waiting->changed.wait([&] { return waiting->answered; });
    } catch (...) {
      std::erase(queue_, waiting);
      throw;
    }
    return waiting->outcome ? *std::move(waiting->outcome) : alone();
  }

 private:
  struct Turn {
    explicit Turn(Joining& of) : joining{of} { joining.under_way_ = true; }
    ~Turn() {
      joining.under_way_ = false;
      joining.start();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    Joining& joining;
  };

  void start() noexcept {
    if (queue_.empty() || under_way_) return;
    under_way_ = true;
    try {
      tasks_.spawn(name_, [this] { send_all(); });
    } catch (...) {  // there are as many fibers as there may be
      under_way_ = false;
      for (const auto& waiting : std::exchange(queue_, {})) waiting->answer(std::nullopt);
    }
  }

  void send_all() {
    while (!queue_.empty()) send_(queue_);
    under_way_ = false;
  }

  fiber::TaskGroup& tasks_;
  const std::string name_;
  const Send send_;
  Queue queue_;
  bool under_way_ = false;
};

}  // namespace tidemark::store
