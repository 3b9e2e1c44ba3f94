#include "tidemark/testing.hpp"

#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "kit/application.hpp"
#include "kit/open_store.hpp"

namespace tidemark::testing {
namespace {

using namespace std::chrono_literals;

constexpr auto ANSWER_WITHIN = 30s;
constexpr auto LOOK_EVERY = 5ms;

std::string make_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "tidemark-test-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw Error{ErrorCode::io, "can't make a temporary folder: " + name};
  return name;
}

// A connected socket that closes itself.
class Connection {
 public:
  explicit Connection(std::uint16_t port) : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    const timeval limit{.tv_sec = ANSWER_WITHIN.count(), .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      ::close(socket_);
      throw Unavailable{"no connection to port " + std::to_string(port)};
    }
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) throw Unavailable{"the connection broke while sending"};
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  std::string receive_all() {
    std::string all;
    char buffer[16 * 1024];
    for (;;) {
      const auto got = ::recv(socket_, buffer, sizeof buffer, 0);
      if (got < 0) throw Unavailable{"no whole answer in time"};
      if (got == 0) return all;
      all.append(buffer, static_cast<std::size_t>(got));
    }
  }

 private:
  int socket_;
};

Reply parse(std::string_view answer) {
  const auto head_end = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.1 ") || head_end == answer.npos) throw Unavailable{"no HTTP answer"};
  Reply reply;
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

std::string Reply::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key.size() == name.size() && ::strncasecmp(key.data(), name.data(), name.size()) == 0) return value;
  return {};
}

struct TestApplication::Impl {
  std::vector<const Service*> services;
  std::string folder = make_folder();
  std::unique_ptr<kit::Application> application;

  ~Impl() {
    application.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }

  void start() {
    kit::Settings settings;
    std::vector<const detail::ServiceSpec*> specs;
    for (const auto* service : services) {
      settings.ports[service->name()] = 0;
      specs.push_back(&service->spec());
    }
    settings.threads = 2;
    auto store = kit::open_store("embedded:" + folder).or_raise();
    application = std::make_unique<kit::Application>(std::move(store), std::move(settings), std::move(specs));
    application->start().or_raise();
  }
};

TestApplication::TestApplication(std::vector<const Service*> services) : impl_{std::make_unique<Impl>()} {
  impl_->services = std::move(services);
  impl_->start();
}

TestApplication::~TestApplication() = default;

Reply TestApplication::request(std::string_view service, std::string_view method, std::string_view path,
                               std::string_view body, const std::vector<std::pair<std::string, std::string>>& headers) {
  Connection connection{impl_->application->port(service)};
  std::string text{method};
  text.append(" ").append(path).append(" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
  for (const auto& [name, value] : headers) text.append(name).append(": ").append(value).append("\r\n");
  if (!body.empty()) text.append("Content-Type: application/json\r\n");
  text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n").append(body);
  connection.send(text);
  return parse(connection.receive_all());
}

void TestApplication::wait_until(const std::function<bool()>& holds, std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until)
      throw TimedOut{"what the test waits for did not come about within " + std::to_string(limit.count()) + " ms"};
    std::this_thread::sleep_for(LOOK_EVERY);
  }
}

void TestApplication::restart() {
  impl_->application.reset();
  impl_->start();
}

const std::string& TestApplication::folder() const { return impl_->folder; }

}  // namespace tidemark::testing
