#include "store/redis/answer.hpp"

#include <charconv>

namespace tidemark::store {
namespace {

const resp::Value NOTHING;

std::optional<std::uint64_t> digits(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Answer::Answer(const resp::Value& list, std::size_t at) : list_{list}, at_{at} { good_ = list.is_list(); }

const resp::Value& Answer::next() {
  if (!good_ || at_end()) {
    good_ = false;
    return NOTHING;
  }
  return list_.items[at_++];
}

std::string_view Answer::text() {
  const auto& item = next();
  if (!item.is_text()) good_ = false;
  return item.text;
}

std::uint64_t Answer::number() {
  const auto& item = next();
  if (item.kind == resp::Value::Kind::integer) return item.number < 0 ? 0 : static_cast<std::uint64_t>(item.number);
  const auto number = item.is_text() ? digits(item.text) : std::nullopt;
  if (!number) good_ = false;
  return number.value_or(0);
}

StreamId Answer::id() {
  const auto id = StreamId::parse(text());
  if (!id) good_ = false;
  return id ? *id : StreamId::min();
}

const resp::Value& Answer::list() {
  const auto& item = next();
  if (!item.is_list()) good_ = false;
  return item;
}

model::Fields Answer::fields() {
  const auto& pairs = list().items;
  model::Fields fields;
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) fields.add(pairs[i].text, pairs[i + 1].text);
  if (pairs.size() % 2 != 0) good_ = false;
  return fields;
}

std::optional<TimePoint> Answer::time() {
  const auto written = text();
  if (written == "-") return std::nullopt;
  const auto ms = digits(written);
  if (!ms) good_ = false;
  return TimePoint{Duration{static_cast<Duration::rep>(ms.value_or(0))}};
}

std::optional<std::uint64_t> Answer::limit() {
  const auto written = text();
  if (written.empty()) return std::nullopt;
  const auto number = digits(written);
  if (!number) good_ = false;
  return number;
}

Failure strange_answer(std::string_view function) {
  return fail(ErrorCode::internal,
              "the server answered something else than this version of Tidemark's functions does; stop what loads "
              "another version of them",
              std::string{function});
}

}  // namespace tidemark::store
