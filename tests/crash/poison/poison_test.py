#!/usr/bin/env python3
"""Gives a service an event that ends its process, among many that do not, and restarts it until it stays up.

The event must be among the dead letters then, and all the others must have been handled, none of them counted as failed.
usage: poison_test.py PROGRAM
"""
import http.client
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent / "harness")]

from ports import free_ports

ATTEMPTS = 3  # the handler's
# The first run leaves no record; each of the counted ones ends the process, too.
DEATHS = 1 + ATTEMPTS
EVENTS = 200
SECONDS_MAX = 120
ENDED_BY_POISON = 66


class Service:
    def __init__(self, program, folder):
        self.port, self.log = free_ports(1)[0], folder / "log"
        self.command = [program, "--store", f"embedded:{folder}/data", "--port", str(self.port)]
        self.process = None

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=subprocess.STDOUT)

    def request(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            headers = {"Content-Type": "application/json"} if body is not None else {}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def items(self, path):
        status, body = self.request("GET", path)
        assert status == 200, f"GET {path}: {status} {body}"
        return json.loads(body)["items"]


def wait_until(condition, what):
    until = time.monotonic() + SECONDS_MAX
    while not condition():
        assert time.monotonic() < until, f"not within {SECONDS_MAX} s: {what}"
        time.sleep(0.02)


def answers(service):
    try:
        return service.request("GET", "/health/ready")[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def doses(chance):
    """Several poisoned keys' neighbours: some behind the poison, some failing by themselves; shuffled."""
    kinds = ["bitter"] * (EVENTS // 10) + ["sweet"] * (EVENTS - EVENTS // 10)
    given = [{"id": f"dose-{number}", "kind": kind} for number, kind in enumerate(kinds)]
    chance.shuffle(given)
    given.insert(EVENTS // 2, {"id": "poisoned", "kind": "poison"})
    given.append({"id": "poisoned", "kind": "sweet"})  # of the same key: waits for its end
    return given


def live_and_die(service):
    """Restarts the service until it has handled everything. Returns how often it died."""
    deaths = 0
    until = time.monotonic() + SECONDS_MAX
    while True:
        assert time.monotonic() < until, f"not quiet within {SECONDS_MAX} s, after {deaths} deaths"
        if (code := service.process.poll()) is not None:
            assert code == ENDED_BY_POISON, f"it ended with {code}"
            deaths += 1
            assert deaths <= 2 * DEATHS, "it dies again and again"
            service.start()
        try:
            if len(service.items("/taken?limit=1000")) == EVENTS + 1:
                return deaths
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.02)


def check(service, given, deaths):
    assert deaths == DEATHS, f"it died {deaths} times, not {DEATHS}"
    letters = service.items("/admin/v1/dead-letters/dose/first?limit=500")
    buried = [(letter["fields"]["id"], letter["fields"]["kind"], letter["attempts"]) for letter in letters]
    assert buried == [("poisoned", "poison", ATTEMPTS)], f"the dead letters are {buried}"
    assert service.items("/admin/v1/dead-letters/dose/second") == [], "the other group has dead letters"
    taken = {item["id"]: item for item in service.items("/taken?limit=1000")}
    for dose in given:
        item = taken[dose["id"]]
        assert item["times"] == 1, f"{dose} took effect {item['times']} times"
        # A bitter one may have been in its second run when the process died, for all that is known.
        attempts = (2, 3) if dose["kind"] == "bitter" else (1,)
        assert item["attempt"] in attempts, f"{dose} was counted with the poison: attempt {item['attempt']}"


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tidemark-poison-"))
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(1 << 32)
    print(f"poison: seed {seed} (an argument behind the program repeats it)", flush=True)
    service = Service(program, folder)
    try:
        service.start()
        wait_until(lambda: answers(service), "ready")
        given = doses(random.Random(seed))
        try:
            service.request("POST", "/doses", {"doses": given})
        except (OSError, http.client.HTTPException):
            pass  # it died before it could answer
        deaths = live_and_die(service)
        wait_until(lambda: len(service.items("/admin/v1/dead-letters/dose/first")) == 1, "the dead letter")
        check(service, given, deaths)
        service.process.terminate()
        assert service.process.wait(30) == 0, "it does not stop well"
    except BaseException:
        print(service.log.read_text(errors="replace")[-4000:])
        print(f"poison: the data and the log are in {folder}")
        raise
    finally:
        service.process.kill()
        service.process.wait()
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
