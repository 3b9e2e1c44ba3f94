// For the tests of services: the real service, on an embedded store in a temporary folder, on a free loopback port.
//
//   tidemark::testing::TestApplication shop{{&inventory, &payments}};
//   const auto created = shop.request("inventory", "POST", "/products", R"({"name":"Lamp","price":12.5,…})");
//   EXPECT_EQ(created.status, 201);
//   shop.wait_until([&] { return shop.request("payments", "GET", "/orders").body.find("fulfilled") !=
//   std::string::npos; });
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tidemark/service.hpp"

namespace tidemark::testing {

struct Reply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  // The first header of that name, compared without regard to case; empty where there is none.
  std::string header(std::string_view name) const;
};

// Starts in the constructor, drains in the destructor. Throws Error when it can't start. One thread.
class TestApplication {
 public:
  // With so many partitions of each service; a restart keeps the number.
  explicit TestApplication(std::vector<const Service*> services, std::uint16_t partitions = 1);
  ~TestApplication();
  TestApplication(const TestApplication&) = delete;
  TestApplication& operator=(const TestApplication&) = delete;

  // One request over a connection of its own. Throws Unavailable when there is no whole answer within 30 s.
  Reply request(std::string_view service, std::string_view method, std::string_view path, std::string_view body = {},
                const std::vector<std::pair<std::string, std::string>>& headers = {});

  // Looks again and again until `holds()`; throws TimedOut after `limit`.
  void wait_until(const std::function<bool()>& holds, std::chrono::milliseconds limit = std::chrono::seconds{30});

  // Drains, and starts again on the same data. Ports may change.
  void restart();

  // The data directory; gone when this is.
  const std::string& folder() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::testing
