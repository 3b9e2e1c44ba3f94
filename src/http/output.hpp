// Output: bytes on their way to a socket, as few pieces as can be: small texts are gathered into one string, large
// bodies go out from where they are.
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::http {

class Output {
 public:
  // The end of the gathered text, to append to. Valid until the next call of another function.
  std::string& text();
  void add(std::string body);
  void add(std::shared_ptr<const std::string> body);
  // Moves all of `other` behind what is here.
  void take(Output& other);

  bool empty() const noexcept {
    return first_ == pieces_.size() || (pieces_.size() == 1 && pieces_[0].bytes().empty());
  }
  std::size_t size() const noexcept;
  // Of the bytes, how many are in memory for this output alone.
  std::size_t own_size() const noexcept;

  // Fills `pieces` with what to write next, in order; returns how many. Valid until the output is changed.
  std::size_t gather(std::span<std::string_view> pieces) const noexcept;
  // That many bytes have been written.
  void written(std::size_t count);

 private:
  struct Piece {
    std::string own;
    std::shared_ptr<const std::string> shared;
    std::size_t offset = 0;
    std::string_view bytes() const noexcept { return std::string_view{shared ? *shared : own}.substr(offset); }
  };
  void reset();

  std::vector<Piece> pieces_;
  std::size_t first_ = 0;  // those before are written
};

}  // namespace tidemark::http
