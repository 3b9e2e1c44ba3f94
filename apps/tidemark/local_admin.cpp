// The admin API over the store of a data directory at rest, in this process.
#include <filesystem>

#include "fiber/io_thread.hpp"
#include "http/percent.hpp"
#include "http/problem.hpp"
#include "http/router.hpp"
#include "kit/admin/admin.hpp"
#include "kit/setup/open_store.hpp"
#include "telemetry/log.hpp"
#include "tidemark/admin_client.hpp"

namespace tidemark::cli {
namespace {

Method method_of(std::string_view name) {
  if (name == "POST") return Method::post;
  return name == "DELETE" ? Method::erase : Method::get;
}

// Ends a stream that no more is wanted of.
struct Enough {};

class Taker final : public EventWriter {
 public:
  explicit Taker(const std::function<bool(const StreamEvent&)>& take) : take_{take} {}
  void send(std::string_view event, std::string_view id, std::string_view data) override {
    if (!take_({std::string{event}, std::string{id}, std::string{data}})) throw Enough{};
  }
  void comment(std::string_view) override {}

 private:
  const std::function<bool(const StreamEvent&)>& take_;
};

class LocalAdmin final : public AdminClient {
 public:
  LocalAdmin(const std::string& directory, std::unique_ptr<store::Store> store)
      : directory_{directory},
        store_{std::move(store)},
        admin_{{.store = *store_, .clock = Clock::system(), .metrics = metrics_, .settings = settings_}} {
    settings_.store = "embedded:" + directory;
    admin_.add_routes(router_);
  }

  Result<std::string> ask(const Question& question) override {
    auto response = respond(question);
    if (!response) return response.error();
    return std::move(response->body);
  }

  Result<void> follow(const Question& question, const std::function<bool(const StreamEvent&)>& take) override {
    const auto response = respond(question);
    if (!response) return response.error();
    Taker taker{take};
    thread_.run("follow", [&] {
      try {
        response->events(taker);
      } catch (const Enough&) {  // NOLINT(bugprone-empty-catch): that is its end
      }
    });
    return {};
  }

  bool is_running() const override { return false; }

 private:
  Result<Response> respond(const Question& question) {
    Request request;
    request.method = method_of(question.method);
    const auto mark = question.path.find('?');
    request.raw_path = question.path.substr(0, mark);
    auto path = http::percent_decode(request.raw_path);
    if (!path) return path.error();
    request.path = std::move(*path);
    if (mark != question.path.npos) request.raw_query = question.path.substr(mark + 1);
    request.headers = {{"Host", "localhost"}, {"Content-Type", "application/json"}};
    if (!question.last_event_id.empty()) request.headers.push_back({"Last-Event-ID", question.last_event_id});
    request.body = question.body;
    Response response;
    thread_.run("ask", [&] {
      try {
        response = router_(request);
      } catch (const std::exception&) {
        response = http::problem_of(std::current_exception());
      }
    });
    if (response.status < 200 || response.status > 299) return problem_of(response.status, response.body, directory_);
    return response;
  }

  std::string directory_;
  std::unique_ptr<store::Store> store_;
  telemetry::Metrics metrics_;
  kit::Settings settings_;
  kit::Admin admin_;
  http::Router router_;
  fiber::IoThread thread_{"admin"};
};

}  // namespace

Result<std::unique_ptr<AdminClient>> ask_directory(const std::string& directory) {
  if (!std::filesystem::exists(directory + "/CURRENT"))
    return fail(ErrorCode::not_found, "this is no data directory of Tidemark", directory);
  log::set_level(log::Level::error);
  auto store = kit::open_store("embedded:" + directory);
  if (!store && store.error().code == ErrorCode::in_use)
    return fail(ErrorCode::in_use, store.error().message + "; ask that process: --url http://127.0.0.1:<port>",
                directory);
  if (!store) return store.error();
  return std::unique_ptr<AdminClient>{std::make_unique<LocalAdmin>(directory, std::move(*store))};
}

}  // namespace tidemark::cli
