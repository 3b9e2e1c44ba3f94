#include "json/extract.hpp"

#include <bit>
#include <charconv>

#include "base/assert.hpp"
#include "json/cursor.hpp"
#include "json/parser.hpp"

namespace tidemark::json {
namespace {

constexpr std::size_t PATHS_MAX = 64;

using PathMask = std::uint64_t;  // a bit for each path

std::optional<Scalar> parse_number(std::string_view word) {
  const char* const end = word.data() + word.size();
  const auto whole = [&](auto number) -> std::optional<Scalar> {
    const auto [stop, error] = std::from_chars(word.data(), end, number);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return number;
  };
  if (const char first = word.front(); first != '-' && (first < '0' || first > '9')) return std::nullopt;
  if (auto number = whole(std::int64_t{})) return number;
  if (auto number = whole(std::uint64_t{})) return number;
  return whole(double{});
}

std::optional<Scalar> parse_word(std::string_view word) {
  if (word == "null") return nullptr;
  if (word == "true") return true;
  if (word == "false") return false;
  return word.empty() ? std::nullopt : parse_number(word);
}

class Extractor {
 public:
  Extractor(std::string_view text, const PathSet& paths) : cursor_{text}, paths_{paths}, values_(paths.size()) {
    left_ = paths.size() == PATHS_MAX ? ~PathMask{0} : (PathMask{1} << paths.size()) - 1;
  }

  // Goes through the object at the cursor, `depth` names down, which the paths in `here` lead through. Returns false
  // when the text is no JSON.
  [[nodiscard]] bool object(PathMask here, std::size_t depth);

  bool is_object() { return cursor_.peek() == '{'; }
  std::size_t offset() const { return cursor_.offset(); }
  std::vector<Scalar> take_values() { return std::move(values_); }

 private:
  [[nodiscard]] bool member(PathMask through, PathMask ending, std::size_t depth);
  std::optional<Scalar> scalar();

  Cursor cursor_;
  const PathSet& paths_;
  std::vector<Scalar> values_;
  PathMask left_;  // paths without a value so far
};

bool Extractor::object(PathMask here, std::size_t depth) {
  if (!cursor_.take('{')) return false;
  if (cursor_.take('}')) return true;
  do {
    const auto key = cursor_.string();
    if (!key || !cursor_.take(':')) return false;
    PathMask through = 0, ending = 0;
    for (PathMask rest = here & left_; rest != 0; rest &= rest - 1) {
      const auto& names = paths_[static_cast<std::size_t>(std::countr_zero(rest))];
      if (!says(*key, names[depth])) continue;
      (names.size() == depth + 1 ? ending : through) |= rest & -rest;
    }
    if (!member(through, ending, depth)) return false;
    if (left_ == 0) return true;  // nothing is left to find; the rest of the text is not looked at
  } while (cursor_.take(','));
  return cursor_.take('}');
}

bool Extractor::member(PathMask through, PathMask ending, std::size_t depth) {
  left_ &= ~ending;
  const char first = cursor_.peek();
  if (first == '{' && through != 0) {
    if (!object(through, depth + 1)) return false;
    left_ &= ~through;
    return true;
  }
  left_ &= ~through;
  if (ending == 0 || first == '{' || first == '[') return cursor_.skip();
  auto value = scalar();
  if (!value) return false;
  for (; ending != 0; ending &= ending - 1) values_[static_cast<std::size_t>(std::countr_zero(ending))] = *value;
  return true;
}

std::optional<Scalar> Extractor::scalar() {
  if (cursor_.peek() != '"') return parse_word(cursor_.word());
  const auto escaped = cursor_.string();
  if (!escaped) return std::nullopt;
  auto text = unescaped(*escaped);
  if (!text) return std::nullopt;
  return Scalar{std::move(*text)};
}

}  // namespace

PathSet::PathSet(const std::vector<std::string>& dotted) {
  TIDEMARK_ASSERT(dotted.size() <= PATHS_MAX, "more than ", PATHS_MAX, " paths to extract");
  for (std::string_view rest : dotted) {
    auto& names = paths_.emplace_back();
    while (true) {
      const auto dot = rest.find('.');
      names.emplace_back(rest.substr(0, dot));
      if (dot == rest.npos) break;
      rest.remove_prefix(dot + 1);
    }
  }
}

Result<std::vector<Scalar>> extract(std::string_view text, const PathSet& paths) {
  Extractor extractor{text, paths};
  if (paths.size() == 0 || !extractor.is_object()) return extractor.take_values();
  if (!extractor.object(~PathMask{0}, 0))
    return malformed(text, extractor.offset(), "a value that is not whole or not valid");
  return extractor.take_values();
}

}  // namespace tidemark::json
