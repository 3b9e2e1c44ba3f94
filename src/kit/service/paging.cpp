#include <charconv>

#include "tidemark/http.hpp"
#include "tidemark/transaction.hpp"

namespace tidemark::detail {

void DocumentQuery::page_of(const Request& request) {
  constexpr std::uint32_t LIMIT_MAX = 1000;
  if (const auto text = request.query("limit")) {
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
    if (error != std::errc{} || end != text->data() + text->size() || limit < 1 || limit > LIMIT_MAX)
      throw Invalid{"limit: expected a number from 1 to 1000, got \"" + *text + "\""};
  }
  if (auto cursor = request.query("after")) after = std::move(*cursor);
}

}  // namespace tidemark::detail
