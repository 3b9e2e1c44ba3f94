#!/usr/bin/env python3
"""Follows one order through the admin API, as an operator would: its journey, the history of its document, the map, the
health, the stream of changes; then again after the process was killed, when only the topics know of it.

usage: journey_test.py SHOP
"""
import http.client
import json
import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "harness")]
from redis_servers import wait_for
from shop import Shop


def get(shop, path, status=200):
    got, _, answer = shop.client("payments").request("GET", "/admin/v1" + path)
    assert got == status, f"GET {path}: {got} {answer}"
    return answer


def place_order(shop):
    def post(service, path, body):
        status, _, answer = shop.client(service).request("POST", path, body)
        return answer if status == 201 else None

    product = post("inventory", "/products", {"name": "Lamp", "price": 12.5, "quantity_available": 5})
    order = wait_for(lambda: post("payments", "/orders", {"product_id": product["id"], "quantity": 2}), "the order")
    wait_for(lambda: shop.client("payments").request("GET", f"/orders/{order['id']}")[2]["status"] == "fulfilled",
             "the order is fulfilled")
    return order["id"]


STORY = [
    ("request", "POST /orders", "payments"),
    ("event", "order_placed", "payments"),
    ("run", "order_placed", "payments"),
    ("event", "order_completed", "payments"),
    ("run", "order_completed", "inventory"),
    ("event", "stock_taken", "inventory"),
    ("run", "stock_taken", "payments"),
]


def told(journey):
    return [(step["kind"], step["name"], step["service"]) for step in journey["steps"]]


def check_journey(shop, order):
    def written():
        journey = get(shop, f"/journeys/{order}")
        return journey if told(journey) == STORY else None

    journey = wait_for(written, "the whole story is told")
    assert journey["complete"] and journey["outcome"] == "ok", journey
    steps = journey["steps"]
    assert [step["offset_ms"] for step in steps] == sorted(step["offset_ms"] for step in steps), steps
    for event, run in (1, 2), (3, 4), (5, 6):
        assert steps[run]["parent_span_id"] == steps[event]["span_id"], "a run hangs below who published its event"
        assert steps[run]["entry_id"] == steps[event]["entry_id"]
    lsns = [steps[i]["lsn"] for i in (0, 2, 4, 6)]
    assert lsns == sorted(set(lsns)), f"each commit comes after the one before: {lsns}"
    statuses = [(document.get("before", {}).get("status"), document["after"]["status"])
                for step in steps for document in step["documents"] if document["collection"] == "payments.orders"]
    assert statuses == [(None, "pending"), ("pending", "completed"), ("completed", "fulfilled")], statuses

    for other in journey["trace_id"], steps[1]["ce_id"], steps[1]["entry_id"]:
        assert [step for step in told(get(shop, f"/journeys/{other}")) if step in STORY] == STORY, other
    get(shop, "/journeys/01ARZ3NDEKTSV4RRFFQ69G5FAV", 404)
    return journey["trace_id"]


def check_lists(shop, order, trace):
    found = get(shop, f"/journeys?text={order}&outcome=ok&service=inventory")["items"]
    assert [item["trace_id"] for item in found] == [trace], found
    first = get(shop, "/journeys?limit=1")
    second = get(shop, f"/journeys?limit=1&after={first['next']}")
    assert first["items"][0]["trace_id"] != second["items"][0]["trace_id"]
    get(shop, "/journeys?after=x", 422)
    history = get(shop, f"/collections/payments.orders/documents/{order}")["history"]
    assert [change["after"]["status"] for change in history] == ["fulfilled", "completed", "pending"], history
    assert {change["trace_id"] for change in history} == {trace}


def check_map_and_health(shop):
    drawn = get(shop, "/map")
    services = {service["name"]: service for service in drawn["services"]}
    assert "order_placed" in services["payments"]["publishes"], services["payments"]
    assert "stock_taken" in {handler["topic"] for handler in services["payments"]["handlers"]}
    assert ("POST", "/orders") in {(end["method"], end["path"]) for end in services["payments"]["endpoints"]}
    topics = {topic["name"]: topic for topic in drawn["topics"]}
    assert topics["order_completed"]["groups"] == ["inventory"], topics["order_completed"]
    health = wait_for(lambda: (now := get(shop, "/health")).get("lsn_durable") and now.get("commit_p99_ms") and now,
                      "the commits are measured")
    assert health["memory_bytes"] > 0 and health["threads"] > 1 and health["disk_used_bytes"] > 0, health
    hour = wait_for(lambda: (history := get(shop, "/health/history"))["at"] and history, "the first point of the hour")
    for measure, values in hour.items():
        assert len(values) == len(hour["at"]), measure


class Changes:
    """The stream of changes, event by event."""

    def __init__(self, shop):
        self.connection = http.client.HTTPConnection("127.0.0.1", shop.service_ports["payments"], timeout=60)
        self.connection.request("GET", "/admin/v1/changes")
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200, self.answer.read()

    def next(self):
        name = None
        while line := self.answer.readline().decode().rstrip("\n"):
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            if line.startswith("data: "):
                return name, json.loads(line.removeprefix("data: "))
        return self.next() if self.answer.fp else (None, None)

    def until(self, name, wanted):
        while True:
            got, body = self.next()
            if got == name and wanted(body):
                return body


def check_changes(shop):
    changes = Changes(shop)
    names = {changes.next()[0] for _ in range(4)}
    assert names == {"groups", "topics", "health", "map"}, names
    before = {topic["name"]: topic["length"] for topic in get(shop, "/topics")["items"]}["order_placed"]
    place_order(shop)
    changes.until("topics", lambda body: any(
        topic["name"] == "order_placed" and topic["length"] > before for topic in body["items"]))
    changes.connection.close()


def check_after_a_kill(shop, order, trace):
    shop.kill()
    shop.start()
    for name in order, trace:
        journey = get(shop, f"/journeys/{name}")
        # Of events of the same millisecond, their topics don't know which came first.
        assert sorted(told(journey)) == sorted(step for step in STORY if step[0] == "event"), journey
        offsets = [step["offset_ms"] for step in journey["steps"]]
        assert offsets == sorted(offsets), journey
        assert not journey["complete"] and journey["outcome"] == "unknown", journey


def main():
    folder = tempfile.mkdtemp(prefix="tidemark-journey-")
    with Shop(pathlib.Path(sys.argv[1]).resolve(), folder) as shop:
        try:
            order = place_order(shop)
            trace = check_journey(shop, order)
            check_lists(shop, order, trace)
            check_map_and_health(shop)
            check_changes(shop)
            check_after_a_kill(shop, order, trace)
            assert shop.stop() == 0, "SIGTERM did not end it well"
        except AssertionError as error:
            sys.exit(f"{error}\n{shop.last_words()}\nthe log is in {folder}")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
