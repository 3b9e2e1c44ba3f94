// Request and Response: what an endpoint may look at and answer, where the document that it returns says too little.
//
//   Response export_products(Transaction& tx, const Request& request) {
//     return Response::text(csv_of(tx, request.query("category").value_or("all")), "text/csv");
//   }
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

enum class Method : std::uint8_t { get, head, post, put, patch, erase, options };

// "GET", "POST", …; erase is DELETE.
std::string_view to_string(Method method) noexcept;

// One HTTP request, complete with its body. The views are valid while the endpoint runs.
class Request {
 public:
  struct Header {
    std::string name, value;
  };

  Method method = Method::get;
  std::string path;       // percent-decoded, without the query: "/products/42"
  std::string raw_path;   // as it came, where that is not `path`: "/files/a%2Fb"; else empty
  std::string raw_query;  // as it came, without the question mark
  std::vector<Header> headers;
  std::string body;
  std::string peer;  // "127.0.0.1:52100"

  // The first header of that name, compared without regard to case.
  std::optional<std::string_view> header(std::string_view name) const;
  // A parameter of the path: with the route "/products/{id}", path_parameter("id"). Asking for one that the route has
  // not is a bug (std::logic_error).
  const std::string& path_parameter(std::string_view name) const;
  // The first query parameter of that name, percent-decoded.
  std::optional<std::string> query(std::string_view name) const;

  // Throws PreconditionRequired when there is no If-Match, and PreconditionFailed when it names neither `etag` nor
  // "*" (RFC 9110, 13.1.1).
  void require_match(std::string_view etag) const;

  std::vector<std::pair<std::string, std::string>> path_parameters;  // set by the router
  std::string_view route;  // set by the router: the template, "/products/{id}"; empty when none matched
};

// Writes a stream of server-sent events (the WHATWG's HTML standard, 9.2). Its calls suspend the fiber while the client
// reads too slowly. A client that has gone, or that takes nothing for the write time-out, ends the stream: they throw
// an Error with the code `cancelled`, which is to be let pass.
class EventWriter {
 public:
  virtual ~EventWriter() = default;
  // Any of the strings may be empty; `data` may have several lines.
  virtual void send(std::string_view event, std::string_view id, std::string_view data) = 0;
  // A line that clients ignore: keeps the connection alive and finds out whether it is.
  virtual void comment(std::string_view text) = 0;
};

// What goes back. Bodies are sent compressed where the client takes that and it pays.
class Response {
 public:
  int status = 200;
  std::vector<Request::Header> headers;
  std::string body;
  std::string content_type;                        // empty: no body
  std::shared_ptr<const std::string> shared_body;  // instead of `body`: one copy for all (static files)
  std::function<void(EventWriter&)> events;        // instead of a body: runs on the request's fiber until it returns
  std::optional<std::string> content_encoding;     // set when the body is already encoded

  static Response json(std::string text, int status = 200);
  static Response text(std::string text, std::string content_type = "text/plain; charset=utf-8");
  static Response empty(int status = 204);
  // application/problem+json (RFC 9457). `type` is "about:blank" where the status says all; `trace_id` is what logs and
  // traces know the request by.
  static Response problem(int status, std::string_view title, std::string_view detail, std::string_view code = {},
                          std::string_view trace_id = {});
  static Response server_sent_events(std::function<void(EventWriter&)> events);

  // Adds a header; returns itself.
  Response& with(std::string name, std::string value) &;
  Response&& with(std::string name, std::string value) &&;
};

}  // namespace tidemark
