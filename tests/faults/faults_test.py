#!/usr/bin/env python3
"""Plays a fault while orders run on Redis, and then checks the shop's books.

usage: faults_test.py PROGRAMS SCENARIO [--seed N]     (PROGRAMS: the folder of the services' executables)
Two processes of each service share four partitions. What was acknowledged must be there, once, whatever happened.
"""
import argparse
import contextlib
import pathlib
import random
import shutil
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "crash"), str(HERE.parent / "harness")]
from books import audit
from fleet import Fleet
from load import Book, dismiss, everybody
from proxy import Proxy
from redis_servers import Cluster, Server, Watched

PARTITIONS = 4


def orders_reach(book, count):
    """The fault comes while orders run, not before; and they run on after it."""
    until = time.monotonic() + 120
    while len(book.orders) < count:
        if time.monotonic() > until:
            raise AssertionError(f"only {len(book.orders)} of {count} orders were acknowledged in 120 s")
        time.sleep(0.02)


def orders_run_on(book, more=30):
    orders_reach(book, len(book.orders) + more)


class Scenario:
    """One fault: what it plays on, and how it goes."""

    def url(self, stack, folder):
        self.server = stack.enter_context(Server(folder))
        return self.server.url

    def play(self, fleet, book, chance):
        raise NotImplementedError


class ServiceKilled(Scenario):
    """kill -9 of any service process."""

    def play(self, fleet, book, chance):
        for _ in range(12):
            process = chance.choice(fleet.all())
            time.sleep(chance.random() * 0.5)
            process.kill()
            orders_run_on(book, 5)
            process.start()


class ServicePaused(Scenario):
    """A process hangs (SIGSTOP) for longer than its lease and comes back: it must not touch what others do by then."""

    def play(self, fleet, book, chance):
        for service in "inventory", "payments", "id-cards":
            process = chance.choice(fleet.processes[service])
            process.pause()
            time.sleep(8)
            orders_reach(book, len(book.orders))
            process.resume()
            orders_run_on(book, 5)


class ServiceJoinsAndLeaves(Scenario):
    """Partitions move to a process that joins, and back from one that leaves well."""

    def play(self, fleet, book, chance):
        for service in "inventory", "payments":
            process = fleet.processes[service][1]
            code = process.stop()
            assert code == 0, f"{service} ended with {code} on SIGTERM:\n{process.last_words()}"
            orders_run_on(book, 10)
            process.start()
            orders_run_on(book, 10)


class SentinelMasterKilled(Scenario):
    """The master dies for ever; with wait=1 a replica has all that was acknowledged."""

    def url(self, stack, folder):
        self.watched = stack.enter_context(Watched(folder))
        return self.watched.url + "?wait=1"

    def play(self, fleet, book, chance):
        old = self.watched.master
        old.kill()
        self.watched.wait_until_failed_over(old)
        orders_run_on(book)


class SentinelMasterPaused(SentinelMasterKilled):
    """The master hangs until another one is promoted, and comes back believing that it still is one."""

    def play(self, fleet, book, chance):
        old = self.watched.master
        old.pause()
        self.watched.wait_until_failed_over(old)
        orders_run_on(book)
        old.resume()
        orders_run_on(book)


class ClusterMasterKilled(Scenario):
    """A third of the slots lose their master; with wait=1 one replica has all that was acknowledged, the other what comes."""

    def url(self, stack, folder):
        self.cluster = stack.enter_context(Cluster(folder, replicas=2))
        return self.cluster.url + "?wait=1"

    def play(self, fleet, book, chance):
        old = chance.choice(self.cluster.masters)
        old.kill()
        self.cluster.wait_until_failed_over(old)
        orders_run_on(book)


class ClusterMasterPaused(ClusterMasterKilled):
    """The same with one that hangs, and comes back believing that the slots are still its own."""

    def play(self, fleet, book, chance):
        old = chance.choice(self.cluster.masters)
        old.pause()
        self.cluster.wait_until_failed_over(old)
        orders_run_on(book)
        old.resume()
        orders_run_on(book)


class ClusterResharded(Scenario):
    """Slots move between the masters, keys and all, while orders run."""

    def url(self, stack, folder):
        self.cluster = stack.enter_context(Cluster(folder, replicas=0))
        return self.cluster.url

    def play(self, fleet, book, chance):
        masters = self.cluster.masters
        for source, target in (masters[0], masters[1]), (masters[1], masters[2]), (masters[2], masters[0]):
            self.cluster.move_slots(source, target, 2000)
            orders_run_on(book, 5)


