#include "redis/pipeline.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace tidemark::redis {

void Pipeline::add(const Command& command, Instant deadline, OnOutcome on_outcome) {
  const std::size_t before = unsent_.size();
  command.write(unsent_);
  requests_.push_back({std::move(on_outcome), deadline, unsent_.size() - before});
}

void Pipeline::send_all(std::string& bytes) {
  sent_ = requests_.size();
  bytes.clear();
  bytes.swap(unsent_);
}

Pipeline::OnOutcome Pipeline::take_answered() {
  TIDEMARK_ASSERT(awaits_answer(), "an answer was taken that no request waits for");
  OnOutcome on_outcome = std::move(requests_.front().on_outcome);
  requests_.pop_front();
  --sent_;
  if (!on_outcome) --late_;
  return on_outcome;
}

std::vector<Pipeline::Ended> Pipeline::time_out(Instant now) {
  std::vector<Ended> ended;
  for (std::size_t i = 0; i < sent_; ++i) {
    Request& request = requests_[i];
    if (!request.on_outcome || request.deadline > now) continue;
    ended.push_back({std::exchange(request.on_outcome, nullptr), true});
    ++late_;
  }
  forget_unsent(now, ended);
  return ended;
}

void Pipeline::forget_unsent(Instant now, std::vector<Ended>& ended) {
  const auto first = requests_.begin() + static_cast<std::ptrdiff_t>(sent_);
  const auto is_late = [now](const Request& request) { return request.deadline <= now; };
  if (std::none_of(first, requests_.end(), is_late)) return;
  std::string kept;
  std::size_t at = 0;
  for (auto request = first; request != requests_.end(); at += request->bytes, ++request) {
    if (is_late(*request)) {
      ended.push_back({std::move(request->on_outcome), false});
    } else {
      kept.append(unsent_, at, request->bytes);
    }
  }
  requests_.erase(std::remove_if(first, requests_.end(), is_late), requests_.end());
  unsent_ = std::move(kept);
}

Instant Pipeline::next_deadline() const {
  Instant next = Instant::max();
  for (const Request& request : requests_) {
    if (request.on_outcome) next = std::min(next, request.deadline);
  }
  return next;
}

std::vector<Pipeline::Ended> Pipeline::end_all() {
  std::vector<Ended> ended;
  ended.reserve(size());
  for (std::size_t i = 0; i < requests_.size(); ++i) {
    if (requests_[i].on_outcome) ended.push_back({std::move(requests_[i].on_outcome), i < sent_});
  }
  requests_.clear();
  unsent_.clear();
  sent_ = late_ = 0;
  return ended;
}

}  // namespace tidemark::redis
