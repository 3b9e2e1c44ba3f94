// Times as RFC 3339 writes them: "2026-01-31T12:00:00.000Z".
#include <chrono>

#include "json/scalar.hpp"

namespace tidemark::json {
namespace {

using namespace std::chrono;

// Takes pieces off the front of a text; `failed` stays once a piece was not there.
struct Pieces {
  std::string_view rest;
  bool failed = false;

  int digits(std::size_t count) {
    int number = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (i >= rest.size() || rest[i] < '0' || rest[i] > '9') return failed = true, 0;
      number = number * 10 + (rest[i] - '0');
    }
    rest.remove_prefix(count);
    return number;
  }

  void literal(char c) {
    if (!rest.starts_with(c)) return void(failed = true);
    rest.remove_prefix(1);
  }

  // The digits behind the point, if there is one, as milliseconds.
  milliseconds fraction() {
    if (!rest.starts_with('.')) return {};
    rest.remove_prefix(1);
    const auto count = std::min(rest.find_first_not_of("0123456789"), rest.size());
    int ms = 0;
    for (std::size_t i = 0; i < 3; ++i) ms = ms * 10 + (i < count ? rest[i] - '0' : 0);
    if (count == 0) failed = true;
    rest.remove_prefix(count);
    return milliseconds{ms};
  }

  minutes offset() {
    if (rest.starts_with('Z')) return rest.remove_prefix(1), minutes{};
    const int sign = rest.starts_with('-') ? -1 : 1;
    literal(sign < 0 ? '-' : '+');
    const int h = digits(2);
    literal(':');
    const int m = digits(2);
    if (h > 23 || m > 59) failed = true;
    return sign * (hours{h} + minutes{m});
  }
};

void put_digits(char*& at, unsigned number, unsigned count) {
  for (unsigned i = count; i-- > 0; number /= 10) at[i] = static_cast<char>('0' + number % 10);
  at += count;
}

}  // namespace

std::string_view format(TimePoint time, ScalarBuffer& buffer) {
  constexpr TimePoint FIRST = sys_days{January / 1 / 0};
  constexpr TimePoint END = sys_days{January / 1 / 10000};
  if (time < FIRST || time >= END) return {};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  char* at = buffer.data();
  const auto put = [&at](unsigned number, unsigned count, char behind) {
    put_digits(at, number, count);
    *at++ = behind;
  };
  put(static_cast<unsigned>(static_cast<int>(date.year())), 4, '-');
  put(static_cast<unsigned>(date.month()), 2, '-');
  put(static_cast<unsigned>(date.day()), 2, 'T');
  put(static_cast<unsigned>(clock.hours().count()), 2, ':');
  put(static_cast<unsigned>(clock.minutes().count()), 2, ':');
  put(static_cast<unsigned>(clock.seconds().count()), 2, '.');
  put(static_cast<unsigned>(clock.subseconds().count()), 3, 'Z');
  return {buffer.data(), at};
}

std::optional<TimePoint> parse_time(std::string_view text) noexcept {
  Pieces p{text};
  const int y = p.digits(4);
  p.literal('-');
  const auto m = static_cast<unsigned>(p.digits(2));
  p.literal('-');
  const auto d = static_cast<unsigned>(p.digits(2));
  p.literal('T');
  const int h = p.digits(2);
  p.literal(':');
  const int min = p.digits(2);
  p.literal(':');
  const int s = p.digits(2);
  const auto ms = p.fraction();
  const auto offset = p.offset();
  const year_month_day date{year{y}, month{m}, day{d}};
  if (p.failed || !p.rest.empty() || !date.ok() || h > 23 || min > 59 || s > 59) return std::nullopt;
  return sys_days{date} + hours{h} + minutes{min} + seconds{s} + ms - offset;
}

}  // namespace tidemark::json
