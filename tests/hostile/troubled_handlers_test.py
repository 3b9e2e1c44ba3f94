#!/usr/bin/env python3
"""Handlers that throw, hang, or keep their thread for ever.

One that throws or hangs costs its own key some time and no other anything: it is cancelled at its deadline, its attempts
are counted, and it ends among the dead letters. One that keeps its thread can't be cancelled: within seconds the
process says that it is not alive any more, so that whoever watches it starts it anew, and after that the event is in the
dead letters, too.
usage: troubled_handlers_test.py PROGRAM
"""
import json
import pathlib
import shutil
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "harness")]
from raw import Raw, request_bytes
from troubled import Troubled, job, wait_until

ATTEMPTS = 2  # the handler's
# What a watcher waits for an answer: no answer is an answer, too.
PROBE_SECONDS = 1
PROBES_MISSED_MAX = 3
# A start under load may be taken for a process that is stuck.
RESTARTS_MAX = 12
LETTERS = "/admin/v1/dead-letters/job/troubled?limit=500"


def asked(service, path):
    """The body of a 200 that comes soon enough, or None."""
    try:
        with Raw(service.port, PROBE_SECONDS) as raw:
            raw.send(request_bytes("GET", path))
            answer = raw.answer()
            return answer[2] if answer is not None and answer[0] == 200 else None
    except (AssertionError, OSError):
        return None


def is_alive(service):
    """As Kubernetes asks: anything but a 200 in time is a no."""
    return asked(service, "/health/live") is not None


def is_given_up(service, id):
    letters = json.loads(asked(service, LETTERS) or '{"items": []}')
    return id in [letter["fields"]["id"] for letter in letters["items"]]


def post(service, *jobs):
    status, _, body = service.client().request("POST", "/jobs", {"jobs": list(jobs)})
    assert status in (201, 204), f"POST /jobs: {status} {body}"


def fail_and_hang(service):
    others = [job(f"w{number}", f"key-{number % 10}") for number in range(200)]
    behind = [job("behind-throw", "a"), job("behind-hang", "b")]
    post(service, job("t", "a", "throw"), job("h", "b", "hang"), *others, *behind)
    wait_until(lambda: service.done().total() == len(others) + 2, "all others are done, those behind them, too")
    letters = {id: (attempts, error) for id, attempts, error in service.dead_letters()}
    assert set(letters) == {"t", "h"}, f"the dead letters are {letters}"
    assert all(attempts == ATTEMPTS for attempts, _ in letters.values()), f"the attempts are wrong: {letters}"
    assert "told to throw" in letters["t"][1], letters["t"]
    wait_until(lambda: is_alive(service), "it is alive beside one that hangs", 30)


def is_stuck(service, until):
    """Waits until its watcher has enough of it (true), or `until` holds (false)."""
    missed = 0
    while missed < PROBES_MISSED_MAX:
        began = time.monotonic()
        if until():
            return False
        missed = 0 if is_alive(service) else missed + 1
        time.sleep(max(0, began + PROBE_SECONDS - time.monotonic()) if missed else 0.1)
    return True


def keep_the_thread(service):
    """Returns how often its watcher had to restart it."""
    # The thread that should answer may be the one that is kept.
    with Raw(service.port) as raw:
        body = json.dumps({"jobs": [job("s", "c", "spin"), job("behind-spin", "c")]}).encode()
        raw.send(request_bytes("POST", "/jobs", [("Content-Type", "application/json")], body))
        return restart_until_alive(service)


def restart_until_alive(service):
    restarts = 0
    while is_stuck(service, lambda: is_given_up(service, "s")):
        service.kill()
        service.launch()
        restarts += 1
        assert restarts <= RESTARTS_MAX, "it is stuck again and again"
    wait_until(lambda: service.done()["c"] == 1, "what waited behind it is done")
    return restarts


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    folder = tempfile.mkdtemp(prefix="tidemark-troubled-")
    with Troubled(program, folder, "durability=always") as service:
        try:
            fail_and_hang(service)
            restarts = keep_the_thread(service)
        except BaseException:
            print(service.last_words())
            raise
        if code := service.stop():
            raise AssertionError(f"SIGTERM ended it with {code}")
    assert restarts, "it was never stuck, so nothing was tested"
    print(f"troubled handlers: restarted {restarts} times by its watcher", flush=True)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
