"""docs/operations.md, command by command, in its order, with an order that is stuck as the page tells it.

usage: operations_page_test.py SHOP TIDEMARK
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "harness")]
from command import DONE, FAILING, SECONDS_MAX, Tidemark, place_order
from redis_servers import wait_for
from shop import Shop

SHOP, TIDEMARK = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
PAGE = HERE.parents[1] / "docs/operations.md"
GROUP = ("stock_taken", "payments")


def sections():
    """Each section's title, with its commands."""
    for section in PAGE.read_text().split("\n## ")[1:]:
        blocks = re.findall(r"```sh\n(.*?)```", section, re.S)
        yield section.splitlines()[0], [line for block in blocks for line in block.splitlines() if line]


class OperationsPage(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.shop = Shop(SHOP, folder.name)
        self.enterContext(self.shop)
        self.cli = Tidemark(TIDEMARK, "--url", f"http://127.0.0.1:{self.shop.service_ports['payments']}")
        self.variables = {"PATH": os.environ["PATH"]}

    def run_line(self, line):
        """A line of the page in a shell, asking this shop."""
        command, _, rest = line.partition(" ")
        self.assertEqual(command, "tidemark", line)
        rest = rest.split("  #")[0]
        done = subprocess.run(["bash", "-c", f"{TIDEMARK} {rest} {' '.join(self.cli.target)}"], capture_output=True, text=True,
                              timeout=SECONDS_MAX, env=self.variables)
        # The health is failing for a while after something failed.
        codes = (DONE, FAILING) if rest.startswith("health") else (DONE,)
        self.assertIn(done.returncode, codes, f"{line}\n{done.stdout}{done.stderr}")
        return done.stdout

    def order_status(self):
        return self.cli.json("documents", "get", "payments.orders", self.order)["document"]["status"]

    def have_an_order_stuck(self):
        """Its stock is taken by another program, which publishes an event with a wrong member past all schemas."""
        self.cli.text("pause", "order_completed", "inventory")
        self.order, product = place_order(self.shop, wait_for, "completed")
        self.shop.stop()
        event = {"order": self.order, "product_id": product, "quantity": 2, "quantity_available": 3, "version": 2}
        at_rest = Tidemark(TIDEMARK, "--data", self.shop.folder / "data")
        at_rest.text("publish", "stock_taken", json.dumps(event), "--key", self.order, "--type", "StockTaken")
        self.shop.start()
        letters = wait_for(lambda: self.cli.json("dead-letters", "list", *GROUP)["items"], "it is given up")
        self.variables.update(ORDER=self.order, LETTER=letters[0]["id"])

    def wait_for_state(self, line):
        """What takes effect a moment after the command before it."""
        if " seek " in line:
            wait_for(lambda: self.cli.json("groups", "order_completed", "inventory")["pending"] == 0, "nothing is in flight")

    def test_every_command_of_the_page(self):
        self.have_an_order_stuck()
        for title, lines in sections():
            self.assertTrue(lines, title)
            for line in lines:
                self.wait_for_state(line)
                said = self.run_line(line)
                if " try " in line:
                    self.assertIn("would succeed", said)
                    self.assertEqual(self.order_status(), "completed")
                if f"redrive {' '.join(GROUP)} $LETTER" in line:
                    wait_for(lambda: self.order_status() == "fulfilled", "the order is mended")
        self.assertEqual(self.cli.json("dead-letters", "list")["items"], [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
