"""How long the shop takes to start, what memory it rests with and how large its program is, beside its peers."""
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/harness"))

from engine_rows import resident_mib
from ports import free_ports
from redis_servers import Server
from shop import Shop

LOOK_EVERY_SECONDS = 0.002
START_SECONDS_MAX = 60
REST_SECONDS = 3


def answers(port, path, status):
    """Whether GET gets this status; any at all when None is asked for."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            reply = connection.recv(64).split()
            return len(reply) > 1 and (status is None or reply[1] == status)
    except OSError:
        return False


def wait_until_answering(ports, path, status=None):
    until = time.monotonic() + START_SECONDS_MAX
    for port in ports:
        while not answers(port, path, status):
            if time.monotonic() > until:
                sys.exit(f"nothing answers at port {port}")
            time.sleep(LOOK_EVERY_SECONDS)


def shop(program):
    """Seconds from the start of the process, in an empty folder, until all five services are ready; MiB at rest."""
    with tempfile.TemporaryDirectory(prefix="tidemark-bench-") as folder:
        process = Shop(program, folder)
        began = time.monotonic()
        process.launch()
        try:
            wait_until_answering(process.ports, "/health/ready", b"200")
            seconds = time.monotonic() - began
            time.sleep(REST_SECONDS)
            return seconds, resident_mib(process.process.pid)
        finally:
            process.process.kill()
            process.process.wait()


def peer(folder, commands):
    """The same of a peer: its processes and its redis-server, which is started first and counts, too."""
    with tempfile.TemporaryDirectory(prefix="tidemark-bench-") as work:
        inventory, payments = free_ports(2)
        began = time.monotonic()
        with Server(work, "always") as server:
            environment = {**os.environ, "REDIS_PORT": str(server.port), "NODE_ENV": "production",
                           "INVENTORY_URL": f"http://127.0.0.1:{inventory}"}
            children = [subprocess.Popen([word.format(inventory=inventory, payments=payments) for word in command],
                                         cwd=ROOT / "bench/peers" / folder, env={**environment, "PORT": str(port)},
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                        for command, port in zip(commands, (inventory, payments, 0))]
            try:
                wait_until_answering([inventory, payments], "/orders/none")
                seconds = time.monotonic() - began
                time.sleep(REST_SECONDS)
                return seconds, sum(resident_mib(child.pid) for child in [*children, server.process])
            finally:
                for child in children:
                    child.kill()
                    child.wait()


UVICORN = ["/usr/bin/python3", "-B", "-m", "uvicorn", "{module}:app", "--log-level", "warning", "--port"]


def uvicorn(module, port):
    return [word.replace("{module}", module) for word in UVICORN] + [port]


PEERS = {
    "node-shop": lambda: peer("node-shop", [["node", "inventory.js"], ["node", "payments.js"]]),
    "fastapi-shop": lambda: peer("fastapi-shop", [uvicorn("inventory", "{inventory}"), uvicorn("payments", "{payments}"),
                                                  ["/usr/bin/python3", "-B", "stock.py"]]),
}


def medians(measure, repeats):
    """(seconds, MiB)"""
    return [statistics.median(figures) for figures in zip(*(measure() for _ in range(repeats)))]


def stripped_mib(program):
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder, "stripped")
        subprocess.run(["strip", "-o", copy, program], check=True)
        return copy.stat().st_size / (1 << 20)
