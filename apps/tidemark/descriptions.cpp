// tidemark openapi, asyncapi: the documents that describe a service.
#include <CLI/CLI.hpp>

#include "tidemark/commands.hpp"
#include "tidemark/target.hpp"

namespace tidemark::cli {
namespace {

int give(const Tool& tool, AdminClient& admin, const std::string& path) {
  const auto document = admin.ask({.path = path});
  if (!document) return tool.failed(document.error());
  tool.give(*document);
  return DONE;
}

int give_of_service(const Tool& tool, AdminClient& admin, const std::string& path) {
  if (admin.is_running()) return give(tool, admin, path);
  return tool.failed(
      fail(ErrorCode::invalid, "a process describes its services; name one of them with --url", "--data"));
}

}  // namespace

void add_descriptions(CLI::App& app, Tool& tool) {
  const auto is_admin = std::make_shared<bool>(false);
  auto& openapi = add_asking(
      app, tool, "openapi", "prints the OpenAPI document of the service", [&tool, is_admin](AdminClient& admin) {
        return *is_admin ? give(tool, admin, "/admin/v1/openapi.json") : give_of_service(tool, admin, "/openapi.json");
      });
  openapi.add_flag("--admin", *is_admin, "of the admin API");
  add_asking(app, tool, "asyncapi", "prints the AsyncAPI document of the service's events",
             [&tool](AdminClient& admin) { return give_of_service(tool, admin, "/asyncapi.json"); });
}

}  // namespace tidemark::cli
