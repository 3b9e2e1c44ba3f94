"""Shops side by side: loads each with wrk, one after the other in turns, and compares them. Used by shop/run and redis/run.

Counted are complete orders: placed, charged and taken from the stock. The clock stops when the stock shows all that
were placed. The figures are medians.
"""
import argparse
import collections
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/harness"))

from shop import Shop

STOCK = 100_000_000
DRAIN_SECONDS_MAX = 120
PAGE = ROOT / "docs/benchmarks.md"

Figures = collections.namedtuple("Figures", "orders_per_second median_ms p99_ms")


def milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": 1e-3, "ms": 1, "s": 1e3, "m": 6e4}[unit]


def latencies(wrk_output):
    return [milliseconds(re.search(rf"^\s*{percent}%\s+(\S+)", wrk_output, re.M)[1]) for percent in (50, 99)]


def peer(folder, fsync):
    """A shop of bench/peers, which starts, loads and counts by itself."""
    def measure(seconds, connections):
        run = subprocess.run(["bash", ROOT / "bench/peers" / folder / "run.sh", str(seconds), str(connections), fsync],
                             capture_output=True, text=True)
        rate = re.search(r"complete orders: .* = (\d+)/s", run.stdout)
        if run.returncode or not rate or "Non-2xx" in run.stdout:
            sys.exit(f"{folder} failed:\n{run.stdout}{run.stderr}")
        return Figures(int(rate[1]), *latencies(run.stdout))
    return measure


PEERS = {
    "fastapi": [("FastAPI + Redis, `appendfsync everysec`", peer("fastapi-shop", "everysec")),
                ("FastAPI + Redis, `appendfsync always`", peer("fastapi-shop", "always"))],
    "node": [("Fastify + Redis, `appendfsync everysec`", peer("node-shop", "everysec")),
             ("Fastify + Redis, `appendfsync always`", peer("node-shop", "always"))],
}
BASELINE = PEERS["fastapi"][0][0]


def embedded(program):
    """The shop on an embedded store, every reply behind an fsync."""
    def measure(seconds, connections):
        with tempfile.TemporaryDirectory(prefix="tidemark-bench-") as folder, Shop(program, folder) as shop:
            return load([shop], folder, seconds, connections)
    return measure


def load(shops, folder, seconds, connections):
    """Places orders for one product at all of these shops, which are one: they have one store."""
    inventory, payments = shops[0].client("inventory"), shops[0].client("payments")
    widget = {"name": "widget", "price": 10, "quantity_available": STOCK}
    status, _, product = inventory.request("POST", "/products", widget)
    assert status == 201, product
    order = {"product_id": product["id"], "quantity": 1}
    placed, tries = 0, 0
    while placed < 20 and tries < 10_000:  # Until payments has heard of the product, in all its partitions.
        status = payments.request("POST", "/orders", order)[0]
        placed, tries = placed + 1 if status == 201 else 0, tries + 1
    sold = lambda: STOCK - inventory.request("GET", f"/products/{product['id']}")[2]["quantity_available"]
    wait_until(lambda: sold() >= placed, shops)
    before = sold()
    script = pathlib.Path(folder, "order.lua")
    ports = ",".join(str(shop.service_ports["payments"]) for shop in shops)
    script.write_text(f"""
        local ports, threads = {{{ports}}}, 0
        function setup(thread)
          threads = threads + 1
          thread.addr = wrk.lookup("127.0.0.1", tostring(ports[(threads - 1) % #ports + 1]))[1]
        end
        wrk.method = "POST"
        wrk.headers["content-type"] = "application/json"
        wrk.body = '{{"product_id":"{product["id"]}","quantity":1}}'
        """)
    started = time.monotonic()
    run = subprocess.run(["wrk", f"-t{len(shops)}", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", script,
                          f"http://127.0.0.1:{shops[0].service_ports['payments']}/orders"],
                         check=True, capture_output=True, text=True)
    if "Non-2xx" in run.stdout:
        sys.exit(f"the shop refused orders:\n{run.stdout}{shops[0].last_words()}")
    placed = int(re.search(r"(\d+) requests in", run.stdout)[1])
    wait_until(lambda: sold() - before >= placed, shops)
    return Figures(round(placed / (time.monotonic() - started)), *latencies(run.stdout))


