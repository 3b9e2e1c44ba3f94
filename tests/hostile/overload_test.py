#!/usr/bin/env python3
"""Producers give a service ten times what its handler can do, for a while.

What is too much must be refused with 429 or 503 and a Retry-After, memory must stay under a bound that does not depend
on how long it lasts, and all that was accepted must be worked off afterwards, once.
usage: overload_test.py PROGRAM [--seconds N]
"""
import argparse
import collections
import pathlib
import shutil
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "harness")]
from memory import resident_bytes
from troubled import Troubled, job, wait_until

KEYS = 8  # each does one job after the other, of 4 ms at least: 2,000 jobs a second in all, at most
BATCH = 100
PRODUCERS = 8
BACKLOG = 5_000  # behind this the endpoint is refused
PADDING = "x" * 1000
MEMORY_BYTES_MAX = 300 << 20


class Producer(threading.Thread):
    """Posts batches as fast as they are answered, and does not heed Retry-After."""

    def __init__(self, service, number):
        super().__init__(daemon=True)
        self.client, self.number = service.client(), number
        self.stopping = threading.Event()
        self.accepted, self.statuses, self.failure = collections.Counter(), collections.Counter(), None

    def run(self):
        try:
            for batch in range(1 << 30):
                if self.stopping.is_set():
                    return
                keys = [f"key-{at % KEYS}" for at in range(BATCH)]
                jobs = [job(f"{self.number}-{batch}-{at}", key, padding=PADDING) for at, key in enumerate(keys)]
                status, headers, body = self.client.request("POST", "/jobs", {"jobs": jobs})
                assert status in (201, 204, 429, 503), f"{status} {body}"
                self.statuses[status] += 1
                if status in (201, 204):
                    self.accepted.update(keys)
                else:
                    assert headers["Retry-After"], f"{status} without Retry-After"
        except Exception as error:  # Reported by the test; a thread's own report would go unnoticed.
            self.failure = error


def overload(service, seconds):
    """Returns what was accepted, the answers by their status, and the most memory."""
    producers = [Producer(service, number) for number in range(PRODUCERS)]
    for producer in producers:
        producer.start()
    until, most = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        most = max(most, resident_bytes(service.process.pid))
        time.sleep(0.1)
    for producer in producers:
        producer.stopping.set()
    accepted, statuses = collections.Counter(), collections.Counter()
    for producer in producers:
        producer.join(120)
        if producer.failure or producer.is_alive():
            raise AssertionError(f"a producer: {producer.failure or 'is not answered'}")
        accepted += producer.accepted
        statuses += producer.statuses
    return accepted, statuses, most


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=15)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="tidemark-overload-")
    with Troubled(options.program.resolve(), folder, f"durability=always&backlog={BACKLOG}") as service:
        accepted, statuses, most = overload(service, options.seconds)
        behind = accepted.total() - service.done().total()
        began = time.monotonic()
        wait_until(lambda: service.done().total() >= accepted.total(), "all that was accepted is done", 300)
        drained = time.monotonic() - began
        done, letters = service.done(), service.dead_letters()
        if code := service.stop():
            raise AssertionError(f"SIGTERM ended it with {code}")
    refused = statuses[429] + statuses[503]
    print(f"overload: {options.seconds} s, {accepted.total()} jobs accepted, {refused * BATCH} refused; {behind} were left, "
          f"worked off in {drained:.1f} s; memory at most {most >> 20} MiB", flush=True)
    assert done == accepted, f"accepted {accepted}, but done {done}"
    assert not letters, f"dead letters: {letters[:5]}"
    assert refused, "nothing was refused, so nothing was tested"
    assert most < MEMORY_BYTES_MAX, f"{most >> 20} MiB of memory, over {MEMORY_BYTES_MAX >> 20}"
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
