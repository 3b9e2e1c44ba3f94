#!/usr/bin/env python3
"""Writes the tables and plots of docs/benchmarks.md from docs/benchmarks/results.json, which bench/run fills.

usage: bench/report.py
"""
import json
import pathlib

import plot

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/benchmarks.md"
FOLDER = ROOT / "docs/benchmarks"
RESULTS = FOLDER / "results.json"

OURS = "Tidemark, embedded"
FASTAPI = "FastAPI + Redis, `appendfsync everysec`"
NODE_ALWAYS = "Fastify + Redis, `appendfsync always`"


def load():
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {}


def keep(row, result):
    FOLDER.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({**load(), row: result}, indent=1) + "\n")


def table(head, lines, left=1):
    marks = ["---"] * left + ["---:"] * (len(head) - left)
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in [head, marks, *lines])


def number(value):
    return plot.shown(value)


def times(value):
    return f"{value:.0f}×" if value >= 10 else f"{value:.1f}×" if value >= 1 else f"{value:.2f}×"


def verdict(value, goal, is_met):
    """A line of the summary: what was reached, what was to be reached, and whether it was."""
    return value, goal, "yes" if is_met else "no"


# --- Each returns its section, its plots, and lines for the summary: what, reached, goal, met. ---

def shop(figures):
    at = {(row["name"], row["connections"]): row for row in figures}
    names = list(dict.fromkeys(row["name"] for row in figures))
    connections = sorted({row["connections"] for row in figures})
    ours = next(name for name in names if name.startswith(OURS))
    head = ["shop"] + [f"{count} connections: {what}" for count in connections for what in ("orders/s", "p50 ms", "p99 ms")]
    lines = [[name] + [number(at[name, count][field]) for count in connections
                       for field in ("orders_per_second", "median_ms", "p99_ms")] for name in names]
    plots = {what: plot.bars(title, unit, [(f"{count} connections", [(name.replace("`", "").replace(", every reply behind an fsync", ""),
                                                                  at[name, count][field], name == ours) for name in names])
                                        for count in connections])
             for what, title, unit, field in (("shop", "Complete orders per second", "orders/s, more is better", "orders_per_second"),
                                              ("shop-p99", "99 % of orders are answered within", "ms, less is better", "p99_ms"))}
    def best(field, name):
        return [at[ours, count][field] / at[name, count][field] for count in connections]
    rate, node, tail = best("orders_per_second", FASTAPI), best("orders_per_second", NODE_ALWAYS), best("p99_ms", NODE_ALWAYS)
    summary = [
        ("shop: orders/s beside FastAPI", *verdict(" / ".join(map(times, rate)), "75×", min(rate) >= 75)),
        ("shop: orders/s beside Node at `always`", *verdict(" / ".join(map(times, node)), "5×", min(node) >= 5)),
        ("shop: p99 beside Node's at `always`", *verdict(" / ".join(f"{share:.2f} of it" for share in tail), "0.25", max(tail) <= 0.25)),
    ]
    return table(head, lines), plots, summary


def publish(figures):
    goals = {1: 0.8, 64: 0.6, 1000: 0.5}
    rows = [(count, figures[f"publish/{count}"], figures[f"bare_log/{count}"]) for count in goals]
    text = table(["in flight", "Tidemark, publishes/s", "write + fdatasync, events/s", "share", "goal"],
                 [[f"{count:,}", number(ours), number(bare), f"{ours / bare:.0%}", f"{goals[count]:.0%}"] for count, ours, bare in rows])
    chart = plot.bars("Durable publishes of 100 bytes", "per second, more is better",
                      [(f"{count:,} in flight", [("Tidemark's engine", ours, True), ("a bare log, same batches", bare, False)])
                       for count, ours, bare in rows])
    summary = [(f"engine: durable publishes, {count:,} in flight, of a bare log's",
                *verdict(f"{ours / bare:.0%}", f"{goals[count]:.0%}", ours / bare >= goals[count])) for count, ours, bare in rows]
    return text, {"publish": chart}, summary


def handle(figures):
    rows = [("Tidemark's engine, acknowledged by one commit for 100", figures["handle/together"], True),
            ("Tidemark's engine, each event's commit by itself", figures["handle/one_by_one"], True),
            ("redis-server `always`, XREADGROUP COUNT 100 + XACK", figures["redis"], False)]
    text = table(["", "events/s", "beside Redis"], [[name, number(value), times(value / figures["redis"])] for name, value, _ in rows])
    short = ["Tidemark, one commit for 100", "Tidemark, a commit for each", "redis-server, XREADGROUP + XACK"]
    chart = plot.bars("Deliver, handle, acknowledge, durably", "events/s, more is better",
                      [("", [(name, value, ours) for name, (_, value, ours) in zip(short, rows)])])
    share = figures["handle/together"] / figures["redis"]
    return text, {"handle": chart}, [("engine: deliver, handle, acknowledge, beside redis-server `always`", *verdict(times(share), "3×", share >= 3))]


