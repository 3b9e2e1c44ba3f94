// Tables for people, of the JSON objects that the admin API answers with.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tidemark/described.hpp"
#include "tidemark/time.hpp"
#include "tidemark/tool.hpp"

namespace tidemark::cli {

// An object by its members, each JSON by itself. Empty for what is no object.
using Members = std::map<std::string, Json>;
Members members_of(const std::string& json);
// The elements of an array, and of a list's `items`.
std::vector<Members> elements_of(const std::string& json);
std::vector<Members> items_of(const std::string& list);
// A member for people: a text without its quotes, anything else as it is; empty where there is none.
std::string text_of(const Members& object, const std::string& name);
// A described value's member read as a number; 0 where there is none.
double number_of(const Members& object, const std::string& name);

enum class Shown { text, number, bytes, time, ms };

struct Column {
  std::string title, member;
  Shown as = Shown::text;
};

// Lines of a table, its titles first, no line wider than `width` columns: the widest texts give way. Control
// characters are shown as a middle dot.
std::vector<std::string> table_lines(const std::vector<Column>& columns, const std::vector<Members>& rows, int width,
                                     TimePoint now);

// Prints them, or what there is to say when there are none.
void say_table(const Tool& tool, const std::vector<Column>& columns, const std::vector<Members>& rows,
               const std::string& when_empty);

// Whether a list goes on behind this page.
bool has_more(const std::string& list);
// Prints a list's page, and that there are more where there are.
void say_page(const Tool& tool, const std::vector<Column>& columns, const std::string& list,
              const std::string& when_empty);

// The text, or what of it fits, with an ellipsis.
std::string cut(const std::string& text, int columns);

// A time by how long ago it is: "12 s ago", "in 3 min"; beyond a month its date.
std::string relative(TimePoint time, TimePoint now);
// As `number`: "1,234", or "≥ 1,234" where its member `…_exact` is false; as `ms`: "3.2 s".
std::string shown(const Members& object, const Column& column, TimePoint now);

// What says how a row's thing is: its `health` or its `outcome`.
std::string state_of(const Members& object);

// How many columns the standard output's terminal has; without one as many as a line wants.
int output_width();
int output_height();

}  // namespace tidemark::cli
