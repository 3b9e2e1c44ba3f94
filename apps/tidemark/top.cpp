// tidemark top: groups and health, as they change.
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <iostream>

#include "base/clock.hpp"
#include "tidemark/commands.hpp"
#include "tidemark/group_table.hpp"
#include "tidemark/target.hpp"

namespace tidemark::cli {
namespace {

constexpr int EVERY_MS = 1000;
constexpr int SILENCE_S_MAX = 5;  // keys wait as long

volatile std::sig_atomic_t told_to_end = 0;

struct View {
  std::vector<std::string> lines, states;  // the state of each line

  void add(std::string line, std::string state = "") {
    lines.push_back(std::move(line));
    states.push_back(std::move(state));
  }
};

// The alternate screen, keys as they are pressed; as it was before when it is gone.
class Screen {
 public:
  Screen() {
    ::tcgetattr(STDIN_FILENO, &before_);
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    std::signal(SIGINT, [](int) { told_to_end = 1; });
    std::signal(SIGTERM, [](int) { told_to_end = 1; });
    std::signal(SIGHUP, [](int) { told_to_end = 1; });
    std::signal(SIGWINCH, [](int) {});  // ends the wait, so that it is drawn in the new size
    std::cout << "\x1b[?1049h\x1b[?25l" << std::flush;
  }
  ~Screen() {
    std::cout << "\x1b[?25h\x1b[?1049l" << std::flush;
    ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  // As many lines as there is room for.
  void draw(const View& view) {
    const auto count = std::min(view.lines.size(), static_cast<std::size_t>(output_height()) - 1);
    std::string out = "\x1b[H";
    for (std::size_t i = 0; i < count; ++i)
      out += colored(cut(view.lines[i], output_width()), view.states[i]) + "\x1b[K\n";
    std::cout << out + "\x1b[J" << std::flush;
  }
  // Waits; false when the user, or a signal, ends it.
  bool goes_on(int wait_ms) {
    pollfd keys{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    if (::poll(&keys, 1, wait_ms) > 0) {
      char key = 'q';
      if (::read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q' || key == '\x03') return false;
    }
    return told_to_end == 0;
  }

 private:
  termios before_{};
};

Result<View> view(AdminClient& admin) {
  const auto health = admin.ask({.path = "/admin/v1/health", .silence_s_max = SILENCE_S_MAX});
  if (!health) return health.error();
  const auto groups = admin.ask({.path = "/admin/v1/groups", .silence_s_max = SILENCE_S_MAX});
  if (!groups) return groups.error();
  const auto now = members_of(*health);
  const auto measure = [&](const char* name, Shown as) { return shown(now, {"", name, as}, {}); };
  View view;
  view.add(text_of(now, "health") + "   " + measure("commits_per_s", Shown::number) + " commits/s   p99 " +
               measure("commit_p99_ms", Shown::ms) + "   " + measure("requests_per_s", Shown::number) +
               " requests/s   memory " + measure("memory_bytes", Shown::bytes),
           text_of(now, "health"));
  view.add("");
  const auto rows = group_rows(items_of(*groups));
  const auto lines = table_lines(group_columns(), rows, output_width(), Clock::system().now());
  for (std::size_t i = 0; i < lines.size(); ++i) view.add(lines[i], i == 0 ? "" : state_of(rows[i - 1]));
  return view;
}

int top_on_screen(const Tool& tool, AdminClient& admin) {
  auto now = view(admin);
  if (now) {
    Screen screen;
    for (; now; now = view(admin)) {
      screen.draw(*now);
      if (!screen.goes_on(EVERY_MS)) return DONE;
    }
  }
  return tool.failed(now.error());
}

int top_in_lines(const Tool& tool, AdminClient& admin, std::uint32_t count) {
  for (std::uint32_t i = 0; count == 0 || i < count; ++i) {
    if (i > 0) ::poll(nullptr, 0, EVERY_MS);
    if (tool.json()) {
      const auto groups = admin.ask({.path = "/admin/v1/groups", .silence_s_max = SILENCE_S_MAX});
      if (!groups) return tool.failed(groups.error());
      tool.give(*groups);
      continue;
    }
    const auto now = view(admin);
    if (!now) return tool.failed(now.error());
    for (const auto& line : now->lines) tool.say(line);
    std::cout << std::flush;
  }
  return DONE;
}

}  // namespace

void add_top(CLI::App& app, Tool& tool) {
  const auto count = std::make_shared<std::uint32_t>(0);
  auto& command = add_asking(
      app, tool, "top", "shows groups and health as they change; q ends it", [&tool, count](AdminClient& admin) {
        const bool is_terminal = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1 && !tool.json();
        return is_terminal && *count == 0 ? top_on_screen(tool, admin) : top_in_lines(tool, admin, *count);
      });
  command.add_option("--count", *count, "print it so many times, in lines, and end")->type_name("N");
}

}  // namespace tidemark::cli
