"""The engine by itself beside redis-server and beside a bare log: publishing, handling, documents, long topics."""
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/harness"))

from redis_servers import Server

EVENTS_AT_ONCE = 100
FIELDS = "'order_id', 'order-' .. (1000000000 + i), 'product_id', '01K9ZC3NDEKTSV4RRFFQ69G5FA', 'note', '" + "x" * 30 + "'"
FILL = f"for i = tonumber(ARGV[1]), tonumber(ARGV[2]) do redis.call('XADD', 'orders', '*', {FIELDS}) end"
FILL_STEP = 20_000


def engine(program, measure, amount):
    """{measure: value} of one run of bench_engine."""
    run = subprocess.run([program, measure, str(amount)], capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"bench_engine {measure} failed:\n{run.stdout}{run.stderr}")
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    return {line["measure"]: line["value"] for line in lines}


class Connection:
    """A plain one: what a client library costs is not what is measured."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call(self, *words, lines=1):
        """Sends a command and returns the reply, which has so many lines."""
        command = b"*%d\r\n" % len(words)
        for word in words:
            word = str(word).encode()
            command += b"$%d\r\n%s\r\n" % (len(word), word)
        self.socket.sendall(command)
        reply, seen = [], 0
        while seen < lines:
            part = self.socket.recv(1 << 18)
            if not part:
                raise ConnectionError("the server closed the connection")
            reply.append(part)
            seen += part.count(b"\n")
            if reply[0][:1] == b"-":
                raise RuntimeError(reply[0].decode())
        return b"".join(reply)


def fill(connection, count):
    for first in range(1, count + 1, FILL_STEP):
        connection.call("EVAL", FILL, 0, first, min(first + FILL_STEP - 1, count))


def redis_handled_per_second(events):
    """XREADGROUP COUNT 100, then XACK of these, by a client that waits for each reply; `appendfsync always`."""
    # *1 *2 $6 orders *100, and of each entry: *2, its id in two lines, *6, six words in two lines each.
    lines = 5 + EVENTS_AT_ONCE * 16
    with tempfile.TemporaryDirectory(prefix="tidemark-bench-") as folder, Server(folder, "always") as server:
        connection = Connection(server.port)
        fill(connection, events)
        connection.call("XGROUP", "CREATE", "orders", "shop", "0")
        began = time.monotonic()
        for _ in range(events // EVENTS_AT_ONCE):
            reply = connection.call("XREADGROUP", "GROUP", "shop", "one", "COUNT", EVENTS_AT_ONCE, "STREAMS", "orders", ">",
                                    lines=lines)
            ids = [found.decode() for found in re.findall(rb"\r\n(\d+-\d+)\r\n", reply)]
            assert len(ids) == EVENTS_AT_ONCE, reply[:200]
            connection.call("XACK", "orders", "shop", *ids)
        return events / (time.monotonic() - began)


def redis_documents(requests):
    """GET, SET and MGET of 50 over 50 connections by redis-benchmark; `appendfsync always`."""
    with tempfile.TemporaryDirectory(prefix="tidemark-bench-") as folder, Server(folder, "always") as server:
        def rate(count, *command):
            run = subprocess.run(["redis-benchmark", "-p", str(server.port), "-c", "50", "-n", str(count), "-r", "10000", "-d", "200",
                                  "--csv", *command], check=True, capture_output=True, text=True)
            return float(run.stdout.splitlines()[-1].split('","')[1].strip('"'))
        fifty = [f"key:{number:012}" for number in range(50)]
        return {"set": rate(requests, "-t", "set"), "get": rate(requests, "-t", "get"),
                "mget50": rate(requests // 5, "MGET", *fifty)}


def resident_mib(pid):
    return int(re.search(r"VmRSS:\s*(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def redis_entries(count):
    """What as many entries cost redis-server in memory, and how long it takes to start with them."""
    with tempfile.TemporaryDirectory(prefix="tidemark-bench-") as folder:
        server = Server(folder, "everysec")
        server.start()
        fill(Connection(server.port), count)
        resident = resident_mib(server.process.pid)
        server.process.terminate()
        server.process.wait()
        began = time.monotonic()
        server.start()
        started = time.monotonic() - began
        server.process.kill()
        server.process.wait()
        return {"resident_mib": resident, "restart_seconds": started}
