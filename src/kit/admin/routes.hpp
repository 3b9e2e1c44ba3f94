// AdminRoutes: the operator's endpoints of one process, from functions over described structs.
//
//   struct PauseWish { std::optional<std::string> reason; };
//   BOOST_DESCRIBE_STRUCT(PauseWish, (), (reason))
//
//   void add_group_endpoints(AdminRoutes& routes, AdminContext& context) {
//     routes.family("groups");
//     routes.get("/groups", "All groups", [&context](Request&) { return List<GroupState>{…}; });
//     routes.post<PauseWish>("/groups/{topic}/{group}/pause", "The handler begins nothing more",
//                            [&context](const PauseWish& wish, Request& request) { return GroupState{…}; });
//     routes.get<ChangesQuery>("/changes", "What has changed, as it does", [&context](const ChangesQuery&, Request&) {
//       return EventSource{[&context](EventWriter& out) { … }};
//     });
//   }
//
// From the types come the parameters and the body, read and checked (422 with the path, unknown members of a body
// too), the JSON of the answer, and the endpoint's place in GET /admin/v1/openapi.json. Members of a query's struct are
// std::optional where a parameter may be missing. A function answers with a described struct, with a List of them, with
// an EventSource (server-sent events), with a whole Response, or with nothing (204). It runs on the request's fiber and
// may wait and throw. Requests of those who may not ask do not get as far (access.hpp).
#pragma once
#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "http/openapi.hpp"
#include "http/router.hpp"
#include "kit/admin/access.hpp"
#include "tidemark/described.hpp"
#include "tidemark/http.hpp"

namespace tidemark::kit {

// Answered as {"items": [...], "next": cursor or null}, and "scanned" where it is set.
template <class T>
struct List {
  std::vector<T> items;
  std::optional<std::string> next = std::nullopt;
  std::optional<std::uint64_t> scanned = std::nullopt;  // how many were looked at to find these
};

// Runs as Response::events does.
using EventSource = std::function<void(EventWriter&)>;

// No parameters, or no body.
struct Nothing {};

template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<List<T>> = true;

class AdminRoutes {
 public:
  static constexpr std::string_view PREFIX = "/admin/v1";

  // All of them outlive this, and the routes.
  AdminRoutes(http::Router& router, const AdminAccess& access) : router_{router}, access_{access} {}
  AdminRoutes(const AdminRoutes&) = delete;
  AdminRoutes& operator=(const AdminRoutes&) = delete;

  // What the following endpoints are listed under.
  void family(std::string name) { family_ = std::move(name); }

  // `path` stands below PREFIX. `run` gets the parameters or the body if there are any, and the request.
  template <class Query = Nothing, class Run>
  void get(std::string path, std::string summary, Run run) {
    add<Query>(Method::get, std::move(path), std::move(summary), std::move(run));
  }
  template <class Body = Nothing, class Run>
  void post(std::string path, std::string summary, Run run) {
    add<Body>(Method::post, std::move(path), std::move(summary), std::move(run));
  }
  template <class Body = Nothing, class Run>
  void put(std::string path, std::string summary, Run run) {
    add<Body>(Method::put, std::move(path), std::move(summary), std::move(run));
  }
  template <class Body = Nothing, class Run>
  void erase(std::string path, std::string summary, Run run) {
    add<Body>(Method::erase, std::move(path), std::move(summary), std::move(run));
  }

  // Where they were added: for an endpoint that answers with what others do.
  const http::Router& router() const { return router_; }

  // Adds GET /admin/v1/openapi.json, over all that has been added.
  void add_description();

 private:
  template <class Input, class Run>
  void add(Method method, std::string path, std::string summary, Run run);
  template <class Input>
  static Input input_of(const Request& request);
  template <class Answer>
  static Response respond(const Answer& answer);
  template <class Answer>
  static http::ResponseDescription describe_answer();

  // The route with all but its parameters, body and answer.
  http::RouteDescription describe(Method method, std::string path, std::string summary) const;
  // `input` is of the query for GET, else of the body; null for none.
  void add(http::RouteDescription route, const TypeInfo* input, http::Handler handler);

  http::Router& router_;
  const AdminAccess& access_;
  std::string family_;
  std::vector<http::RouteDescription> described_;
};

// --- What the templates stand on; for use where a Response is made by hand, too ---

// The query's parameters as a described struct; throws Invalid with the name of a wrong one.
void read_query(const Request& request, void* value, const TypeInfo& type);
// The JSON body. None is {}. Throws UnsupportedMediaType for another type than application/json, so that no page of
// another origin can send it without asking first; Malformed; Invalid, for unknown members too.
void read_body(const Request& request, void* value, const TypeInfo& type);
// The JSON of a described value; throws Invalid for what JSON can't say.
std::string json_of(const void* value, const TypeInfo& type);
Response respond_list(std::string items, const std::optional<std::string>& next, std::optional<std::uint64_t> scanned);

// Where a list goes on: what the parameter `after` names, none where it is missing or empty. Throws Invalid for what is
// no id of that kind.
template <class Id>
std::optional<Id> place_after(const std::optional<std::string>& after) {
  if (!after || after->empty()) return std::nullopt;
  auto id = Id::parse(*after);
  if (!id) throw Invalid{"after: expected the cursor of a page before, got \"" + *after + "\""};
  return *id;
}

template <class Answer>
Response AdminRoutes::respond(const Answer& answer) {
  if constexpr (is_list<Answer>)
    return respond_list(json_of(&answer.items, type_of<decltype(answer.items)>()), answer.next, answer.scanned);
  else
    return Response::json(json_of(&answer, type_of<Answer>()));
}

template <class Answer>
http::ResponseDescription AdminRoutes::describe_answer() {
  if constexpr (std::is_void_v<Answer>) {
    return {.status = 204};
  } else if constexpr (std::is_same_v<Answer, EventSource>) {
    return {.content_type = "text/event-stream"};
  } else if constexpr (std::is_same_v<Answer, Response>) {
    return {};
  } else if constexpr (is_list<Answer>) {
    return {.type = &type_of<typename decltype(Answer::items)::value_type>(), .page = true};
  } else {
    return {.type = &type_of<Answer>()};
  }
}

// The query of a GET, and of the HEAD that it answers, too; else the body.
template <class Input>
Input AdminRoutes::input_of(const Request& request) {
  Input input{};
  if (request.method == Method::get || request.method == Method::head)
    read_query(request, &input, type_of<Input>());
  else
    read_body(request, &input, type_of<Input>());
  return input;
}

template <class Input, class Run>
void AdminRoutes::add(Method method, std::string path, std::string summary, Run run) {
  constexpr bool takes_input = !std::is_same_v<Input, Nothing>;
  const auto call = [run = std::move(run)](Request& request) -> decltype(auto) {
    if constexpr (takes_input)
      return run(input_of<Input>(request), request);
    else
      return run(request);
  };
  using Answer = std::invoke_result_t<decltype(call), Request&>;
  auto route = describe(method, std::move(path), std::move(summary));
  route.responses.push_back(describe_answer<Answer>());
  const TypeInfo* input = nullptr;
  if constexpr (takes_input) input = &type_of<Input>();
  add(std::move(route), input, [call](Request& request) {
    if constexpr (std::is_void_v<Answer>) {
      call(request);
      return Response::empty();
    } else if constexpr (std::is_same_v<Answer, EventSource>) {
      return Response::server_sent_events(call(request));
    } else if constexpr (std::is_same_v<Answer, Response>) {
      return call(request);
    } else {
      return respond(call(request));
    }
  });
}

}  // namespace tidemark::kit
