#!/usr/bin/env python3
"""Empties the server below running services. What was there is gone; everything that comes after it must work.

usage: emptied_test.py PROGRAMS PARTITIONS     (PROGRAMS: the folder of the services' executables)
"""
import pathlib
import shutil
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "harness")]
from fleet import Fleet
from redis_servers import Server, wait_for


def post(fleet, service, path, body=None):
    status, _, answer = fleet.client(service).request("POST", path, body)
    assert status == 201, f"POST {path}: {status} {answer}"
    return answer


def one_of_everything(fleet):
    """A product, an order for it, and a user, through all services."""
    product = post(fleet, "inventory", "/products", {"name": "Lamp", "price": 12.5, "quantity_available": 5})
    order = wait_for(lambda: post(fleet, "payments", "/orders", {"product_id": product["id"], "quantity": 2}), "the order")
    user = post(fleet, "accounts", "/add-user")
    wait_for(lambda: fleet.client("payments").request("GET", f"/orders/{order['id']}")[2]["status"] == "fulfilled",
             "the order is fulfilled")
    for service, path in ("id-cards", "/cards"), ("roles", "/roles"):
        wait_for(lambda: fleet.client(service).request("GET", f"{path}/{user['id']}")[0] == 200, f"the user's {path}")


def main():
    programs, partitions = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    folder = tempfile.mkdtemp(prefix="tidemark-emptied-")
    with Server(pathlib.Path(folder, "redis"), "never") as server:
        with Fleet(programs, folder, server.url, options=["--partitions", partitions]) as fleet:
            try:
                one_of_everything(fleet)
                for empty in lambda: server.cli("FLUSHALL"), lambda: (server.kill(), server.start()):
                    empty()
                    began = time.monotonic()
                    wait_for(lambda: one_of_everything(fleet) or True, "everything works again")
                    print(f"it took {time.monotonic() - began:.1f} s")
                    lost = [process for process in fleet.all() if "lost what was declared" in process.log.read_text()]
                    assert lost, "no process says that the server has lost what was declared"
                assert not (codes := fleet.stop()), f"SIGTERM ended {codes}"
            except AssertionError as error:
                sys.exit(f"{error}\n{fleet.last_words()}\nthe logs are in {folder}")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
