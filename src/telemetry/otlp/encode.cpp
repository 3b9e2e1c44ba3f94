#include "telemetry/otlp/encode.hpp"

#include <algorithm>
#include <vector>

#include "json/writer.hpp"

namespace tidemark::otlp {
namespace {

using telemetry::Attribute;
using telemetry::Span;

constexpr int STATUS_ERROR = 2;  // Status.StatusCode

void write_attribute(json::Writer& out, const Attribute& attribute) {
  out.begin_object().member("key", attribute.name).key("value").begin_object();
  if (const auto* text = std::get_if<std::string>(&attribute.value))
    out.member("stringValue", *text);
  else
    out.member("intValue", std::to_string(std::get<std::int64_t>(attribute.value)));
  out.end_object().end_object();
}

void write_attributes(json::Writer& out, const std::vector<Attribute>& attributes) {
  out.key("attributes").begin_array();
  for (const auto& attribute : attributes) write_attribute(out, attribute);
  out.end_array();
}

std::string nanoseconds(Moment moment) {
  return std::to_string(std::chrono::duration_cast<std::chrono::nanoseconds>(moment.time_since_epoch()).count());
}

void write_span(json::Writer& out, const Span& span) {
  out.begin_object().member("traceId", span.context.trace.text()).member("spanId", span.context.span.text());
  if (span.parent) out.member("parentSpanId", span.parent.text());
  // The lowest eight bits are the flags of W3C Trace Context.
  out.member("flags", span.context.sampled ? 1 : 0)
      .member("name", span.name)
      .member("kind", static_cast<int>(span.kind));
  out.member("startTimeUnixNano", nanoseconds(span.start)).member("endTimeUnixNano", nanoseconds(span.end));
  write_attributes(out, span.attributes);
  if (!span.events.empty()) {
    out.key("events").begin_array();
    for (const auto& event : span.events) {
      out.begin_object().member("timeUnixNano", nanoseconds(event.at)).member("name", event.name);
      write_attributes(out, event.attributes);
      out.end_object();
    }
    out.end_array();
  }
  if (span.events_dropped > 0) out.member("droppedEventsCount", span.events_dropped);
  if (span.failed) {
    out.key("status").begin_object().member("code", STATUS_ERROR).member("message", span.error).end_object();
  }
  out.end_object();
}

void write_service(json::Writer& out, std::span<const Span* const> spans, std::string_view instance) {
  out.begin_object().key("resource").begin_object();
  write_attributes(out, {{"service.name", spans.front()->service}, {"service.instance.id", std::string{instance}}});
  out.end_object();
  out.key("scopeSpans").begin_array().begin_object();
  out.key("scope").begin_object().member("name", "tidemark").end_object();
  out.key("spans").begin_array();
  for (const auto* span : spans) write_span(out, *span);
  out.end_array().end_object().end_array().end_object();
}

}  // namespace

std::string encode(std::span<const Span> spans, std::string_view instance) {
  std::vector<const Span*> sorted;
  for (const auto& span : spans) sorted.push_back(&span);
  std::ranges::stable_sort(sorted, {}, [](const Span* span) { return std::string_view{span->service}; });

  json::Writer out;
  out.begin_object().key("resourceSpans").begin_array();
  for (auto first = sorted.begin(); first != sorted.end();) {
    const auto last =
        std::find_if(first, sorted.end(), [&](const Span* span) { return span->service != (*first)->service; });
    write_service(out, {first, last}, instance);
    first = last;
  }
  out.end_array().end_object();
  return std::move(out).text();
}

}  // namespace tidemark::otlp