def documents(figures):
    rows = [("read", "documents/read", "GET", "get"), ("put, durable", "documents/put", "SET", "set"),
            ("put with two indexes, durable", "documents/put_indexed", "SET", "set"),
            ("query of 50 by index", "documents/query", "MGET of 50", "mget50")]
    lines, groups, summary = [], [], []
    for what, ours, command, theirs in rows:
        share = figures[ours] / figures[theirs]
        lines.append([what, number(figures[ours]), command, number(figures[theirs]), times(share)])
        groups.append((what, [("Tidemark's engine", figures[ours], True), (f"redis-server, {command}", figures[theirs], False)]))
        summary.append((f"documents: {what}, beside {command}", *verdict(times(share), "3×", share >= 3)))
    text = table(["", "Tidemark, per second", "redis-server", "per second", ""], lines)
    return text, {"documents": plot.bars("Documents of 200 bytes", "per second, more is better", groups)}, summary


def entries(figures):
    head = ["entries", "publishes/s", "handled/s", "RSS MiB", "restart s", "redis-server: RSS MiB", "restart s"]
    lines = [[f"{row['entries']:,}"] + [number(row[name]) if name in row else "–" for name in
                                       ("publish", "handle", "resident_mib", "restart_seconds", "redis_resident_mib", "redis_restart_seconds")]
             for row in figures]
    groups = [(f"{row['entries']:,} entries", [("Tidemark's engine", row["resident_mib"], True)] +
               ([("redis-server", row["redis_resident_mib"], False)] if "redis_resident_mib" in row else [])) for row in figures]
    flat = min(min(row[name] for row in figures) / figures[0][name] for name in ("publish", "handle"))
    memory, restart = max(row["resident_mib"] for row in figures), max(row["restart_seconds"] for row in figures)
    most = f"{figures[-1]['entries']:,}"
    summary = [(f"speed at {most} entries and before, of that at {figures[0]['entries']:,}", *verdict(f"{flat:.0%}", "80 %", flat >= 0.8)),
               (f"memory (RSS), at most, up to {most} entries", *verdict(f"{memory:.0f} MiB", "300 MB", memory * 1.048576 <= 300)),
               (f"restart, at most, up to {most} entries", *verdict(f"{restart:.2f} s", "1 s", restart < 1))]
    return table(head, lines, left=0), {"entries": plot.bars("Memory of a topic with so many entries", "MiB, less is better", groups)}, summary


def start(figures):
    ours = figures["starts"]["tidemark"]
    lines = [[name, f"{seconds:.2f}", number(mib)] for name, (seconds, mib) in figures["starts"].items()]
    chart = {"start": plot.bars("From the start of the process until it answers", "seconds, less is better",
                                [("", [(name, seconds, name == "tidemark") for name, (seconds, _) in figures["starts"].items()])])}
    size = figures["stripped_mib"]
    summary = [("cold start of the shop until it is ready", *verdict(f"{ours[0]:.2f} s", "0.2 s", ours[0] < 0.2)),
               ("idle RSS of the shop", *verdict(f"{ours[1]:.0f} MiB", "60 MB", ours[1] * 1.048576 < 60)),
               ("size of the stripped `shop`", *verdict(f"{size:.1f} MiB", "25 MB", size * 1.048576 < 25))]
    return table(["shop", "until it answers, s", "idle RSS, MiB"], lines), chart, summary


ROWS = {"shop": shop, "publish": publish, "handle": handle, "documents": documents, "entries": entries, "start": start}


def replace(page, marker, text):
    begin, end = f"<!-- {marker}: begin -->", f"<!-- {marker}: end -->"
    before, rest = page.split(begin)
    return f"{before}{begin}\n{text}\n{end}{rest.split(end)[1]}"


def write():
    page, summary, results = PAGE.read_text(), [], load()
    for row, section in ROWS.items():
        if row not in results:
            continue
        text, plots, lines = section(results[row]["figures"])
        summary += lines
        pictures = "\n\n".join(f"![{name}](benchmarks/{name}.svg)" for name in plots)
        for name, picture in plots.items():
            (FOLDER / f"{name}.svg").write_text(picture)
        page = replace(page, row, f"Measured on {results[row]['date']}: {results[row]['machine']}.\n\n{text}\n\n{pictures}")
    page = replace(page, "summary", table(["measure", "reached", "goal", "met"], summary))
    PAGE.write_text(page)


if __name__ == "__main__":
    write()