class ConnectionsCut(Scenario):
    """A network that delays and breaks connections at any byte."""

    def url(self, stack, folder):
        super().url(stack, folder)
        self.proxy = stack.enter_context(Proxy(self.server.port, seed=7))
        return f"redis://127.0.0.1:{self.proxy.port}"

    def play(self, fleet, book, chance):
        for number in range(25):
            self.proxy.delay_seconds = chance.choice((0, 0, 0.001, 0.01))
            time.sleep(chance.random() * 0.4)
            self.proxy.cut()
            if number % 5 == 0:
                orders_run_on(book, 3)
        self.proxy.delay_seconds = 0
        orders_run_on(book)


class OutOfMemory(Scenario):
    """Redis takes no more: endpoints are refused, handlers drain, and all goes on when there is room."""

    def play(self, fleet, book, chance):
        self.server.cli("CONFIG", "SET", "maxmemory", "1")
        time.sleep(3)
        status, _, problem = fleet.client("accounts").request("POST", "/add-user", {
            "name": "late", "phone": "1", "job": "none", "address": "none"})
        assert status in (503, 507), f"a full server took a request: {status} {problem}"
        self.server.cli("CONFIG", "SET", "maxmemory", "0")
        orders_run_on(book)


class ReadOnly(Scenario):
    """The server is made a replica of nothing for a while, as a fail-over does, and refuses to write."""

    def play(self, fleet, book, chance):
        for _ in range(2):
            self.server.cli("REPLICAOF", "127.0.0.1", "1")
            time.sleep(2)
            self.server.cli("REPLICAOF", "NO", "ONE")
            orders_run_on(book)


class ServerRestarted(Scenario):
    """kill -9 of a redis-server that syncs every write, and its return from its append-only file."""

    def url(self, stack, folder):
        self.server = stack.enter_context(Server(folder, "always"))
        return self.server.url + "?require=fsync"

    def play(self, fleet, book, chance):
        for _ in range(3):
            time.sleep(chance.random())
            self.server.kill()
            time.sleep(chance.random() * 2)
            self.server.start()
            orders_run_on(book)


class FunctionsFlushed(Scenario):
    """Somebody empties the server's functions and scripts behind our back."""

    def play(self, fleet, book, chance):
        for _ in range(5):
            self.server.cli("FUNCTION", "FLUSH")
            self.server.cli("SCRIPT", "FLUSH")
            orders_run_on(book, 10)


SCENARIOS = {
    "service-killed": ServiceKilled, "service-paused": ServicePaused, "service-joins-and-leaves": ServiceJoinsAndLeaves,
    "sentinel-master-killed": SentinelMasterKilled, "sentinel-master-paused": SentinelMasterPaused,
    "cluster-master-killed": ClusterMasterKilled, "cluster-master-paused": ClusterMasterPaused,
    "cluster-resharded": ClusterResharded, "connections-cut": ConnectionsCut, "out-of-memory": OutOfMemory,
    "read-only": ReadOnly, "server-restarted": ServerRestarted, "functions-flushed": FunctionsFlushed,
}


def run(scenario, fleet, book, people, chance):
    """Returns what is wrong."""
    for person in people:
        person.start()
    try:
        orders_reach(book, 30)
        scenario.play(fleet, book, chance)
    finally:
        wrong = dismiss(people)
    wrong += audit(fleet, book)
    fleet.expect_running()
    return wrong + [f"SIGTERM ended {name} with {code}" for name, code in fleet.stop().items()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("scenario", choices=SCENARIOS)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    print(f"{options.scenario}: --seed {options.seed}", flush=True)

    folder, book, scenario = tempfile.mkdtemp(prefix="tidemark-faults-"), Book(), SCENARIOS[options.scenario]()
    wrong = []
    with contextlib.ExitStack() as stack:
        url = scenario.url(stack, pathlib.Path(folder, "redis"))
        fleet = Fleet(options.programs.resolve(), folder, url, options=["--partitions", PARTITIONS])
        people = everybody(fleet, book, options.seed)
        try:
            stack.enter_context(fleet)
            wrong = run(scenario, fleet, book, people, random.Random(options.seed))
        except AssertionError as error:
            wrong.append(str(error))
        if wrong:
            print(*wrong[:40], f"{len(wrong)} things are wrong; the logs are in {folder}", fleet.last_words(), sep="\n")
    print(f"{options.scenario}: acknowledged {len(book.orders)} orders ({book.repeated} sent again), "
          f"{len(book.users)} users; {book.lost} answers lost", flush=True)
    if wrong:
        sys.exit(1)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
