#include "json/writer.hpp"
#include "tidemark/http.hpp"

namespace tidemark {

Response Response::json(std::string text, int status) {
  Response response;
  response.status = status;
  response.body = std::move(text);
  response.content_type = "application/json";
  return response;
}

Response Response::text(std::string text, std::string content_type) {
  Response response;
  response.body = std::move(text);
  response.content_type = std::move(content_type);
  return response;
}

Response Response::empty(int status) {
  Response response;
  response.status = status;
  return response;
}

Response Response::problem(int status, std::string_view title, std::string_view detail, std::string_view code,
                           std::string_view trace_id) {
  json::Writer writer;
  writer.begin_object().member("type", "about:blank").member("title", title).member("status", status);
  if (!detail.empty()) writer.member("detail", detail);
  if (!code.empty()) writer.member("code", code);
  if (!trace_id.empty()) writer.member("trace_id", trace_id);
  writer.end_object();
  Response response = json(std::move(writer).text(), status);
  response.content_type = "application/problem+json";
  return response;
}

Response Response::server_sent_events(std::function<void(EventWriter&)> events) {
  Response response;
  response.content_type = "text/event-stream";
  response.events = std::move(events);
  response.headers.push_back({"Cache-Control", "no-store"});
  return response;
}

Response& Response::with(std::string name, std::string value) & {
  headers.push_back({std::move(name), std::move(value)});
  return *this;
}

Response&& Response::with(std::string name, std::string value) && {
  headers.push_back({std::move(name), std::move(value)});
  return std::move(*this);
}

}  // namespace tidemark
