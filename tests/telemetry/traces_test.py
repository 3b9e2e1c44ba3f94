#!/usr/bin/env python3
"""Follows orders through the shop by the traces that it exports to a collector, which goes away at times.

usage: traces_test.py SHOP
"""
import pathlib
import re
import secrets
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "harness")]
from otlp_receiver import Receiver
from redis_servers import wait_for
from shop import Shop

# What becomes of an order: each span, and the one that it stands below.
STORY = {
    ("payments", "POST /orders"): None,
    ("payments", "process order_placed"): ("payments", "POST /orders"),
    ("inventory", "process order_completed"): ("payments", "process order_placed"),
    ("payments", "process stock_taken"): ("inventory", "process order_completed"),
}


def traceparent(sampled):
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-{'01' if sampled else '00'}"


def trace_of(parent):
    return parent.split("-")[1]


def make_product(shop):
    status, _, product = shop.client("inventory").request("POST", "/products", {
        "name": "Lamp", "price": 12.5, "quantity_available": 1000})
    assert status == 201, product
    known = lambda: shop.client("payments").request("POST", "/orders", {
        "product_id": product["id"], "quantity": 1})[0] == 201
    wait_for(known, "payments knows the product")
    return product["id"]


def place_order(shop, product, parent):
    status, _, order = shop.client("payments").request("POST", "/orders", {"product_id": product, "quantity": 1},
                                                       {"traceparent": parent})
    assert status == 201, order
    return order["id"]


def wait_until_fulfilled(shop, order):
    wait_for(lambda: shop.client("payments").request("GET", f"/orders/{order}")[2]["status"] == "fulfilled",
             "the order is fulfilled")


def metric(shop, name, labels=""):
    """The sum of a metric's values; labels as `reason="refused"`."""
    client = shop.client("payments").connection
    client.request("GET", "/metrics")
    text = client.getresponse().read().decode()
    values = re.findall(rf"^{name}(?:\{{[^}}]*{re.escape(labels)}[^}}]*\}})? (\S+)$", text, re.MULTILINE)
    assert values, f"{name} is not at /metrics"
    return sum(map(float, values))


def check_whole_trace(shop, receiver, product):
    parent = traceparent(sampled=True)
    order = place_order(shop, product, parent)
    wait_until_fulfilled(shop, order)

    def whole():
        runs = [span for span in receiver.trace(trace_of(parent)) if span.name != "commit"]
        return runs if len(runs) >= len(STORY) else None

    runs = wait_for(whole, "the whole trace is exported")
    by_name = {(span.service, span.name): span for span in runs}
    assert set(by_name) == set(STORY) and len(runs) == len(STORY), runs
    for name, above in STORY.items():
        span = by_name[name]
        assert span.parent == (by_name[above].id if above else parent.split("-")[2]), (span, above)
        assert not span.failed, span
        assert span.start >= (by_name[above].start if above else 0), (span, above)

    request, charge = by_name["payments", "POST /orders"], by_name["payments", "process order_placed"]
    assert request.kind == "server" and request.attributes["http.response.status_code"] == 201, request
    assert request.attributes["http.route"] == "/orders" and request.attributes["tidemark.key"] == order, request
    assert charge.kind == "consumer" and charge.attributes["messaging.system"] == "tidemark", charge
    assert charge.attributes["messaging.destination.name"] == "order_placed", charge
    assert charge.attributes["tidemark.key"] == order and charge.attributes["tidemark.attempt"] == 1, charge
    published = [event for event, of in charge.events if event == "publish"]
    changed = [of["tidemark.document_id"] for event, of in charge.events if event == "put document"]
    assert len(published) == 1 and changed == [order], charge.events
    # A commit stands below each run that made one, and ends with it.
    commits = {span.parent: span for span in receiver.trace(trace_of(parent)) if span.name == "commit"}
    for span in runs:
        assert commits[span.id].end == span.end and commits[span.id].start >= span.start, span


def check_caller_decides(shop, receiver, product):
    parent = traceparent(sampled=False)
    wait_until_fulfilled(shop, place_order(shop, product, parent))
    check_whole_trace(shop, receiver, product)  # what came later is exported: so this would be by now
    assert not receiver.trace(trace_of(parent)), "a trace whose caller did not sample it was exported"


def check_collector_in_trouble(shop, receiver, product):
    receiver.answer = 400
    wait_until_fulfilled(shop, place_order(shop, product, traceparent(sampled=True)))
    dropped = lambda: metric(shop, "tidemark_trace_spans_dropped_total", 'reason="refused"')
    wait_for(lambda: dropped() >= len(STORY), "what was refused is counted as dropped")
    receiver.answer = 200
    check_whole_trace(shop, receiver, product)

    receiver.close()
    failures = metric(shop, "tidemark_trace_export_failures_total")
    for _ in range(20):
        order = place_order(shop, product, traceparent(sampled=True))
    wait_until_fulfilled(shop, order)
    wait_for(lambda: metric(shop, "tidemark_trace_export_failures_total") > failures, "the exporter has noticed")
    assert shop.client("payments").request("GET", "/health/ready")[0] == 200
    # Spans that it can't get rid of do not keep it from ending.
    assert shop.stop() == 0, shop.last_words()
    assert "traces can't be exported" in shop.log.read_text(), shop.last_words()


def check_retry_and_flush(program, folder):
    """A charge that fails is tried again: each attempt is a span of its own. What is known at the end is exported."""
    with Receiver() as receiver, Shop(program, folder, options=("--otlp-endpoint", receiver.url)) as shop:
        product = make_product(shop)
        shop.stop()
        # The provider remembers the charge, and fails in writing it down: once for each key.
        shop.environment["SHOP_CHARGES"] = "/dev/full"
        shop.start()
        parent = traceparent(sampled=True)
        order = place_order(shop, product, parent)
        wait_until_fulfilled(shop, order)
        attempts = lambda: [span for span in receiver.trace(trace_of(parent)) if span.name == "process order_placed"]
        wait_for(lambda: len(attempts()) == 2, "both attempts are exported")
        first, second = attempts()
        (request,) = [span for span in receiver.trace(trace_of(parent)) if span.kind == "server"]
        assert first.parent == second.parent == request.id and first.id != second.id, attempts()
        assert first.failed and "No space left" in first.error and not first.events, first
        assert not second.failed and second.events and second.start >= first.end, second
        assert (first.attributes["tidemark.attempt"], second.attributes["tidemark.attempt"]) == (1, 2), attempts()
        published_by = lambda: {span.name: span.parent for span in receiver.trace(trace_of(parent))}
        wait_for(lambda: published_by().get("process order_completed") == second.id, "the story goes on below the second")
        # The log names the same trace.
        assert trace_of(parent) in "".join(line for line in shop.log.read_text().splitlines() if "runs again" in line)

        last = traceparent(sampled=True)
        place_order(shop, product, last)
        assert shop.stop() == 0, shop.last_words()
        assert any(span.kind == "server" for span in receiver.trace(trace_of(last))), "not sent before the end"


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tidemark-traces-"))
    (folder / "retry").mkdir()
    with Receiver() as receiver:
        # None of those that begin here: what is exported is what callers ask for.
        options = ("--otlp-endpoint", receiver.url, "--trace-sample", "0")
        with Shop(program, folder, options=options) as shop:
            product = make_product(shop)
            check_whole_trace(shop, receiver, product)
            check_caller_decides(shop, receiver, product)
            check_collector_in_trouble(shop, receiver, product)
    check_retry_and_flush(program, folder / "retry")
    shutil.rmtree(folder)
    print("each order's trace is whole, whatever the collector does")


if __name__ == "__main__":
    main()
