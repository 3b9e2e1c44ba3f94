#include "http/output.hpp"

#include "base/assert.hpp"

namespace tidemark::http {
namespace {

constexpr std::size_t COPIED_BYTES_MAX = 16 * 1024;  // below, copying is cheaper than one more piece
constexpr std::size_t KEPT_CAPACITY_MAX = 64 * 1024;

}  // namespace

std::string& Output::text() {
  const bool has_room =
      first_ < pieces_.size() && !pieces_.back().shared && pieces_.back().own.size() <= COPIED_BYTES_MAX;
  if (!has_room) pieces_.emplace_back();
  return pieces_.back().own;
}

void Output::add(std::string body) {
  if (body.size() <= COPIED_BYTES_MAX) {
    text() += body;
  } else {
    pieces_.push_back({std::move(body), nullptr, 0});
  }
}

void Output::add(std::shared_ptr<const std::string> body) {
  if (body->size() <= COPIED_BYTES_MAX) {
    text() += *body;
  } else {
    pieces_.push_back({{}, std::move(body), 0});
  }
}

void Output::take(Output& other) {
  for (std::size_t i = other.first_; i < other.pieces_.size(); ++i) {
    Piece& piece = other.pieces_[i];
    if (piece.bytes().size() <= COPIED_BYTES_MAX) {
      text() += piece.bytes();
    } else {
      pieces_.push_back(std::move(piece));
    }
  }
  other.reset();
}

std::size_t Output::size() const noexcept {
  std::size_t total = 0;
  for (std::size_t i = first_; i < pieces_.size(); ++i) total += pieces_[i].bytes().size();
  return total;
}

std::size_t Output::own_size() const noexcept {
  std::size_t total = 0;
  for (std::size_t i = first_; i < pieces_.size(); ++i) total += pieces_[i].own.size();
  return total;
}

std::size_t Output::gather(std::span<std::string_view> pieces) const noexcept {
  std::size_t count = 0;
  for (std::size_t i = first_; i < pieces_.size() && count < pieces.size(); ++i) {
    if (const auto bytes = pieces_[i].bytes(); !bytes.empty()) pieces[count++] = bytes;
  }
  return count;
}

void Output::written(std::size_t count) {
  while (first_ < pieces_.size()) {
    Piece& piece = pieces_[first_];
    const std::size_t here = piece.bytes().size();
    if (count < here) {
      piece.offset += count;
      return;
    }
    count -= here;
    ++first_;
    if (first_ < pieces_.size()) piece = {};  // a large body need not wait for the others
  }
  TIDEMARK_ASSERT(count == 0, "written() of ", count, " bytes that were not there");
  reset();
}

// Keeps one string with its capacity for the next answers.
void Output::reset() {
  first_ = 0;
  if (pieces_.empty()) return;
  std::string kept = std::move(pieces_.back().own);
  pieces_.clear();
  if (kept.capacity() > KEPT_CAPACITY_MAX) return;
  kept.clear();
  pieces_.push_back({std::move(kept), nullptr, 0});
}

}  // namespace tidemark::http
