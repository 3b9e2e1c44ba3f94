#!/usr/bin/env python3
"""The browser's tour of the shop, on Redis instead of the embedded store.

usage: on_redis.py PROGRAM MODE     (MODE: one of MODES below; PROGRAM: the shop)
"""
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "harness"))
from redis_servers import Cluster, Server, Watched

MODES = {
    "everysec": lambda folder: Server(folder, "everysec"),
    "always": lambda folder: Server(folder, "always", password="secret"),
    "sentinel": Watched,
    "cluster": Cluster,
}
SECONDS_MAX = 300

program, mode = sys.argv[1:]
with tempfile.TemporaryDirectory(prefix="tidemark-e2e-") as folder, MODES[mode](pathlib.Path(folder, "redis")) as servers:
    tour = subprocess.run(["node", HERE / "shop_test.mjs"], timeout=SECONDS_MAX,
                          env={**os.environ, "SHOP": program, "SHOP_STORE": servers.url})
sys.exit(tour.returncode)
