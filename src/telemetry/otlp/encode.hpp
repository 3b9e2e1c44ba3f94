// Spans as the body of an OTLP/HTTP request in JSON (opentelemetry.io/docs/specs/otlp, "JSON Protobuf Encoding": ids in
// hexadecimal, 64-bit numbers as strings, enumerations as numbers).
#pragma once
#include <span>
#include <string>

#include "telemetry/span.hpp"

namespace tidemark::otlp {

// An ExportTraceServiceRequest: a resource for each service (service.name, service.instance.id).
std::string encode(std::span<const telemetry::Span> spans, std::string_view instance);

}  // namespace tidemark::otlp
