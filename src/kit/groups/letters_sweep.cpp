#include "kit/groups/letters_sweep.hpp"

#include <algorithm>

#include "fiber/fiber.hpp"
#include "kit/run/transaction_state.hpp"

namespace tidemark::kit {
namespace {

// Pages are as large as their letters allow, so that no step keeps others of its thread waiting for long.
constexpr std::uint32_t FIRST_PAGE = 4, PAGE_MAX = 200;
constexpr std::size_t PAGE_BYTES = 256 << 10;
constexpr std::uint32_t GROWTH = 4;
constexpr std::uint64_t REPORT_EACH = 100;
constexpr Duration REPORT_AFTER = std::chrono::seconds{1};

// How many letters the page behind this one is to have.
std::uint32_t next_count(const std::vector<DeadLetter>& page, std::uint32_t count) {
  std::size_t bytes = 1;
  for (const auto& letter : page) bytes += letter.event.bytes().size();
  const auto fitting = std::min<std::size_t>(PAGE_BYTES * page.size() / bytes, PAGE_MAX);
  return std::clamp(static_cast<std::uint32_t>(fitting), 1u, count * GROWTH);
}

}  // namespace

// Until a visit says that it is enough.
Result<void> LettersSweep::for_each(const Wish& wish, LetterId last, const Visit& visit) {
  LetterId after;
  for (auto count = FIRST_PAGE;;) {
    const auto page = letters_.list(after, count);
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
    count = next_count(*page, count);
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
    this_fiber::yield();  // the commit waits for nothing where the store need not be durable
    return tried < progress.of;
  }));
  return progress;
}

}  // namespace tidemark::kit
