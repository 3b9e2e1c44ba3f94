// The pages below /docs, from files beside the web page, with no network: Swagger UI over /openapi.json at /docs, and a
// page of our own over /asyncapi.json at /docs/events.
#pragma once
#include <filesystem>
#include <string>

#include "http/router.hpp"

namespace tidemark::http {

struct DocsOptions {
  std::string title;
  // Holds swagger-ui-bundle.js and swagger-ui.css (npm's swagger-ui-dist), docs.css and events.js (web/docs). Without
  // them the pages say how to get them.
  std::filesystem::path assets;
};

// Adds GET /docs, /docs/events and /docs/assets/{file}. The pages' links are relative, so that they work below a mount,
// too; they expect the documents at openapi.json and asyncapi.json beside /docs.
void add_docs(Router& router, const DocsOptions& options);

}  // namespace tidemark::http
