"""Every command of `tidemark`, against a running shop and against its directory when it has stopped.

usage: cli_test.py SHOP TIDEMARK
"""
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "harness")]
from command import DONE, FAILING, SECONDS_MAX, TRY_LATER, USAGE, Tidemark, place_order
from redis_servers import wait_for
from shop import Shop

SHOP, TIDEMARK = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
ROOT = HERE.parents[1]


def shows_at_most(frame, rows, columns):
    lines = re.sub(r"\x1b\[\d*[A-Za-z]", "", frame.decode(errors="replace")).split("\r\n")[:-1]
    return len(lines) <= rows and all(len(line) <= columns for line in lines)


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, command):
        self.seen = b""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execv(command[0], [str(word) for word in command])
        self.resize(rows=30, columns=120)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.terminal)

    def resize(self, rows, columns):
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, key):
        os.write(self.terminal, key)

    def read(self, until):
        """More of what it draws; False at the end."""
        if not select.select([self.terminal], [], [], max(until - time.monotonic(), 0))[0]:
            raise AssertionError(f"nothing comes any more after {self.seen[-1000:]}")
        try:
            self.seen += os.read(self.terminal, 65536)
            return True
        except OSError:
            return False

    def read_until(self, wanted):
        """Until a whole drawing of the screen is as wanted."""
        until = time.monotonic() + SECONDS_MAX
        while not any(wanted(frame) for frame in self.seen.split(b"\x1b[H")[1:] if frame.endswith(b"\x1b[J")):
            if time.monotonic() > until or not self.read(until):
                raise AssertionError(f"never as wanted: {self.seen[-1000:]}")

    def end(self):
        """Its exit code, when it has ended by itself."""
        until = time.monotonic() + SECONDS_MAX
        while self.read(until):
            pass
        self.mode = termios.tcgetattr(self.terminal)[3] & (termios.ICANON | termios.ECHO | termios.ISIG)
        pid, self.pid = self.pid, None
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


