"""A small OpenTelemetry collector: takes traces by OTLP over HTTP in JSON, and checks that they are what OTLP says."""
import http.server
import json
import re
import threading

KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}
FAILED = 2


class Receiver:
    """`answer`: the status of its answers, which a test may change at any time."""

    def __init__(self):
        self.answer = 200
        self.spans = []
        self.lock = threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if receiver.answer == 200:
                    receiver.take(self.path, self.headers["Content-Type"], json.loads(body))
                self.send_response(receiver.answer)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self):
        """From here on nobody listens. May be called again."""
        if self.thread.is_alive():
            self.server.shutdown()
            self.thread.join()
            self.server.server_close()

    def take(self, path, content_type, request):
        assert path == "/v1/traces" and content_type == "application/json", (path, content_type)
        for resource in request["resourceSpans"]:
            of_resource = values(resource["resource"]["attributes"])
            for scope in resource["scopeSpans"]:
                for span in scope["spans"]:
                    self.add(Span(span, of_resource["service.name"]))

    def add(self, span):
        with self.lock:
            self.spans.append(span)

    def trace(self, trace_id):
        """Its spans, in the order of their beginnings."""
        with self.lock:
            return sorted((span for span in self.spans if span.trace == trace_id), key=lambda span: span.start)


class Span:
    def __init__(self, span, service):
        assert re.fullmatch("[0-9a-f]{32}", span["traceId"]) and re.fullmatch("[0-9a-f]{16}", span["spanId"]), span
        self.trace, self.id, self.parent = span["traceId"], span["spanId"], span.get("parentSpanId")
        assert self.parent is None or re.fullmatch("[0-9a-f]{16}", self.parent), span
        self.service, self.name, self.kind = service, span["name"], KINDS[span["kind"]]
        self.start, self.end = int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"])
        assert 0 < self.start <= self.end, span
        self.attributes = values(span["attributes"])
        self.events = [(event["name"], values(event["attributes"])) for event in span.get("events", [])]
        self.failed = span.get("status", {}).get("code") == FAILED
        self.error = span.get("status", {}).get("message", "")

    def __repr__(self):
        return f"{self.service}: {self.name} {self.id} below {self.parent} {self.attributes}"


def values(attributes):
    found = {}
    for attribute in attributes:
        ((kind, value),) = attribute["value"].items()
        found[attribute["key"]] = int(value) if kind == "intValue" else value
    return found
