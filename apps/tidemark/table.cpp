#include "tidemark/table.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "base/clock.hpp"
#include "json/json.hpp"

namespace tidemark::cli {
namespace {

constexpr std::size_t CELL_MIN = 8;

std::string formatted(double value, const char* unit) {
  char text[48];
  std::snprintf(text, sizeof text, value < 10 && value != std::floor(value) ? "%.1f %s" : "%.0f %s", value, unit);
  return text;
}

std::string duration(double ms) {
  if (ms < 1000) return formatted(ms, "ms");
  if (ms < 120'000) return formatted(ms / 1000, "s");
  if (ms < 7'200'000) return formatted(ms / 60'000, "min");
  return ms < 172'800'000 ? formatted(ms / 3'600'000, "h") : formatted(ms / 86'400'000, "d");
}

bool continues_a_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// In characters, as a terminal shows them (wide ones aside).
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !continues_a_character(c); }));
}

winsize output_size() {
  winsize size{};
  if (::isatty(STDOUT_FILENO) != 1 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) size = {};
  return size;
}

bool is_right(Shown as) { return as != Shown::text; }

}  // namespace

bool has_more(const std::string& list) {
  const auto next = text_of(members_of(list), "next");
  return !next.empty() && next != "null";
}

void say_page(const Tool& tool, const std::vector<Column>& columns, const std::string& list,
              const std::string& when_empty) {
  say_table(tool, columns, items_of(list), when_empty);
  if (has_more(list)) tool.say("and more, which are not shown");
}

std::string cut(const std::string& text, int columns) {
  const auto width = static_cast<std::size_t>(std::max(columns, 1));
  if (width_of(text) <= width) return text;
  std::string out;
  std::size_t taken = 0;
  for (const char c : text) {
    if (!continues_a_character(c) && ++taken == width) break;
    out += c;
  }
  return out + "…";
}

Members members_of(const std::string& json) {
  auto members = json::from_json<Members>(json);
  return members ? std::move(*members) : Members{};
}

std::vector<Members> elements_of(const std::string& json) {
  const auto elements = json::from_json<std::vector<Json>>(json);
  std::vector<Members> objects;
  if (elements)
    for (const auto& element : *elements) objects.push_back(members_of(element.text));
  return objects;
}

std::vector<Members> items_of(const std::string& list) {
  const auto members = members_of(list);
  const auto items = members.find("items");
  return items == members.end() ? std::vector<Members>{} : elements_of(items->second.text);
}

std::string text_of(const Members& object, const std::string& name) {
  const auto member = object.find(name);
  if (member == object.end() || member->second.text == "null") return {};
  const auto& json = member->second.text;
  if (!json.starts_with('"')) return json;
  const auto text = json::from_json<std::string>(json);
  return text ? *text : json;
}

double number_of(const Members& object, const std::string& name) {
  return std::strtod(text_of(object, name).c_str(), nullptr);
}

std::string relative(TimePoint time, TimePoint now) {
  const auto ms = static_cast<double>((now - time).count());
  if (std::abs(ms) > 30.0 * 86'400'000) {
    std::string text;
    return json::write(text, &time, type_of<TimePoint>()) ? text.substr(1, 10) : text;
  }
  return ms < 0 ? "in " + duration(-ms) : duration(ms) + " ago";
}

std::string shown(const Members& object, const Column& column, TimePoint now) {
  auto text = text_of(object, column.member);
  if (text.empty()) return "-";
  switch (column.as) {
    case Shown::text: return harmless(text);
    case Shown::bytes: return readable_bytes(static_cast<std::uint64_t>(number_of(object, column.member)));
    case Shown::ms: return duration(number_of(object, column.member));
    case Shown::time: {
      const auto time = json::from_json<TimePoint>(json::quote(text));
      return time ? relative(*time, now) : text;
    }
    case Shown::number: break;
  }
  const auto point = text.find('.');
  if (point != text.npos) return text.substr(0, point + 2);
  for (auto at = static_cast<int>(text.size()) - 3; at > 0 && text[static_cast<std::size_t>(at) - 1] != '-'; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text_of(object, column.member + "_exact") == "false" ? "≥ " + text : text;
}

std::vector<std::string> table_lines(const std::vector<Column>& columns, const std::vector<Members>& rows, int width,
                                     TimePoint now) {
  std::vector<std::vector<std::string>> cells(1);
  for (const auto& column : columns) cells.front().push_back(column.title);
  for (const auto& row : rows) {
    auto& line = cells.emplace_back();
    for (const auto& column : columns) line.push_back(shown(row, column, now));
  }
  std::vector<std::size_t> widths(columns.size());
  std::size_t total = columns.empty() ? 0 : 2 * (columns.size() - 1);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    for (const auto& line : cells) widths[i] = std::max(widths[i], width_of(line[i]));
    total += widths[i];
  }
  for (; total > static_cast<std::size_t>(std::max(width, 1)); --total) {
    const auto widest = std::ranges::max_element(widths);
    if (widest == widths.end() || *widest <= CELL_MIN) break;
    --*widest;
  }
  std::vector<std::string> lines;
  for (const auto& line : cells) {
    std::string out;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto cell = cut(line[i], static_cast<int>(widths[i]));
      const std::string room(widths[i] - width_of(cell), ' ');
      if (i > 0) out += "  ";
      out += is_right(columns[i].as) ? room + cell : cell + room;
    }
    out.erase(out.find_last_not_of(' ') + 1);
    lines.push_back(cut(out, width));
  }
  return lines;
}

void say_table(const Tool& tool, const std::vector<Column>& columns, const std::vector<Members>& rows,
               const std::string& when_empty) {
  if (rows.empty()) return tool.say(when_empty);
  const auto lines = table_lines(columns, rows, output_width(), Clock::system().now());
  for (std::size_t i = 0; i < lines.size(); ++i) tool.say_state(lines[i], i == 0 ? "" : state_of(rows[i - 1]));
}

std::string state_of(const Members& object) {
  auto state = text_of(object, "health");
  return state.empty() ? text_of(object, "outcome") : state;
}

int output_width() {
  const auto columns = output_size().ws_col;
  return columns > 0 ? columns : INT_MAX;
}

int output_height() {
  const auto rows = output_size().ws_row;
  return rows > 0 ? rows : INT_MAX;
}

}  // namespace tidemark::cli
