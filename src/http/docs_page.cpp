#include "http/docs_page.hpp"

#include <fstream>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "base/hash.hpp"
#include "http/conditional.hpp"
#include "http/problem.hpp"
#include "http/security_headers.hpp"
#include "http/static_files.hpp"

namespace tidemark::http {
namespace {

// Stands in a file of its own, because the policy of our pages allows no inline scripts.
constexpr std::string_view START_SCRIPT = R"(window.addEventListener("load", () => {
  window.ui = SwaggerUIBundle({
    url: "openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    validatorUrl: null,
    presets: [SwaggerUIBundle.presets.apis],
  });
});
)";

std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string page_around(std::string_view title, std::string_view head, std::string_view body) {
  std::string page = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
  page += html_escaped(title);
  page += "</title>\n";
  page += head;
  page += "</head>\n<body>\n";
  page += body;
  return page += "</body>\n</html>\n";
}

// `base` leads from the page to the folder that /docs is in.
std::string tabs(std::string_view title, std::string_view base, bool is_events) {
  const std::string_view here = " aria-current=\"page\"";
  std::string html = "<nav class=\"tabs\" aria-label=\"Descriptions\">\n<strong>" + html_escaped(title) + "</strong>\n";
  html.append("<a href=\"").append(base).append("docs\"").append(is_events ? "" : here).append(">OpenAPI</a>\n");
  html.append("<a href=\"")
      .append(base)
      .append("docs/events\"")
      .append(is_events ? here : "")
      .append(">AsyncAPI</a>\n");
  return html += "</nav>\n";
}

std::string swagger_page(std::string_view title) {
  std::string page = page_around(title,
                                 "<link rel=\"stylesheet\" href=\"docs/assets/swagger-ui.css\">\n"
                                 "<link rel=\"stylesheet\" href=\"docs/assets/docs.css\">\n",
                                 tabs(title, "", false) +
                                     "<div id=\"swagger-ui\"></div>\n"
                                     "<script src=\"docs/assets/swagger-ui-bundle.js\"></script>\n"
                                     "<script src=\"docs/assets/start.js\"></script>\n");
  // Swagger UI has light colours only.
  return page.replace(page.find("<html"), 5, "<html data-scheme=\"light\"");
}

std::string events_page(std::string_view title) {
  return page_around(std::string{title} + ": events",
                     "<link rel=\"stylesheet\" href=\"assets/docs.css\">\n"
                     "<script type=\"module\" src=\"assets/events.js\"></script>\n",
                     tabs(title, "../", true) + "<div id=\"events\" class=\"events\"></div>\n");
}

std::string page_without_assets(const DocsOptions& options, const std::string& document) {
  return page_around(options.title, "",
                     "<h1>" + html_escaped(options.title) + "</h1>\n<p>The description of this API is at <a href=\"" +
                         document + "\">" + document + "</a>.</p>\n<p>To browse it here, build the web page: " +
                         "<code>make web</code> puts what this page needs into <code>" +
                         html_escaped(options.assets.string()) + "</code>. Then start again.</p>\n");
}

struct Asset {
  std::shared_ptr<const std::string> bytes;
  std::string etag;
};

std::optional<Asset> read_asset(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in) return std::nullopt;
  std::string bytes{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
  if (in.bad() || bytes.empty()) return std::nullopt;
  std::string etag = '"' + std::to_string(hash64(bytes)) + '"';
  return Asset{std::make_shared<const std::string>(std::move(bytes)), std::move(etag)};
}

void add_asset(Router& router, const std::string& name, Asset asset) {
  router.get("/docs/assets/" + name, [name, asset = std::move(asset)](Request& request) {
    Response response;
    response.content_type = content_type_of(name);
    response.shared_body = asset.bytes;
    response.with("Cache-Control", "no-cache");
    add_security_headers(response);
    return conditional(std::move(response), request, asset.etag);
  });
}

void add_page(Router& router, const std::string& path, std::string html) {
  router.get(path, [page = std::move(html)](Request&) {
    Response response = Response::text(page, "text/html; charset=utf-8");
    response.with("Cache-Control", "no-cache");
    add_security_headers(response);
    return response;
  });
}

// Adds those files, if all of them are there.
bool add_assets(Router& router, const std::filesystem::path& folder, std::initializer_list<const char*> names) {
  std::vector<std::pair<std::string, Asset>> assets;
  for (const std::string name : names) {
    auto asset = read_asset(folder / name);
    if (!asset) return false;
    assets.emplace_back(name, std::move(*asset));
  }
  for (auto& [name, asset] : assets) add_asset(router, name, std::move(asset));
  return true;
}

}  // namespace

void add_docs(Router& router, const DocsOptions& options) {
  const bool complete =
      add_assets(router, options.assets, {"swagger-ui-bundle.js", "swagger-ui.css", "docs.css", "events.js"});
  if (complete) add_asset(router, "start.js", {std::make_shared<const std::string>(START_SCRIPT), "\"1\""});
  add_page(router, "/docs", complete ? swagger_page(options.title) : page_without_assets(options, "openapi.json"));
  add_page(router, "/docs/events",
           complete ? events_page(options.title) : page_without_assets(options, "../asyncapi.json"));
}

}  // namespace tidemark::http
