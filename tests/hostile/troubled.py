"""The service of troubled.cpp as a process."""
import collections
import pathlib
import time

from ports import free_ports
from program import Client, Program


class Troubled(Program):
    def __init__(self, program, folder, store_options=""):
        port = free_ports(1)[0]
        store = f"embedded:{pathlib.Path(folder, 'data')}?{store_options}"
        super().__init__([program, "--store", store, "--port", port, "--threads", 2], folder, [port])
        self.port = port

    def client(self):
        return Client(self.port)

    def done(self):
        """How often the work of each key was done."""
        return collections.Counter({item["id"]: item["times"] for item in self.client().all("/done")})

    def dead_letters(self):
        status, _, page = self.client().request("GET", "/admin/v1/dead-letters/job/troubled?limit=500")
        assert status == 200, f"the dead letters: {status} {page}"
        return [(letter["fields"]["id"], letter["attempts"], letter["error"]) for letter in page["items"]]


def job(id, key, kind="work", padding=""):
    return {"id": id, "key": key, "kind": kind, "padding": padding}


def wait_until(condition, what, seconds=120):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"not within {seconds} s: {what}"
        time.sleep(0.05)
