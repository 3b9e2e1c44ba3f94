// ProgressBar: how far work is that takes long, on the error output while that is a terminal. Programs (--json, pipes)
// see nothing of it.
//
//   ProgressBar bar{tool, "reading files", ProgressBar::Unit::bytes};
//   const auto files = storage::inspect_files(directory, bar.listener());
//   bar.clear();  // before anything else is said
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "tidemark/tool.hpp"

namespace tidemark::cli {

class ProgressBar {
 public:
  enum class Unit { bytes, items };

  ProgressBar(const Tool& tool, std::string step, Unit unit);
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  bool draws() const { return draws_; }  // else nobody looks
  // `of` may be an estimate, or 0 as long as it is unknown. Draws ten times a second at most.
  void show(std::uint64_t done, std::uint64_t of);
  std::function<void(std::uint64_t, std::uint64_t)> listener();
  void clear();  // leaves nothing on the line

 private:
  const bool draws_;
  const std::string step_;
  const Unit unit_;
  std::chrono::steady_clock::time_point next_;
  bool drawn_ = false;
};

}  // namespace tidemark::cli
