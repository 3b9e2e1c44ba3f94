#!/usr/bin/env python3
"""Cards and roles are printed as they are made, and a terminal that takes nothing more holds up nobody else.

usage: printing_test.py SHOP
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "harness"))
from ports import free_ports
from program import Client

SERVICES = ("web", "accounts", "id-cards", "roles", "inventory", "payments")
SECONDS_MAX = 60
USERS = 2000  # their cards are more than a pipe holds, and fewer than may wait for the printer


def start(program, folder, ports):
    command = [program, "--store", f"embedded:{folder}/data", "--drain-seconds", "1"]
    for service, port in ports.items():
        command += [f"--{service}-port", str(port)]
    with open(f"{folder}/log", "wb") as log:
        shop = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
    until = time.monotonic() + SECONDS_MAX
    while b"payments" not in pathlib.Path(folder, "log").read_bytes():
        assert time.monotonic() < until, "it does not start"
        time.sleep(0.05)
    return shop


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    folder = tempfile.mkdtemp(prefix="tidemark-printing-")
    ports = dict(zip(SERVICES, free_ports(len(SERVICES))))
    shop = start(program, folder, ports)
    try:
        accounts, inventory = Client(ports["accounts"]), Client(ports["inventory"])
        person = {"name": "Ann \x1b[2J", "phone": "555", "job": "manager", "address": "1 Road"}
        status, _, user = accounts.request("POST", "/add-user", person)
        assert status == 201, user
        printed = b""
        while b"is now admin" not in printed or b"| manager" not in printed:  # the card and the role, from two services
            printed += shop.stdout.readline()
        assert b"Ann ?[2J" in printed and b"\x1b" not in printed, printed
        assert shop.poll() is None

        # From here on nobody reads what is printed.
        for number in range(USERS):
            status, _, answer = accounts.request("POST", "/add-user", {**person, "name": f"Person {number}"})
            assert status == 201, f"after {number} users: {answer}"
        assert inventory.request("GET", "/products")[0] == 200
        assert Client(ports["id-cards"]).request("GET", "/health/live")[0] == 200
        shop.terminate()
        ended = shop.wait(SECONDS_MAX)
        words = pathlib.Path(folder, "log").read_text()
        assert ended == 1 and "given up" in words, f"it ended with {ended}:\n{words[-2000:]}"
    finally:
        shop.kill()
        shop.wait()
        shop.stdout.close()
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
