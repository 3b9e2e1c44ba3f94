#include "tidemark/testing.hpp"

#include <strings.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "kit/host/application.hpp"
#include "kit/host/loopback_client.hpp"
#include "kit/setup/open_store.hpp"

namespace tidemark::testing {
namespace {

using namespace std::chrono_literals;

constexpr auto LOOK_EVERY = 5ms;

std::string make_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "tidemark-test-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw Error{ErrorCode::io, "can't make a temporary folder: " + name};
  return name;
}

}  // namespace

std::string Reply::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key.size() == name.size() && ::strncasecmp(key.data(), name.data(), name.size()) == 0) return value;
  return {};
}

struct TestApplication::Impl {
  std::vector<const Service*> services;
  std::uint16_t partitions = 1;
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
    settings.partitions = partitions;
    auto store = kit::open_store("embedded:" + folder).or_raise();
    application = std::make_unique<kit::Application>(std::move(store), std::move(settings), std::move(specs));
    application->start().or_raise();
  }
};

TestApplication::TestApplication(std::vector<const Service*> services, std::uint16_t partitions)
    : impl_{std::make_unique<Impl>()} {
  impl_->partitions = partitions;
  impl_->services = std::move(services);
  impl_->start();
}

TestApplication::~TestApplication() = default;

Reply TestApplication::request(std::string_view service, std::string_view method, std::string_view path,
                               std::string_view body, const std::vector<std::pair<std::string, std::string>>& headers) {
  return kit::LoopbackClient::request(impl_->application->port(service), method, path, body, headers);
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
