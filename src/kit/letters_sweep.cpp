#include "kit/letters_sweep.hpp"

#include <algorithm>

#include "fiber/fiber.hpp"
#include "kit/transaction_state.hpp"

namespace tidemark::kit {
namespace {

constexpr std::uint32_t PAGE = 200;
constexpr std::uint64_t REPORT_EACH = 100;
constexpr Duration REPORT_AFTER = std::chrono::seconds{1};

}  // namespace

// Until a visit says that it is enough.
Result<void> LettersSweep::for_each(const Wish& wish, LetterId last, const Visit& visit) {
  LetterId after;
  for (;;) {
    const auto page = letters_.list(after, PAGE);
    if (!page) return page.error();
    if (page->empty()) return {};
    for (const auto& letter : *page) {
      if (letter.id > last) return {};
      if (wish.wanted && !wish.wanted(letter)) continue;
      const auto more = visit(letter);
      if (!more) return more.error();
      if (!*more) return {};
    }
    after = page->back().id;
    this_fiber::yield();  // a long look for those of one error is not to keep others of this thread waiting
  }
}

Result<std::uint64_t> LettersSweep::count(const Wish& wish, LetterId last) {
  const auto limit = wish.limit.value_or(UINT64_MAX);
  if (!wish.wanted) {
    const auto all = letters_.count();
    if (!all) return all;
    return std::min(*all, limit);
  }
  std::uint64_t count = 0;
  TIDEMARK_TRY(for_each(wish, last, [&](const DeadLetter&) -> Result<bool> { return ++count < limit; }));
  return count;
}

// Reports meanwhile, so that nothing more is done for a client that has gone.
void LettersSweep::wait_until(Instant due, const SweepProgress& progress, const Report& report) {
  for (auto now = clock_.instant(); now < due; now = clock_.instant()) {
    this_fiber::sleep_until(std::min(due, now + REPORT_AFTER));
    report(progress);
  }
}

Result<SweepProgress> LettersSweep::run(const Wish& wish, const Act& act, const Report& report) {
  const auto last = letters_.last();
  if (!last) return last.error();
  const auto of = count(wish, *last);
  if (!of) return of.error();
  SweepProgress progress{.done = 0, .of = *of, .failed = 0, .last_error = {}};
  report(progress);
  if (*of == 0) return progress;
  const auto began = clock_.instant();
  auto reported_at = began;
  std::uint64_t tried = 0, reported = 0;
  TIDEMARK_TRY(for_each(wish, *last, [&](const DeadLetter& letter) -> Result<bool> {
    if (wish.per_s) {
      const std::chrono::duration<double> from_begin{static_cast<double>(tried) / *wish.per_s};
      wait_until(began + std::chrono::ceil<Duration>(from_begin), progress, report);
    }
    ++tried;
    const auto acted = act(letters_, letter.id);
    if (acted) {
      ++progress.done;
    } else if (is_outage(acted.error().code)) {
      return acted.error();
    } else if (acted.error().code != ErrorCode::not_found) {
      ++progress.failed;
      progress.last_error = acted.error().text();
    }
    if (tried - reported >= REPORT_EACH || clock_.instant() - reported_at >= REPORT_AFTER) {
      report(progress);
      reported = tried;
      reported_at = clock_.instant();
    }
    return tried < progress.of;
  }));
  return progress;
}

}  // namespace tidemark::kit
