#!/usr/bin/env python3
"""Compares docs/metrics.md and the Grafana dashboard with what a running shop tells at /metrics.

usage: metrics_test.py SHOP
"""
import json
import pathlib
import re
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE.parent / "harness")]
from ports import free_ports
from redis_servers import wait_for
from shop import Shop

NAME = r"\b(?:tidemark|process)_[a-z0-9_]+\b"
PARTS_OF_HISTOGRAMS = r"_(bucket|sum|count)$"
# What only processes on Redis, or with several partitions, have.
ELSEWHERE = re.compile(r"tidemark_redis_.*|tidemark_store_(commit_repeats_total|function_reloads_total|outbox_waiting)"
                       r"|tidemark_events_forwarded_total")


def families(shop):
    """The types of all metrics by name."""
    connection = shop.client("payments").connection
    connection.request("GET", "/metrics")
    answer = connection.getresponse()
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/plain; version=0.0.4"), answer.headers
    text = answer.read().decode()
    found = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    for line in text.splitlines():
        name = line.split("{")[0].split(" ")[0]
        assert line.startswith("#") or name in found or re.sub(PARTS_OF_HISTOGRAMS, "", name) in found, line
    assert set(re.findall(r"^# HELP (\S+) \S", text, re.MULTILINE)) == set(found), "each metric says what it is"
    return found


def use(shop):
    """Has everything happen that makes metrics."""
    client = shop.client("inventory")
    status, _, product = client.request("POST", "/products", {"name": "Lamp", "price": 1, "quantity_available": 5})
    assert status == 201, product
    client.connection.close()
    client.connection.putrequest("POST", "/products")  # a body that is too large is refused before it is read
    client.connection.putheader("Content-Length", str(1 << 40))
    client.connection.endheaders()
    assert client.connection.getresponse().status == 413


def check_conventions(metrics):
    for name, kind in metrics.items():
        assert re.fullmatch(NAME, name), name
        assert (kind == "counter") == name.endswith("_total"), f"{name} is a {kind}"
        assert not re.search("_(ms|millis|milliseconds|micros|us|kb|mb|minutes|percent)(_|$)", name), f"{name}: base units"
        if kind == "histogram":
            assert name.endswith(("_seconds", "_bytes", "_commits")), f"{name}: a histogram names its unit"


def check_documentation(metrics):
    documented = set(re.findall(f"`({NAME})`", (ROOT / "docs/metrics.md").read_text()))
    missing = set(metrics) - documented
    assert not missing, f"docs/metrics.md does not have {sorted(missing)}"
    gone = {name for name in documented - set(metrics) if not ELSEWHERE.fullmatch(name)}
    assert not gone, f"docs/metrics.md has {sorted(gone)}, which /metrics has not"


def check_dashboard(metrics):
    dashboard = json.loads((ROOT / "deploy/grafana/tidemark.json").read_text())
    variables = {variable["name"] for variable in dashboard["templating"]["list"]}
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    assert len(panels) > 10 and len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    queries = [variable["query"] for variable in dashboard["templating"]["list"] if variable["type"] == "query"]
    for panel in panels:
        assert panel["title"] and panel["targets"], panel
        queries += [target["expr"] for target in panel["targets"]]
    for query in queries:
        names = re.findall(NAME, query)
        assert names, query
        for name in names:
            family = re.sub(PARTS_OF_HISTOGRAMS, "", name)
            assert metrics.get(name) or metrics.get(family) == "histogram", f"{name}, in {query}, is not at /metrics"
        assert query.count("(") == query.count(")") and query.count("{") == query.count("}"), query
        used = set(re.findall(r"\$(?!__)\{?(\w+)", query))
        assert used <= variables, f"{query}: {used - variables} are no variables of the dashboard"
        # A counter is looked at by its rate.
        for name in names:
            if metrics.get(name) == "counter" and not query.startswith("label_values"):
                assert re.search(rf"(rate|increase)\({name}\b", query), query


def main():
    folder = tempfile.mkdtemp(prefix="tidemark-metrics-")
    nobody = free_ports(1)[0]  # the exporter has metrics whether its collector is there or not
    options = ("--otlp-endpoint", f"http://127.0.0.1:{nobody}")
    with Shop(pathlib.Path(sys.argv[1]).resolve(), folder, options=options) as shop:
        use(shop)
        handled = "tidemark_events_handled_total"
        metrics = wait_for(lambda: (found := families(shop)) and handled in found and found, handled)
    check_conventions(metrics)
    check_documentation(metrics)
    check_dashboard(metrics)
    shutil.rmtree(folder)
    print(f"{len(metrics)} metrics are documented, and the dashboard asks for nothing else")


if __name__ == "__main__":
    main()
