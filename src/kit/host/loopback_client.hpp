// LoopbackClient: an HTTP client for tests of services: one connection to a port of this machine, with blocking calls.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tidemark/testing.hpp"

namespace tidemark::kit {

// For one thread, which is not a fiber's. Throws Unavailable where there is no connection, or no answer within 30 s.
class LoopbackClient {
 public:
  explicit LoopbackClient(std::uint16_t port);
  ~LoopbackClient();
  LoopbackClient(const LoopbackClient&) = delete;
  LoopbackClient& operator=(const LoopbackClient&) = delete;

  void send(std::string_view bytes);
  // What has come, one byte at least; empty when the other side has ended.
  std::string receive();

  using Headers = std::vector<std::pair<std::string, std::string>>;
  // One request, the only one of its connection. A body is JSON unless a header says otherwise.
  static testing::Reply request(std::uint16_t port, std::string_view method, std::string_view path,
                                std::string_view body = {}, const Headers& headers = {});

 private:
  int socket_;
};

}  // namespace tidemark::kit
