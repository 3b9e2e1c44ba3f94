// The page /docs: Swagger UI over /openapi.json, from files beside the web page, with no network.
#pragma once
#include <filesystem>
#include <string>

#include "http/router.hpp"

namespace tidemark::http {

struct DocsOptions {
  std::string title;
  // Holds swagger-ui-bundle.js and swagger-ui.css (npm's swagger-ui-dist). Without them the page says how to get them.
  std::filesystem::path assets;
};

// Adds GET /docs and GET /docs/assets/{file}. The page's links are relative, so that it works below a mount, too; it
// expects the document at openapi.json beside it.
void add_docs(Router& router, const DocsOptions& options);

}  // namespace tidemark::http
