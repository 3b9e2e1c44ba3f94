"""The programs of examples/polyglot and the shop's services on one Redis, in both directions.

usage: polyglot_test.py PROGRAMS     (the folder of the services' executables)
"""
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLE = HERE.parents[1] / "examples/polyglot"
sys.path.insert(0, str(HERE.parent / "harness"))
import page
from ports import free_ports
from program import Client, Program
from redis_servers import Server, wait_for

PROGRAMS = pathlib.Path(sys.argv[1]).resolve()
PATIENCE_SECONDS = 60
SERVICES = ("accounts", "id-cards", "roles")
CONSUMERS = {"python": [EXAMPLE / "python/consumer.py"], "node": ["node", EXAMPLE / "node/consumer.mjs"]}
PRODUCERS = {"python": [EXAMPLE / "python/producer.py"], "node": ["node", EXAMPLE / "node/producer.mjs"]}


class Consumer(Program):
    """One of the example's, with what it printed."""

    def __init__(self, language, folder, url):
        folder = pathlib.Path(folder, language)
        folder.mkdir()
        super().__init__(CONSUMERS[language], folder, [], {"REDIS_URL": url})

    def seen(self):
        return re.findall(r"has the id (\S+)$", self.log.read_text(), re.M) if self.log.exists() else []


class Polyglot(unittest.TestCase):
    def setUp(self):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tidemark-polyglot-")))
        self.redis = stack.enter_context(Server(self.folder / "redis"))
        self.ports = dict(zip(SERVICES, free_ports(len(SERVICES))))
        for name, port in self.ports.items():
            folder = self.folder / name
            folder.mkdir()
            stack.enter_context(Program([PROGRAMS / name, "--store", self.redis.url, "--port", port], folder, [port]))
        self.stack = stack

    def ask(self, service, path, method="GET", body=None):
        return Client(self.ports[service]).request(method, path, body)

    def add_user(self, name):
        body = {"name": name, "phone": "5", "job": "Cook", "address": "1 Road"}
        status, _, user = self.ask("accounts", "/add-user", "POST", body)
        self.assertEqual(status, 201, user)
        return user["id"]

    def consumer(self, language):
        return self.stack.enter_context(Consumer(language, self.folder, self.redis.url))

    def produce(self, language, *words):
        done = subprocess.run([*map(str, PRODUCERS[language]), *words], env={**os.environ, "REDIS_URL": self.redis.url},
                              capture_output=True, text=True, timeout=PATIENCE_SECONDS)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def wait_for_card_and_role(self, id, name, job):
        for service, path in ("id-cards", "/cards"), ("roles", "/roles"):
            def served():
                status, _, document = self.ask(service, f"{path}/{id}")
                return document if status == 200 else None
            document = wait_for(served, f"{service} has {name}", PATIENCE_SECONDS)
            self.assertEqual((document["name"], document["job"]), (name, job))

    def test_users_of_the_shop_reach_python_and_node(self):
        first = self.add_user("before the consumers were there")
        consumers = [self.consumer(language) for language in CONSUMERS]
        second = self.add_user("Zoë \"the cook\" 🍳")
        for consumer in consumers:
            wait_for(lambda: set(consumer.seen()) >= {first, second}, f"{consumer.folder.name} has both", PATIENCE_SECONDS)

    def test_users_of_python_and_node_become_cards_and_roles(self):
        for language in PRODUCERS:
            name = f"{language} \"quoted\" ß🍳"
            id = self.produce(language, name, "555-1", "teacher", "2 Road\nBack yard")
            self.wait_for_card_and_role(id, name, "teacher")

    def test_an_entry_written_by_hand_becomes_a_card_and_a_role(self):
        self.redis.cli("XADD", "user_created", "*", "id", "by-hand", "name", "Ann", "phone", "555", "job", "Cook",
                       "address", "1 Road")
        self.wait_for_card_and_role("by-hand", "Ann", "Cook")

    def test_an_entry_that_is_no_event_reaches_the_dead_letters_and_blocks_nobody(self):
        self.redis.cli("XADD", "user_created", "*", "what", "is this")
        self.wait_for_card_and_role(self.produce("python", "Bob"), "Bob", "Cook")
        for group in "user-id-card", "user-role":
            letters = f"user_created.{group}.dead"
            wait_for(lambda: self.redis.cli("XLEN", letters) == "1", f"one entry in {letters}", PATIENCE_SECONDS)

    def test_consumers_that_are_killed_and_started_again_miss_nothing(self):
        consumers = [self.consumer(language) for language in CONSUMERS]
        added = set()
        for number in range(60):
            added.add(self.add_user(f"user {number}"))
            if number % 12 == 5:
                for consumer in consumers:
                    consumer.kill()
                added.add(self.add_user("while nobody reads"))
                for consumer in consumers:
                    consumer.start()
        for consumer in consumers:
            language = consumer.folder.name
            wait_for(lambda: set(consumer.seen()) >= added, f"{language} has all", PATIENCE_SECONDS)
            self.assertEqual(set(consumer.seen()), added)
            wait_for(lambda: self.redis.cli("XPENDING", "user_created", language).splitlines()[0] == "0",
                     f"{language} has acknowledged all", PATIENCE_SECONDS)
            self.assertEqual(consumer.stop(), 0)

    def test_what_a_consumer_had_not_acknowledged_comes_first_after_its_return(self):
        consumer = self.consumer("python")
        self.add_user("made the group")
        wait_for(consumer.seen, "it reads", PATIENCE_SECONDS)
        consumer.kill()
        missed = self.add_user("given, never acknowledged")
        # As if it had been killed between reading and acknowledging.
        self.redis.cli("XREADGROUP", "GROUP", "python", "python-1", "COUNT", 10, "STREAMS", "user_created", ">")
        consumer.start()
        wait_for(lambda: missed in consumer.seen(), "what was left over", PATIENCE_SECONDS)

class Page(unittest.TestCase):
    """The steps of the example's README, as they stand there."""

    def test_its_steps_lead_from_the_shop_to_the_consumers_and_from_the_producers_to_the_shop(self):
        _, *steps = page.blocks(EXAMPLE / "README.md")  # The first one installs.
        standing = ("6400", "5000", "5001", "5002")
        ports = dict(zip(standing, map(str, free_ports(len(standing)))))
        with tempfile.TemporaryDirectory(prefix="tidemark-polyglot-") as folder:
            pathlib.Path(folder, "build/release").mkdir(parents=True)
            pathlib.Path(folder, "build/release/bin").symlink_to(PROGRAMS)
            pathlib.Path(folder, "examples").symlink_to(EXAMPLE.parent)
            shell = page.Shell(folder, {"TMPDIR": folder})
            try:
                for step in steps:
                    print(shell.run(re.sub("|".join(ports), lambda found: ports[found[0]], step)), flush=True)
                for path in f"{ports['5001']}/cards", f"{ports['5002']}/roles":
                    def served():
                        items = Client(int(path.split("/")[0])).request("GET", "/" + path.split("/")[1])[2]["items"]
                        return {"Ada", "Linus", "Ann"} < {item["name"] for item in items}
                    wait_for(served, f"{path} has all", PATIENCE_SECONDS)
            finally:
                shell.end()


if __name__ == "__main__":
    if not shutil.which("node"):
        sys.exit("polyglot: needs node")
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)
