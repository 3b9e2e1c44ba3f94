#!/usr/bin/env python3
"""Runs every command on the services' pages against a running shop.

usage: service_pages_test.py SHOP
Ports become those of the shop under test; $id and $etag are taken from the answers before. A command that is refused is
given some seconds: what it asks for may be on its way.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "harness"))
from shop import SERVICES, Shop

PORTS = {"accounts": 5000, "id-cards": 5001, "roles": 5002, "inventory": 8000, "payments": 8001}
PATIENCE_SECONDS = 20


def commands(page):
    for block in re.findall(r"```sh\n(.*?)```", page.read_text(), re.S):
        yield from block.strip().splitlines()


def run(command, shop, values):
    for service, port in PORTS.items():
        command = command.replace(f"127.0.0.1:{port}/", f"127.0.0.1:{shop.service_ports[service]}/")
    command = re.sub(r"^curl ", "curl -sS --fail-with-body ", command)
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        done = subprocess.run(["bash", "-c", command], env={"PATH": "/usr/bin:/bin", **values}, capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout
        if time.monotonic() > until:
            sys.exit(f"refused: {command}\n{done.stdout}{done.stderr}")
        time.sleep(0.1)


def learn(answer, values):
    """Takes the id and the entity tag of what was answered."""
    if tag := re.search(r"^etag: (.*)$", answer, re.M | re.I):
        values["etag"] = tag[1].strip()
    try:
        document = json.loads(answer)
    except ValueError:
        return
    if "id" in document:
        values["id"] = document["id"]


def main():
    count = 0
    with tempfile.TemporaryDirectory(prefix="tidemark-pages-") as folder, Shop(pathlib.Path(sys.argv[1]).resolve(), folder) as shop:
        for service in SERVICES:
            page, values = ROOT / "services" / service / "README.md", {}
            for command in commands(page):
                assert command.startswith("curl "), f"{page}: {command}"
                learn(run(command, shop, values), values)
                count += 1
    assert count >= 2 * len(SERVICES), f"only {count} commands were found"


if __name__ == "__main__":
    main()