class ARunningShop(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.shop = cls.enterClassContext(Shop(SHOP, folder.name))
        cls.url = f"http://127.0.0.1:{cls.shop.service_ports['payments']}"
        cls.cli = Tidemark(TIDEMARK, "--url", cls.url)
        cls.order, cls.product = place_order(cls.shop, wait_for, "fulfilled")

    def test_topics_are_listed(self):
        names = {topic["name"] for topic in self.cli.json("topics")["items"]}
        self.assertLessEqual({"order_placed", "order_completed", "stock_taken"}, names)
        self.assertRegex(self.cli.text("topics"), r"(?m)^order_placed +events ")

    def test_tail_prints_what_is_there_by_filters(self):
        self.assertIn(self.order, self.cli.text("tail", "order_placed"))
        entry = json.loads(self.cli.run("tail", "order_placed", "--key", self.order, "-n", 1, "--json", *self.cli.target))
        self.assertEqual(entry["key"], self.order)
        self.assertIn(entry["id"], self.cli.text("tail", "order_placed", "--from", entry["time"]))
        self.assertIn("no entries", self.cli.text("tail", "order_placed", "--key", "nobody"))
        self.assertIn("no entries", self.cli.text("tail", "order_placed", "--from", "2090-01-01T00:00:00Z"))

    def test_tail_follows_and_publish_publishes(self):
        """Nothing is lost between what was there and what comes: the published one is the second line."""
        before = {"id": "tailed", "version": 1}
        self.assertEqual(set(self.cli.json("publish", "product_deleted", json.dumps(before))), {"id", "ce_id"})
        with subprocess.Popen([TIDEMARK, "tail", "product_deleted", "-f", "-n", "1", "--json", *self.cli.target],
                              stdout=subprocess.PIPE, text=True) as follower:
            try:
                self.assertEqual(json.loads(follower.stdout.readline())["fields"]["version"], "1")
                self.assertIn("published as", self.cli.text("publish", "product_deleted", "-",
                                                            stdin=json.dumps({**before, "version": 2})))
                self.assertEqual(json.loads(follower.stdout.readline())["fields"]["version"], "2")
            finally:
                follower.kill()

    def test_what_a_terminal_would_obey_is_shown_as_a_dot(self):
        self.cli.text("publish", "product_deleted", json.dumps({"id": "\x1b[2J", "version": 1}))
        said = self.cli.text("tail", "product_deleted", "--key", "\x1b[2J")
        self.assertIn("·[2J", said)
        self.cli.text("publish", "product_deleted", json.dumps({"id": "\x9b31mred", "version": 1}))
        self.assertNotIn("\x9b", self.cli.text("tail", "product_deleted", "--key", "\x9b31mred"))
        self.assertNotIn("\x1b", said)

    def test_an_edit_is_of_one_letter(self):
        error = self.cli.json("dead-letters", "redrive", "stock_taken", "payments", "--set", "a=b", "--yes", code=USAGE)["error"]
        self.assertIn("name its id", error["message"])

    def test_publish_refuses_what_is_no_such_event(self):
        self.assertEqual(self.cli.json("publish", "product_deleted", '{"id": 7}', code=USAGE)["error"]["code"], "invalid")
        self.cli.text("publish", "no_such_topic", "{}", code=USAGE)
        self.cli.text("publish", "product_deleted", "{no json", code=USAGE)

    def test_a_group_is_paused_moved_and_resumed(self):
        groups = {(item["topic"], item["group"]) for item in self.cli.json("groups")["items"]}
        group = ("stock_taken", "payments")
        self.assertIn(group, groups)
        self.assertEqual(self.cli.json("seek", *group, "start", "--yes", code=TRY_LATER)["error"]["code"], "in_use")
        self.assertIn("paused", self.cli.text("pause", *group, "--reason", "a deployment"))
        self.assertEqual(self.cli.json("groups", *group)["paused"]["reason"], "a deployment")
        self.assertIn("a deployment", self.cli.text("groups", *group))
        wait_for(lambda: self.cli.json("groups", *group)["pending"] == 0, "nothing is in flight")
        dry = self.cli.text("seek", *group, "start")
        self.assertIn("--yes", dry)
        self.assertIn("handles again", dry)
        moved = self.cli.json("seek", *group, "start", "--yes")
        self.assertEqual(moved["direction"], "back")
        self.assertGreaterEqual(self.cli.json("groups", *group)["lag"], moved["events"])
        self.assertIn("resumed", self.cli.text("resume", *group))
        wait_for(lambda: self.cli.json("groups", *group)["lag"] == 0, "it has caught up")

    def test_documents_are_got_and_queried(self):
        got = self.cli.json("documents", "get", "payments.orders", self.order)
        self.assertEqual(got["document"]["status"], "fulfilled")
        self.assertIn("CHANGED", self.cli.text("documents", "get", "payments.orders", self.order))
        queried = self.cli.json("documents", "query", "payments.orders")["items"]
        self.assertIn(self.order, [item["id"] for item in queried])
        self.assertIn(self.order, self.cli.text("documents", "query", "payments.orders"))
        self.assertIn("payments.orders", self.cli.text("collections"))
        self.cli.text("documents", "get", "payments.orders", "nobody's", code=USAGE)

    def test_a_journey_is_told(self):
        self.assertEqual(self.cli.json("journey", self.order)["outcome"], "ok")
        self.assertRegex(self.cli.text("journey", self.order), r"run +inventory +order_completed")
        self.cli.text("journey", "nothing", code=USAGE)

    def test_journeys_are_listed_by_filters(self):
        trace = self.cli.json("journey", self.order)["trace_id"]
        found = self.cli.json("journeys", "--text", self.order, "--outcome", "ok", "--service", "inventory")["items"]
        self.assertEqual([item["trace_id"] for item in found], [trace])
        self.assertRegex(self.cli.text("journeys", "--text", self.order), rf"POST /orders +payments .* {trace}")
        self.assertEqual(len(self.cli.json("journeys", "--limit", 1)["items"]), 1)
        self.assertIn("no such journey", self.cli.text("journeys", "--text", "nobody-knows-this"))
        self.cli.text("journeys", "--outcome", "splendid", code=USAGE)

    def test_a_group_that_is_read_does_not_expire(self):
        group = ("stock_taken", "payments")
        self.assertIn("nothing was changed", self.cli.text("expire", *group))
        self.assertEqual(self.cli.json("expire", *group, "--yes", code=TRY_LATER)["error"]["code"], "in_use")
        self.cli.text("expire", "stock_taken", "nobody", "--yes", code=USAGE)
        self.assertEqual(self.cli.json("groups", *group)["group"], "payments")

    def test_health_timers_and_descriptions(self):
        self.assertIn(self.cli.json("health")["health"], ("ok", "waiting"))
        self.assertIn("memory", self.cli.text("health"))
        self.assertEqual(self.cli.json("timers")["items"], [])
        self.assertIn("/orders", self.cli.json("openapi")["paths"])
        self.assertIn("/admin/v1/groups", self.cli.json("openapi", "--admin")["paths"])
        self.assertTrue(self.cli.json("asyncapi")["asyncapi"].startswith("3."))

    def test_backup_asks_the_process(self):
        self.assertTrue(pathlib.Path(self.shop.folder, self.cli.json("backup")["backup"]).exists())

    def test_top_prints_lines_when_it_is_no_terminal(self):
        self.assertIn("order_placed", self.cli.text("top", "--count", 1))

    def test_top_draws_on_a_terminal_and_leaves_it_as_it_was(self):
        for key in (b"q", b"\x03"):
            with Terminal([TIDEMARK, "top", *self.cli.target]) as terminal:
                terminal.read_until(lambda frame: b"order_placed" in frame)
                terminal.resize(rows=4, columns=30)
                terminal.read_until(lambda frame: shows_at_most(frame, 3, 30))
                terminal.press(key)
                self.assertEqual(terminal.end(), DONE)
            self.assertTrue(terminal.seen.startswith(b"\x1b[?1049h"), terminal.seen[:100])
            self.assertTrue(terminal.seen.rstrip().endswith(b"\x1b[?25h\x1b[?1049l"), terminal.seen[-100:])
            self.assertEqual(terminal.mode, termios.ICANON | termios.ECHO | termios.ISIG)

    def test_its_directory_is_not_opened_beside_it(self):
        cli = Tidemark(TIDEMARK, "--data", pathlib.Path(self.shop.folder, "data"))
        self.assertEqual(cli.json("topics", code=TRY_LATER)["error"]["code"], "in_use")


class AShopThatFailed(unittest.TestCase):
    """With three events that no handler can read, published past all schemas; and with an admin token."""
    GROUP = ("stock_taken", "payments")

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.shop = Shop(SHOP, folder.name, options=["--admin-token", "secret"])
        with self.shop:
            self.shop.stop()
        at_rest = Tidemark(TIDEMARK, "--data", pathlib.Path(folder.name, "data"))
        for number in range(3):
            at_rest.text("publish", "stock_taken", json.dumps({"quantity": 1}), "--key", f"order-{number}", "--type", "StockTaken")
        self.enterContext(self.shop)
        self.url = f"http://127.0.0.1:{self.shop.service_ports['payments']}"
        token = pathlib.Path(folder.name, "token")
        token.write_text("secret\n")
        self.cli = Tidemark(TIDEMARK, "--url", self.url, "--token-file", token)
        self.letters = wait_for(lambda: len(found := self.letters_now()) == 3 and found, "all are given up")

    def letters_now(self):
        return [letter["id"] for letter in self.cli.json("dead-letters", "list", *self.GROUP)["items"]]

    def test_letters_are_shown_tried_redriven_and_discarded(self):
        first, *_ = self.letters
        self.assertRegex(self.cli.text("dead-letters", "list"), r"stock_taken +payments +3 ")
        error = self.cli.json("dead-letters", "list")["items"][0]["errors"][0]["error"]
        self.assertEqual(len(self.cli.json("dead-letters", "list", *self.GROUP, "--error", error)["items"]), 3)
        self.assertIn("quantity", self.cli.text("dead-letters", "show", *self.GROUP, first))
        self.assertIn("fails:", self.cli.text("dead-letters", "try", *self.GROUP, first, code=FAILING))
        mended = [f"--set={name}" for name in ("order_id=none", "product_id=none", "quantity_available=0", "version=1")]
        self.assertEqual(self.cli.json("dead-letters", "try", *self.GROUP, first, *mended)["outcome"], "ok")
        self.cli.text("dead-letters", "try", *self.GROUP, first, "--set", "no equals", code=USAGE)
        self.cli.text("dead-letters", "redrive", *self.GROUP, first, *mended)
        wait_for(lambda: self.letters_now() == self.letters[1:], "it is handled")

        self.cli.text("dead-letters", "discard", *self.GROUP, self.letters[1], code=USAGE)
        self.assertIn("--yes", self.cli.text("dead-letters", "redrive", *self.GROUP))
        self.assertEqual(self.letters_now(), self.letters[1:])
        self.cli.text("dead-letters", "discard", *self.GROUP, self.letters[1], "--reason", "a test", "--yes")
        self.assertEqual(self.letters_now(), self.letters[2:])
        swept = self.cli.json("dead-letters", "redrive", *self.GROUP, "--rate", 10, "--yes")
        self.assertEqual((swept["done"], swept["failed"]), (1, 0))
        wait_for(lambda: len(now := self.letters_now()) == 1 and now != self.letters[2:], "it failed again")
        self.assertEqual(self.cli.json("dead-letters", "discard", *self.GROUP, "--yes")["done"], 1)
        self.assertEqual(self.cli.json("dead-letters", "list")["items"], [])

    def test_a_terminal_sees_how_far_a_sweep_is(self):
        command = " ".join(map(str, (TIDEMARK, "dead-letters", "redrive", *self.GROUP, "--rate", 5, "--yes", *self.cli.target)))
        shown = subprocess.run(["script", "-qc", command, "/dev/null"], capture_output=True,
                               stdin=subprocess.DEVNULL, timeout=SECONDS_MAX).stdout.decode()
        bars = re.findall(r"redrive letters \[(#*)\.*\] \d+ % (\d) of 3\x1b\[K", shown)
        self.assertTrue(bars, shown)
        self.assertTrue(all(len(filled) == int(done) * 10 for filled, done in bars), shown)
        self.assertIn("\r\x1b[K3 of 3 done, 0 failed", shown)

    def test_the_token_is_asked_for_and_taken_from_the_environment(self):
        without = Tidemark(TIDEMARK, "--url", self.url)
        self.assertEqual(without.json("topics", code=USAGE)["error"]["code"], "unauthorized")
        self.assertIn("--token-file", without.json("topics", code=USAGE)["error"]["message"])
        without.text("topics", "--token", "wrong", code=USAGE)
        without.text("topics", environment={"TIDEMARK_ADMIN_TOKEN": "secret"})

    def test_states_have_colours_on_a_terminal_only(self):
        def on_terminal(**environment):
            command = " ".join(str(word) for word in (TIDEMARK, "groups", *self.cli.target))
            environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | environment
            return subprocess.run(["script", "-qc", command, "/dev/null"], capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL, env=environment, timeout=SECONDS_MAX).stdout

        self.assertIn("\x1b[31m", on_terminal())
        self.assertNotIn("\x1b[", on_terminal(NO_COLOR="1"))
        self.assertNotIn("\x1b[", self.cli.text("groups"))


class ADirectoryAtRest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.shop = Shop(SHOP, folder.name)
        with cls.shop:
            cls.order, _ = place_order(cls.shop, wait_for, "fulfilled")
            cls.shop.stop()
        cls.cli = Tidemark(TIDEMARK, "--data", pathlib.Path(folder.name, "data"))

    def test_it_is_looked_at_as_a_process_is(self):
        self.assertIn("order_placed", self.cli.text("topics"))
        self.assertIn(self.order, self.cli.text("tail", "order_placed"))
        self.assertIn("stock_taken", self.cli.text("groups"))
        self.assertIn(self.order, self.cli.text("documents", "query", "payments.orders"))
        self.assertEqual(self.cli.json("documents", "get", "payments.orders", self.order)["document"]["status"], "fulfilled")
        self.assertFalse(self.cli.json("journey", self.order)["complete"])
        self.assertEqual(self.cli.json("timers")["items"], [])
        self.assertEqual(self.cli.json("dead-letters", "list")["items"], [])

    def test_what_needs_a_process_says_so(self):
        for words in (("tail", "order_placed", "-f"), ("dead-letters", "try", "a", "b", "1-1"), ("asyncapi",),
                      ("expire", "stock_taken", "payments", "--yes")):
            self.assertEqual(self.cli.json(*words, code=USAGE)["error"]["code"], "invalid")

    def test_a_pause_in_it_is_durable(self):
        group = ("stock_taken", "payments")
        self.cli.text("pause", *group, "--reason", "at rest")
        self.assertEqual(self.cli.json("groups", *group)["paused"]["reason"], "at rest")
        self.cli.text("resume", *group)


class WithoutAProcess(unittest.TestCase):
    cli = Tidemark(TIDEMARK)

    def test_a_command_that_is_not_there_is_named(self):
        done = subprocess.run([TIDEMARK, "topcis"], capture_output=True, text=True, timeout=SECONDS_MAX)
        self.assertEqual(done.returncode, USAGE)
        self.assertIn("topcis: there is no such command", done.stderr)
        self.cli.run(code=USAGE)

    def test_wrong_flags_are_an_error_for_programs_too(self):
        for words in (("topics", "--no-such-flag"), ("topcis",), ("seek", "order_placed"), ("journeys", "--limit", "many")):
            error = self.cli.json(*words, code=USAGE)["error"]
            self.assertEqual(error["code"], "invalid")
            self.assertTrue(error["message"])

    def test_a_process_that_says_nothing_holds_nobody_up(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}"
            error = json.loads(self.cli.run("top", "--count", 1, "--json", "--url", url, code=TRY_LATER))["error"]
        self.assertEqual(error["code"], "timeout")

    def test_output_that_can_not_be_written_is_no_success(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([TIDEMARK, "completion", "bash"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=SECONDS_MAX)
        self.assertNotEqual(done.returncode, DONE)

    def test_who_can_not_be_asked_is_named(self):
        error = self.cli.json("topics", "--url", "http://127.0.0.1:1", code=TRY_LATER)["error"]
        self.assertEqual(error["about"], "http://127.0.0.1:1")
        self.cli.text("topics", "--url", "ftp://x", code=USAGE)
        self.cli.text("topics", "--data", "/nowhere", code=USAGE)
        self.cli.text("topics", "--token-file", "/nowhere", code=USAGE)
        self.cli.text("no-such-command", code=USAGE)

    def test_bash_completes_commands_and_flags(self):
        def complete(*words):
            line = " ".join(f"'{word}'" for word in ("tidemark", *words))
            script = (f'eval "$({TIDEMARK} completion bash)"; COMP_WORDS=({line}); COMP_CWORD={len(words)}; '
                      '_tidemark; printf "%s\\n" "${COMPREPLY[@]}"')
            return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout.split()

        self.assertEqual(complete("se"), ["seek"])
        self.assertEqual(complete("dead-letters", "red"), ["redrive"])
        self.assertEqual(complete("documents", "query", "--ind"), ["--index"])
        self.assertIn("--url", complete("backup", "--"))

    def test_the_other_shells_understand_their_scripts(self):
        for shell in "zsh", "fish":
            script = self.cli.text("completion", shell)
            self.assertIn("dead-letters", script)
            if shutil.which(shell):
                subprocess.run([shell, "-n"], input=script, text=True, check=True, timeout=SECONDS_MAX)

    def test_a_new_service_is_not_written_over_another(self):
        with tempfile.TemporaryDirectory() as folder:
            made = self.cli.json("new", "service", "note-book", "--in", folder)["folder"]
            self.assertTrue(pathlib.Path(made, "note_book_test.cpp").exists())
            self.cli.text("new", "service", "note-book", "--in", folder, code=USAGE)
            self.cli.text("new", "service", "../x", "--in", folder, code=USAGE)

    def test_the_page_has_a_section_for_every_command(self):
        commands = re.findall(r"(?m)^  ([a-z-]+) {2,}", self.cli.text("--help").split("ubcommands:")[1].replace("SUB", ""))
        self.assertGreater(len(commands), 15)
        page = (ROOT / "docs/cli.md").read_text()
        for command in commands:
            self.assertIn(f"tidemark {command}", page)

    def test_the_flags_of_the_page_exist(self):
        page = (ROOT / "docs/cli.md").read_text()
        examples = [line for block in re.findall(r"```\n(.*?)```", page, re.S) for line in block.splitlines() if line.startswith("tidemark ")]
        self.assertGreater(len(examples), 30)
        for example in examples:
            words = example.split("  #")[0].split()[1:]
            family = words[0] in ("dead-letters", "documents", "new")
            help_text = self.cli.text(*words[:2 if family else 1], "--help")
            for flag in (word for word in words if word.startswith("--")):
                self.assertRegex(help_text, rf"{flag}\b", example)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
