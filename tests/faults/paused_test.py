#!/usr/bin/env python3
"""Pauses a group whose service has two processes, kills both, moves its cursor and resumes it: the books stay right.

usage: paused_test.py PROGRAMS server|cluster     (PROGRAMS: the folder of the services' executables)
"""
import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "harness")]
from fleet import Fleet
from program import Client
from redis_servers import Cluster, Server, wait_for

GROUP = "/admin/v1/groups/order_completed/inventory"
STOCK, ORDERS = 100, 6


class Scene:
    def __init__(self, fleet, is_cluster):
        self.fleet = fleet
        self.is_cluster = is_cluster
        self.inventory = fleet.processes["inventory"]
        self.product = self.post("inventory", "/products", {"name": "Lamp", "price": 12.5, "quantity_available": STOCK})["id"]
        self.orders = []

    def post(self, service, path, body):
        status, _, answer = self.fleet.client(service).request("POST", path, body)
        assert status == 201, f"POST {path}: {status} {answer}"
        return answer

    def order(self):
        ordered = lambda: self.post("payments", "/orders", {"product_id": self.product, "quantity": 1})["id"]
        for _ in range(ORDERS):
            self.orders.append(wait_for(ordered, "an order"))

    def wait_for_orders(self, status):
        count = lambda: sum(order["status"] == status for order in self.fleet.client("payments").all("/orders"))
        expected = len(self.orders) if status == "fulfilled" else ORDERS
        wait_for(lambda: count() == expected, f"{expected} orders are {status}")

    def act(self, process, what, body=None):
        status, _, answer = Client(process.ports[0]).request("POST", f"{GROUP}/{what}", body or {})
        return status, answer

    def group(self, process):
        status, _, answer = Client(process.ports[0]).request("GET", GROUP)
        assert status == 200, f"GET {GROUP}: {status} {answer}"
        return answer

    def expect_stock(self):
        left = lambda: self.fleet.client("inventory").request("GET", f"/products/{self.product}")[2]["quantity_available"]
        assert left() == STOCK - len(self.orders), f"{left()} of {STOCK} are left after {len(self.orders)} orders"

    def run(self):
        first, second = self.inventory
        self.order()
        self.wait_for_orders("fulfilled")

        status, state = self.act(first, "pause", {"reason": "a test"})
        assert status == 200 and state["paused"]["reason"] == "a test", f"pause: {status} {state}"
        # At rest in both processes, whichever has the partition.
        wait_for(lambda: self.act(second, "seek", {"to": "end"})[0] == 200, "the group is at rest")
        self.order()
        self.wait_for_orders("completed")
        wait_for(lambda: self.group(second)["lag"] == ORDERS, "all orders wait")
        for process in self.inventory:
            process.kill()
            process.start()
            assert self.group(process)["paused"]["reason"] == "a test", "the pause is forgotten"
        wait_for(lambda: self.group(first)["lag"] == ORDERS, "all orders wait still")
        self.expect_resumed(second)

        wait_for(lambda: self.act(second, "pause")[0] == 200, "it is paused again")
        sought = lambda: self.act(first, "seek", {"to": "start"})
        wait_for(lambda: "in flight" not in str(sought()[1]), "the group is at rest again")
        status, answer = sought()
        if self.is_cluster:
            assert status == 409 and "forward only" in str(answer), f"seek: {status} {answer}"
        else:
            assert status == 200, f"seek: {status} {answer}"
            wait_for(lambda: self.group(second)["lag"] == len(self.orders), "all events are to be handled again")
        self.order()
        self.expect_resumed(first)

    def expect_resumed(self, process):
        status, state = self.act(process, "resume")
        assert status == 200 and not state.get("paused"), f"resume: {status} {state}"
        self.wait_for_orders("fulfilled")
        wait_for(lambda: (state := self.group(process))["lag"] + state["pending"] == 0, "everything is handled")
        self.expect_stock()


def main():
    programs, store = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    folder = tempfile.mkdtemp(prefix="tidemark-paused-")
    redis = pathlib.Path(folder, "redis")
    with Cluster(redis) if store == "cluster" else Server(redis) as server:
        with Fleet(programs, folder, server.url) as fleet:
            try:
                Scene(fleet, store == "cluster").run()
                assert not (codes := fleet.stop()), f"SIGTERM ended {codes}"
            except AssertionError as error:
                sys.exit(f"{error}\n{fleet.last_words()}\nthe logs are in {folder}")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
