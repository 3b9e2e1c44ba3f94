#include <array>
#include <memory>
#include <mutex>

#include "fiber/fiber.hpp"
#include "kit/admin/endpoints.hpp"

namespace tidemark::kit {
namespace {

constexpr Duration LOOK = std::chrono::seconds{1};
constexpr Duration KEEP_ALIVE = std::chrono::seconds{15};
// Of all who listen the first one asks, and the others take what it was told, while that is so fresh.
constexpr Duration FRESH = std::chrono::milliseconds{900};

struct Part {
  std::string_view event, path;
};
constexpr std::array<Part, 4> PARTS{
    {{"groups", "/groups"}, {"topics", "/topics"}, {"health", "/health"}, {"map", "/map"}}};

using Body = std::shared_ptr<const std::string>;

// What the parts' own endpoints answer, for all who listen.
class Bodies {
 public:
  Bodies(const AdminRoutes& routes, Clock& clock) : router_{routes.router()}, clock_{clock} {}

  // Null where there is none at the moment. On a fiber of a request, whose rights it has.
  Body get(std::size_t part, const std::vector<Request::Header>& headers) {
    const auto now = clock_.instant();
    {
      const std::lock_guard lock{mutex_};
      const auto& kept = kept_[part];
      if (kept.asked && now - *kept.asked < FRESH) return kept.body;
      kept_[part].asked = now;
    }
    auto body = ask(PARTS[part].path, headers);
    const std::lock_guard lock{mutex_};
    auto& kept = kept_[part];
    // Who compares them must see one text as one.
    if (!body || !kept.body || *body != *kept.body) kept.body = body;
    return kept.body;
  }

 private:
  struct Kept {
    std::optional<Instant> asked;
    Body body;
  };

  Body ask(std::string_view path, const std::vector<Request::Header>& headers) const {
    Request request;
    request.path = std::string{AdminRoutes::PREFIX} + std::string{path};
    request.headers = headers;
    try {
      auto response = router_(request);
      if (response.status != 200) return nullptr;
      return std::make_shared<const std::string>(std::move(response.body));
    } catch (const Error& error) {
      if (error.code() == ErrorCode::cancelled) throw;
      return nullptr;  // what the store refuses at the moment
    }
  }

  const http::Router& router_;
  Clock& clock_;
  std::mutex mutex_;
  std::array<Kept, PARTS.size()> kept_;
};

// Sends what has changed, as long as the client reads. While it reads slowly, send() waits, and what follows then is as
// things are by then.
void follow(Bodies& bodies, Clock& clock, const std::vector<Request::Header>& headers, EventWriter& out) {
  std::array<Body, PARTS.size()> sent;
  auto silent_since = clock.instant();
  out.comment("connected");
  for (;;) {
    for (std::size_t part = 0; part < PARTS.size(); ++part) {
      auto body = bodies.get(part, headers);
      if (!body || body == sent[part]) continue;
      out.send(PARTS[part].event, {}, *body);
      sent[part] = std::move(body);
      silent_since = clock.instant();
    }
    if (clock.instant() - silent_since >= KEEP_ALIVE) {
      out.comment("keep-alive");
      silent_since = clock.instant();
    }
    this_fiber::sleep_for(LOOK);
  }
}

}  // namespace

void add_change_endpoints(AdminRoutes& routes, AdminContext& context) {
  routes.family("changes");
  const auto bodies = std::make_shared<Bodies>(routes, context.clock);
  routes.get(
      "/changes",
      "Server-sent events `groups`, `topics`, `health` and `map`: what their GETs answer, whenever that has changed",
      [bodies, &context](Request& request) -> EventSource {
        return [bodies, &clock = context.clock, headers = request.headers](EventWriter& out) {
          follow(*bodies, clock, headers, out);
        };
      });
}

}  // namespace tidemark::kit
