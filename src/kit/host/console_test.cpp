#include "kit/host/console.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace tidemark::kit {
namespace {

namespace fs = std::filesystem;

Response ask(const http::Handler& handler, std::string path) {
  Request request;
  request.path = std::move(path);
  request.headers = {{"Accept", "text/html"}};
  return handler(request);
}

std::string body_of(const Response& response) { return response.shared_body ? *response.shared_body : response.body; }

TEST(Console, IsAtItsPathAndLeavesTheRestToOthers) {
  const fs::path folder = fs::temp_directory_path() / ("tidemark-console-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  std::ofstream{folder / "index.html"} << "<html>console";
  const auto console = load_console(folder.string());
  const auto alone = with_console(console, {});
  const auto before = with_console(console, [](Request&) { return Response::text("the storefront"); });
  fs::remove_all(folder);

  for (const auto& handler : {alone, before}) {
    for (const auto* path : {"/console", "/console/", "/console/topics/order_placed.inventory.dead"}) {
      EXPECT_EQ(body_of(ask(handler, path)), "<html>console") << path;
    }
  }
  for (const auto* path : {"/", "/consoles", "/orders"}) {
    EXPECT_EQ(ask(alone, path).status, 404) << path;
    EXPECT_EQ(body_of(ask(before, path)), "the storefront") << path;
  }
}

TEST(Console, SaysHowToBuildItWhereItIsNotBuilt) {
  const auto response = ask(load_console("/nonexistent/console"), "/console");
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.body, testing::HasSubstr("make web"));
}

}  // namespace
}  // namespace tidemark::kit
