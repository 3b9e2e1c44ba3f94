#!/usr/bin/env python3
"""Runs docs/scaling.md, command by command, while more people than it names use the shop; then checks the shop's books.

usage: scaling_test.py PROGRAMS [--seed N]     (PROGRAMS: the folder of the services' executables)
"""
import argparse
import contextlib
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent / "crash"), str(HERE.parent / "harness")]
import page
from books import CHECKS, wait_until_quiet
from fleet import FleetClient
from load import Book, OrderEntry, ProductEntry, dismiss, everybody
from ports import free_ports
from redis_servers import wait_for
from shop import Shop

PORTS = {"accounts": 5000, "id-cards": 5001, "roles": 5002, "inventory": 8000, "payments": 8001}
SECOND = 100  # above the first process's port
REDIS_PORTS = range(7001, 7007)
PAGE_ORDERS = 20 + 20 + 100 + 100
PAGE_STOCK = 500


class Walk:
    """The page's commands with ports of their own, in a folder that looks like the root of the sources."""

    def __init__(self, programs, folder):
        self.folder = pathlib.Path(folder)
        (self.folder / "build/release").mkdir(parents=True)
        (self.folder / "build/release/bin").symlink_to(programs)
        (self.folder / "deploy").symlink_to(ROOT / "deploy")
        redis = page.cluster_ports(len(REDIS_PORTS))
        self.ports = dict(zip(map(str, REDIS_PORTS), map(str, redis)))
        for port in PORTS.values():
            first, second = free_ports(2)
            self.ports |= {str(port): str(first), str(port + SECOND): str(second)}
        self.charges = self.folder / "charges"
        self.environment = {"CLUSTER_PORT": str(redis[0]), "SHOP_CHARGES": str(self.charges)}
        self.shell = page.Shell(folder, self.environment)

    def run(self, block):
        commands = re.sub("|".join(rf"\b{port}\b" for port in self.ports), lambda found: self.ports[found[0]], block)
        commands = re.sub(r"^make build$", "true", commands, flags=re.M)
        print(f"$ {commands.strip()}", flush=True)
        printed = self.shell.run(commands)
        print(printed, flush=True)
        return printed

    def end(self):
        """Whatever the page's commands have started and not stopped."""
        self.shell.end()
        for file in (self.folder / "data/logs").glob("*.pid"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(file.read_text()), signal.SIGKILL)
        subprocess.run([ROOT / "deploy/cluster", "stop"], env={**os.environ, **self.environment}, check=False)

    # What the people and the books need of a shop.

    def client(self, service):
        ports = [int(self.ports[str(PORTS[service] + number)]) for number in (0, SECOND)]
        return FleetClient([Port(port) for port in ports])

    def expect_running(self):
        assert self.shell.process.poll() is None


class Port:
    def __init__(self, port):
        self.ports = [port]


def play_first_step(block, programs, folder):
    """`make run` is a build and the shop on an embedded store: as `scripts/run` starts it."""
    assert block.strip() == "make run", block
    os.mkdir(folder)
    with Shop(programs / "shop", folder) as shop:
        payments, lamp = shop.client("payments"), {"name": "lamp", "price": 19.9, "quantity_available": 5}
        product = shop.client("inventory").request("POST", "/products", lamp)[2]

        def placed():
            status, _, order = payments.request("POST", "/orders", {"product_id": product["id"], "quantity": 1})
            return order if status == 201 else None
        id = wait_for(placed, "payments knows the product")["id"]
        wait_for(lambda: payments.request("GET", f"/orders/{id}")[2]["status"] == "fulfilled", "the order is fulfilled")
        assert shop.stop() == 0


def enter_orders_of_the_page(walk, book, product):
    """What its commands ordered was acknowledged to them, one by one."""
    book.products[product] = ProductEntry(PAGE_STOCK)
    orders = [order for order in walk.client("payments").all("/orders") if order["product_id"] == product]
    book.orders += [OrderEntry(order["id"], product, 1, "") for order in orders]
    return [] if len(orders) == PAGE_ORDERS else [f"the page placed {PAGE_ORDERS} orders, and {len(orders)} are there"]


def play(walk, programs, seed):
    first, *rest = page.blocks(ROOT / "docs/scaling.md")
    *before, look, more, last = rest
    assert "sort | uniq -c" in look and "XINFO" in more and "deploy/cluster remove" in last, "the page has other steps"
    play_first_step(first, programs, walk.folder / "first")
    book, wrong = Book(), []
    people = everybody(walk, book, seed)
    try:
        for block in before:
            walk.run(block)
            if block.startswith("product="):
                product = walk.shell.run("echo $product").strip()
                for person in people:
                    person.start()
    finally:
        wrong += dismiss(people)
    wrong += wait_until_quiet(walk)
    wrong += enter_orders_of_the_page(walk, book, product)
    wrong += [sentence for check in CHECKS for sentence in check(walk, book)]
    walk.run(look)
    walk.run(more)
    walk.run(last)
    print(f"scaling: {len(book.orders)} orders, {book.repeated} sent again, {book.lost} answers lost", flush=True)
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    print(f"scaling: --seed {options.seed}", flush=True)
    random.seed(options.seed)
    folder = tempfile.mkdtemp(prefix="tidemark-scaling-")
    walk = Walk(options.programs.resolve(), folder)
    try:
        wrong = play(walk, options.programs.resolve(), options.seed)
    except AssertionError as error:
        wrong = [str(error)]
    finally:
        walk.end()
    if wrong:
        print(*wrong[:40], f"scaling: {len(wrong)} things are wrong; the logs are in {folder}", sep="\n")
        sys.exit(1)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
