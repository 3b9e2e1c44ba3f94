#include "http/docs_page.hpp"

#include <fstream>
#include <iterator>
#include <optional>

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

std::string swagger_page(std::string_view title) {
  return page_around(title, "<link rel=\"stylesheet\" href=\"docs/assets/swagger-ui.css\">\n",
                     "<div id=\"swagger-ui\"></div>\n"
                     "<script src=\"docs/assets/swagger-ui-bundle.js\"></script>\n"
                     "<script src=\"docs/assets/start.js\"></script>\n");
}

std::string page_without_assets(const DocsOptions& options) {
  return page_around(options.title, "",
                     "<h1>" + html_escaped(options.title) + "</h1>\n<p>The description of this API is at " +
                         "<a href=\"openapi.json\">openapi.json</a>.</p>\n<p>To browse it here, build the web page: " +
                         "<code>make web</code> puts swagger-ui-bundle.js and swagger-ui.css into <code>" +
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

}  // namespace

void add_docs(Router& router, const DocsOptions& options) {
  auto script = read_asset(options.assets / "swagger-ui-bundle.js");
  auto style = read_asset(options.assets / "swagger-ui.css");
  const bool complete = script && style;
  if (complete) {
    add_asset(router, "swagger-ui-bundle.js", std::move(*script));
    add_asset(router, "swagger-ui.css", std::move(*style));
    add_asset(router, "start.js", {std::make_shared<const std::string>(START_SCRIPT), "\"1\""});
  }
  router.get("/docs", [page = complete ? swagger_page(options.title) : page_without_assets(options)](Request&) {
    Response response = Response::text(page, "text/html; charset=utf-8");
    response.with("Cache-Control", "no-cache");
    add_security_headers(response);
    return response;
  });
}

}  // namespace tidemark::http
