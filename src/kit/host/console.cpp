#include "kit/host/console.hpp"

#include "http/problem.hpp"
#include "http/static_files.hpp"
#include "kit/setup/share.hpp"
#include "telemetry/log.hpp"

namespace tidemark::kit {
namespace {

constexpr std::string_view PATH = "/console";

bool is_of_console(std::string_view path) {
  return path.starts_with(PATH) && (path.size() == PATH.size() || path[PATH.size()] == '/');
}

Response not_built() {
  auto page = Response::text(
      "<!doctype html><title>Tidemark</title><p>The console is not built. <code>make web</code> builds it; then start "
      "this process again.",
      "text/html; charset=utf-8");
  page.status = 503;
  return page;
}

}  // namespace

http::Handler load_console(std::string_view folder) {
  auto files = http::StaticFiles::load({.root = shared_folder(folder), .prefix = std::string{PATH}});
  if (files) return [files = *files](Request& request) { return files(request); };
  log::info("the console can't be served", {{"error", files.error().text()}});
  return [](Request&) { return not_built(); };
}

http::Handler with_console(http::Handler console, http::Handler others) {
  return [console = std::move(console), others = std::move(others)](Request& request) {
    if (is_of_console(request.path)) return console(request);
    if (others) return others(request);
    return http::problem_of(404, "there is nothing at " + request.path);
  };
}

}  // namespace tidemark::kit