def wait_until(done, shops):
    until = time.monotonic() + DRAIN_SECONDS_MAX
    while not done():
        if time.monotonic() > until:
            sys.exit(f"the shop did not complete its orders in time:\n{shops[0].last_words()}")
        time.sleep(0.1)


def sync_milliseconds():
    """What one fdatasync of 4 KiB costs where the stores stand."""
    with tempfile.NamedTemporaryFile() as file:
        started = time.monotonic()
        for _ in range(200):
            os.write(file.fileno(), bytes(4096))
            os.fdatasync(file.fileno())
        return (time.monotonic() - started) / 200 * 1e3


def machine():
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return (f"{len(os.sched_getaffinity(0))} cores ({model[1] if model else platform.machine()}), Linux {platform.release()}, "
            f"Python {platform.python_version()}, one fdatasync {sync_milliseconds():.2f} ms")


def table(results, connections, baseline):
    heads = [f"{count} connections: orders/s | p50 ms | p99 ms" for count in connections]
    lines = ["| shop | " + " | ".join(heads) + " | beside FastAPI |",
             "| --- |" + " ---: |" * (3 * len(connections) + 1)]
    for name in dict.fromkeys(name for name, _ in results):
        cells, times = [], ""
        for count in connections:
            runs = results[name, count]
            cells += [f"{statistics.median(run.orders_per_second for run in runs):,.0f}",
                      f"{statistics.median(run.median_ms for run in runs):.1f}", f"{statistics.median(run.p99_ms for run in runs):.1f}"]
            if (baseline, count) in results:
                rate = lambda runs: statistics.median(run.orders_per_second for run in runs)
                times += f"{' / ' if times else ''}{rate(runs) / rate(results[baseline, count]):.1f}×"
        lines.append(f"| {name} | {' | '.join(cells)} | {times} |")
    return "\n".join(lines)


def arguments(documentation):
    """A parser with the options that all comparisons have."""
    numbers = lambda text: [int(number) for number in text.split(",")]
    parser = argparse.ArgumentParser(description=documentation.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--connections", type=numbers, default=[16, 64])
    parser.add_argument("--peers", type=lambda text: [name for name in text.split(",") if name], default=["fastapi", "node"])
    parser.add_argument("--shop", type=pathlib.Path, default=ROOT / "build/release/bin/shop")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md, between the markers of this comparison")
    return parser


def compare(options, ours, marker):
    """`ours`: pairs of a name and a function of (seconds, connections). Returns the runs by name and connections."""
    contestants = [contestant for name in options.peers for contestant in PEERS[name]] + ours
    results = collections.defaultdict(list)
    for _ in range(options.repeats):
        for connections in options.connections:
            for name, measure in contestants:
                figures = measure(options.seconds, connections)
                results[name, connections].append(figures)
                print(f"{name}, {connections} connections: {figures.orders_per_second}/s, "
                      f"p50 {figures.median_ms:.1f} ms, p99 {figures.p99_ms:.1f} ms", flush=True)
    text = (f"Medians of {options.repeats} runs of {options.seconds} s in turns, measured on {time.strftime('%Y-%m-%d')}: "
            f"{machine()}.\n\n{table(results, options.connections, BASELINE)}")
    print(f"\n{text}")
    if options.write:
        begin, end = f"<!-- {marker}: begin -->", f"<!-- {marker}: end -->"
        before, rest = PAGE.read_text().split(begin)
        PAGE.write_text(f"{before}{begin}\n{text}\n{end}{rest.split(end)[1]}")
    return results
