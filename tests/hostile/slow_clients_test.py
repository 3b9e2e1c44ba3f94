#!/usr/bin/env python3
"""Clients that keep the shop waiting, all at once, while others are served as if there were none.

Headers and bodies that come byte by byte, bodies that never end, readers who never read, and thousands who say nothing:
each is cut off by its deadline (10 s for a header, 20 s for a body that comes too slowly, 30 s for a reader who takes
nothing) or is waited for at no cost; all others are served, and the shop's memory stays under a bound.
usage: slow_clients_test.py PROGRAM
"""
import pathlib
import resource
import shutil
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "harness")]
from memory import resident_bytes
from raw import Raw, request_bytes
from shop import Shop

IDLE_MAX = 10_000
# Of the shop and of this process: for files, and for the connections of all others.
DESCRIPTORS_KEPT = 2_000
# 10,000 connections and what the slow ones may hold: 64 MiB for each service that is attacked, two of them.
MEMORY_BYTES_MAX = 400 << 20
CUT_OFF_SECONDS_MAX = 60
# After 75 s a connection that says nothing is closed, as it should be.
IDLE_SECONDS_SAFE = 60
ORDERED = {"name": "chair", "price": 10, "quantity_available": 1000}


class Slow(threading.Thread):
    """Sends `start`, then a byte of `rest` each tenth of a second, until it is cut off."""

    def __init__(self, port, what, start, rest):
        super().__init__(name=what, daemon=True)
        self.port, self.start_bytes, self.rest = port, start, rest
        self.seconds, self.status, self.failure = None, None, None

    def run(self):
        try:
            began = time.monotonic()
            with Raw(self.port, seconds=0.1) as raw:
                raw.send(self.start_bytes)
                while not raw.closed and time.monotonic() - began < CUT_OFF_SECONDS_MAX:
                    raw.send(self.rest)
                    try:
                        raw._more()
                    except AssertionError:
                        pass  # nothing yet
                assert raw.closed, f"not cut off within {CUT_OFF_SECONDS_MAX} s"
                self.seconds = time.monotonic() - began
                self.status = int(raw.buffer.split(b" ")[1]) if raw.buffer else None
        except Exception as error:  # Reported by the test; a thread's own report would go unnoticed.
            self.failure = error


def slow_ones(shop):
    inventory, payments = shop.service_ports["inventory"], shop.service_ports["payments"]
    post = request_bytes("POST", "/products", [("Content-Type", "application/json"), ("Content-Length", "100000")])
    chunks = request_bytes("POST", "/orders", [("Content-Type", "application/json"), ("Transfer-Encoding", "chunked")])
    for port in inventory, payments:
        yield Slow(port, "a header, byte by byte", b"GET /health/ready HTTP/1.1\r\nHost: x\r\nA: ", b"a")
        yield Slow(port, "a request line, byte by byte", b"G", b"E")
        yield Slow(port, "lines without an end", b"GET / HTTP/1.1\r\n", b"A: b\r\n")
        yield Slow(port, "a body, byte by byte", post, b"a")
        yield Slow(port, "chunks of one byte", chunks, b"1\r\na\r\n")
        yield Slow(port, "the line before a chunk", chunks + b"1", b"")
        yield Slow(port, "a trailer, byte by byte", chunks + b"0\r\n", b"A")


