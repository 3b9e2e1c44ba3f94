#!/usr/bin/env python3
"""Compares docs/configuration.md with what the programs take and say.

usage: configuration_page_test.py SHOP INVENTORY
"""
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/configuration.md").read_text()
SHOP, INVENTORY = (pathlib.Path(program).resolve() for program in sys.argv[1:3])
SECONDS_MAX = 60


def section(title):
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(text):
    """The tables' rows: what stands in back-quotes in the first column, and the second column."""
    for line in text.splitlines():
        if line.startswith("| `"):
            first, second = line.split("|")[1:3]
            for name in re.findall("`([^`]+)`", first):
                yield name, second.strip().strip("`")


def run(program, *arguments, env=None, cwd=None):
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=SECONDS_MAX, env=env or {}, cwd=cwd)


class ConfigurationPage(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_it_has_each_setting_and_what_it_is_when_nothing_is_said(self):
        told = dict(rows(section("Settings")))
        flags = re.findall(r"^  --([a-z-]+) ([A-Z]+) +(.*)$", run(INVENTORY, "--help").stdout, re.M)
        known = {name: help for name, value, help in flags if name != "config"}
        self.assertEqual(set(told), set(known))
        for name, standard in told.items():
            in_help = re.search(r"\(([^()]*)\)$", known[name])
            if name == "port":
                self.assertEqual(in_help[1], "8000")
            elif name != "backups":
                self.assertEqual(standard, in_help[1] if in_help else "none", name)

    def test_several_services_have_a_port_each(self):
        flags = set(re.findall(r"^  --([a-z-]+) ", run(SHOP, "--help").stdout, re.M))
        self.assertIn("`web-port`, `inventory-port`", PAGE)
        self.assertLessEqual({"web-port", "inventory-port"}, flags)
        self.assertNotIn("port", flags)

    def test_it_has_each_option_of_a_store(self):
        embedded, redis = section("The store").split("Redis 7")
        said = run(INVENTORY, "--store", "embedded:./data?none=1").stderr
        self.assertEqual({name for name, _ in rows(embedded)}, set(re.split(", | and ", re.search("there are (.*)\n", said)[1])))
        said = run(INVENTORY, "--store", "redis://127.0.0.1?none=1").stderr
        self.assertEqual({name for name, _ in rows(redis)}, set(re.search("there are (.*)\n", said)[1].split(", ")))

    def test_the_example_starts_a_service(self):
        (example,) = re.findall("```toml\n(.*?)```", PAGE, re.S)
        (self.folder / "inventory.toml").write_text(example)
        service = subprocess.Popen([INVENTORY, "--config", "inventory.toml", "--port", "0"], cwd=self.folder, env={}, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(service.stdout.close)
        self.addCleanup(service.kill)
        lines = []
        for line in service.stdout:
            lines.append(line)
            if '"listening"' in line:
                service.send_signal(signal.SIGTERM)
        self.assertEqual(service.wait(SECONDS_MAX), 0, lines)

    def test_what_is_wrong_is_said_so(self):
        (said,) = re.findall("```\n(inventory: .*?)```", PAGE, re.S)
        (self.folder / "shop.toml").write_text('# a file\n\nprot = 8000\n')
        wrong = [run(INVENTORY, "--config", "shop.toml", cwd=self.folder), run(INVENTORY, env={"TIDEMARK_PORT": "http"}),
                 run(INVENTORY, "--prot", "1")]
        self.assertEqual("".join(one.stderr for one in wrong), said)
        self.assertEqual({one.returncode for one in wrong}, {2})


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
