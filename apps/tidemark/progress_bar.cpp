#include "tidemark/progress_bar.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace tidemark::cli {
namespace {

constexpr std::size_t CELLS = 30;
constexpr std::chrono::milliseconds BETWEEN{100};  // also before the first: what is done by then needs no bar

std::string counted(std::uint64_t count, ProgressBar::Unit unit) {
  return unit == ProgressBar::Unit::bytes ? readable_bytes(count) : std::to_string(count);
}

}  // namespace

ProgressBar::ProgressBar(const Tool& tool, std::string step, Unit unit)
    : draws_{::isatty(STDERR_FILENO) == 1 && !tool.json()},
      step_{std::move(step)},
      unit_{unit},
      next_{std::chrono::steady_clock::now() + BETWEEN} {}

void ProgressBar::clear() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
  drawn_ = false;
}

void ProgressBar::show(std::uint64_t done, std::uint64_t of) {
  if (!draws_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + BETWEEN;
  drawn_ = true;
  done = std::min(done, of);
  const double part = of == 0 ? 0 : static_cast<double>(done) / static_cast<double>(of);
  const auto filled = static_cast<std::size_t>(part * CELLS);
  const std::string cells = std::string(filled, '#') + std::string(CELLS - filled, '.');
  const std::string amount = of == 0 ? "" : counted(done, unit_) + " of " + counted(of, unit_);
  std::fprintf(stderr, "\r%s [%s] %.0f %% %s\x1b[K", step_.c_str(), cells.c_str(), part * 100, amount.c_str());
}

std::function<void(std::uint64_t, std::uint64_t)> ProgressBar::listener() {
  return [this](std::uint64_t done, std::uint64_t of) { show(done, of); };
}

}  // namespace tidemark::cli