def descriptors(wanted):
    """Raises this process's limit, and so that of the shop, which inherits it. Returns what it is now."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for limit in max(hard, wanted), hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
            return limit
        except (ValueError, OSError):  # only root may have more than the hard limit
            pass
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def connect_idle(port, count):
    """Open connections; half of them have asked for something and been answered."""
    idle = []
    for number in range(count):
        idle.append(Raw(port))
        if number % 2:
            idle[-1].send(request_bytes("GET", "/health/live"))
            assert idle[-1].answer()[0] == 200, f"connection {number} is not served"
    return idle


def readers_who_never_read(shop):
    """Event streams, and lists asked for again and again, whose answers nobody takes."""
    readers = []
    for number in range(200):
        reader = Raw(shop.service_ports["web"], receive_bytes=2048)
        reader.send(request_bytes("GET", "/api/events", [("Last-Event-ID", "order_placed=0-0")]))
        readers.append(reader)
        reader = Raw(shop.service_ports["inventory"], receive_bytes=2048)
        reader.send(request_bytes("GET", "/products?limit=1000") * 16)
        readers.append(reader)
    return readers


class Customer(threading.Thread):
    """Does ordinary things all the while, and notes the slowest answer."""

    def __init__(self, shop, product):
        super().__init__(daemon=True)
        self.shop, self.product = shop, product
        self.stopping, self.slowest, self.count, self.failure = threading.Event(), 0, 0, None

    def run(self):
        try:
            payments, inventory = self.shop.client("payments"), self.shop.client("inventory")
            while not self.stopping.is_set():
                self.expect((201,), payments, "POST", "/orders", {"product_id": self.product, "quantity": 1})
                # The list is what those who never read ask for: while too much of it waits, there may be a "not now".
                self.expect((200, 503), inventory, "GET", f"/products/{self.product}")
                time.sleep(0.002)
        except Exception as error:
            self.failure = error

    def expect(self, statuses, client, *request):
        began = time.monotonic()
        status, headers, body = client.request(*request)
        assert status in statuses, f"{request}: {status} {body}"
        assert status != 503 or headers["Retry-After"], "503 without Retry-After"
        self.slowest, self.count = max(self.slowest, time.monotonic() - began), self.count + 1


def fill(shop):
    """Enough of a product list that nobody can be handed it in one packet. Returns a product that can be ordered."""
    inventory, payments = shop.client("inventory"), shop.client("payments")
    for number in range(300):
        status, _, product = inventory.request("POST", "/products", {**ORDERED, "name": f"{number} " + "x" * 190})
        assert status == 201, f"a product: {status} {product}"
    until = time.monotonic() + 60
    while payments.request("POST", "/orders", {"product_id": product["id"], "quantity": 1})[0] != 201:
        assert time.monotonic() < until, "payments does not hear of the products"
        time.sleep(0.05)
    return product["id"]


def attack(shop, idle_count, wrong):
    product = fill(shop)
    before = resident_bytes(shop.process.pid)
    customer = Customer(shop, product)
    slow = list(slow_ones(shop))
    for thread in (*slow, customer):
        thread.start()
    readers = readers_who_never_read(shop)
    began = time.monotonic()
    idle = connect_idle(shop.service_ports["accounts"], idle_count)
    connected, most = time.monotonic() - began, 0
    for thread in slow:
        while thread.is_alive():
            most = max(most, resident_bytes(shop.process.pid))
            thread.join(0.2)
    wrong += [f"{one.name}: {one.failure}" for one in slow if one.failure]
    wrong += [f"{one.name}: cut off with {one.status}, not with 408" for one in slow
              if not one.failure and one.status not in (408, 400, 431, None)]
    customer.stopping.set()
    customer.join(60)
    if customer.failure or customer.is_alive() or not customer.count:
        wrong.append(f"an ordinary customer: {customer.failure or 'gets no answer'} after {customer.count} answers")
    fresh = [one for one in idle if time.monotonic() - one.opened < IDLE_SECONDS_SAFE]
    for number in range(0, len(fresh), 500):
        fresh[number].send(request_bytes("GET", "/users?limit=1"))
        if (answer := fresh[number].answer()) is None or answer[0] != 200:
            wrong.append(f"idle connection {number} is answered with {answer}")
    if most > MEMORY_BYTES_MAX:
        wrong.append(f"{most >> 20} MiB of memory, over {MEMORY_BYTES_MAX >> 20}")
    print(f"slow clients: {len(idle)} idle ones (in {connected:.1f} s), {len(readers)} who never read; "
          f"{len(slow)} slow ones cut off after {min(one.seconds or 0 for one in slow):.0f} to "
          f"{max(one.seconds or 0 for one in slow):.0f} s; meanwhile {customer.count} ordinary answers, the slowest in "
          f"{customer.slowest * 1000:.0f} ms; memory {before >> 20} to {most >> 20} MiB", flush=True)
    return [*idle, *readers]


def wait_until_served(shop):
    """Once it has noticed that all those have gone."""
    until = time.monotonic() + 60
    while shop.client("accounts").request("GET", "/users")[0] != 200:
        assert time.monotonic() < until, "it does not serve on"
        time.sleep(0.05)


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    folder = tempfile.mkdtemp(prefix="tidemark-slow-clients-")
    wrong = []
    idle_count = min(IDLE_MAX, descriptors(IDLE_MAX + DESCRIPTORS_KEPT) - DESCRIPTORS_KEPT)
    if idle_count < IDLE_MAX:
        print(f"slow clients: no more than {idle_count} idle connections, for want of descriptors", flush=True)
    with Shop(program, folder, store=f"embedded:{folder}/data?durability=interval=20") as shop:
        connections = attack(shop, idle_count, wrong)
        for connection in connections:
            connection.socket.close()
        wait_until_served(shop)
        if code := shop.stop():
            wrong.append(f"SIGTERM ended it with {code}")
        if wrong:
            print(shop.last_words())
    if wrong:
        sys.exit("\n".join(wrong[:40]))
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
