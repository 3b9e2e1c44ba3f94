#include "kit/host/loopback_client.hpp"

#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

namespace tidemark::kit {
namespace {

constexpr timeval ANSWER_WITHIN{.tv_sec = 30, .tv_usec = 0};

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

testing::Reply parse(std::string_view answer) {
  const auto head_end = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.1 ") || head_end == answer.npos) throw Unavailable{"no HTTP answer"};
  testing::Reply reply;
  std::from_chars(answer.data() + 9, answer.data() + 12, reply.status);  // "HTTP/1.1 " has nine characters
  reply.body = answer.substr(head_end + 4);
  auto head = answer.substr(0, head_end);
  head.remove_prefix(std::min(head.size(), head.find("\r\n") + 2));
  while (!head.empty()) {
    const auto line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(std::min(head.size(), line.size() + 2));
    const auto colon = line.find(':');
    if (colon == line.npos) continue;
    auto value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.size(), value.find_first_not_of(' ')));
    reply.headers.emplace_back(line.substr(0, colon), value);
  }
  return reply;
}

}  // namespace

LoopbackClient::LoopbackClient(std::uint16_t port) : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &ANSWER_WITHIN, sizeof ANSWER_WITHIN);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &ANSWER_WITHIN, sizeof ANSWER_WITHIN);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket_);
    throw Unavailable{"no connection to port " + std::to_string(port)};
  }
}

LoopbackClient::~LoopbackClient() { ::close(socket_); }

void LoopbackClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw Unavailable{"the connection broke while sending"};
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string LoopbackClient::receive() {
  char buffer[16 * 1024];
  const auto got = ::recv(socket_, buffer, sizeof buffer, 0);
  if (got < 0) throw Unavailable{"no whole answer in time"};
  return {buffer, static_cast<std::size_t>(got)};
}

testing::Reply LoopbackClient::request(std::uint16_t port, std::string_view method, std::string_view path,
                                       std::string_view body, const Headers& headers) {
  LoopbackClient client{port};
  std::string text{method};
  text.append(" ").append(path).append(" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
  for (const auto& [name, value] : headers) text.append(name).append(": ").append(value).append("\r\n");
  const bool names_type =
      std::ranges::any_of(headers, [](const auto& h) { return same_name(h.first, "Content-Type"); });
  if (!body.empty() && !names_type) text.append("Content-Type: application/json\r\n");
  text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n").append(body);
  client.send(text);
  std::string answer;
  for (auto some = client.receive(); !some.empty(); some = client.receive()) answer += some;
  return parse(answer);
}

}  // namespace tidemark::kit
