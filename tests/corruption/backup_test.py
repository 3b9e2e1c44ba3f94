#!/usr/bin/env python3
"""Backs the shop up while it takes orders, kills it, restores the backup elsewhere, and checks the books there.

usage: backup_test.py SHOP TIDEMARK [--seed N]
"""
import argparse
import collections
import copy
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
sys.path[:0] = [str(HERE.parent / "crash"), str(HERE.parent / "harness")]
from books import charge_id, wait_until_quiet
from load import Book, Stockkeeper, everybody
from shop import Shop

DONE, DAMAGED, USAGE, TRY_LATER = range(4)
COMMAND_SECONDS_MAX = 120


class Tidemark:
    def __init__(self, program):
        self.program = program

    def __call__(self, *words, code=DONE):
        """Runs a command with --json; returns what it printed."""
        command = [self.program, *words, "--json"]
        ended = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=COMMAND_SECONDS_MAX)
        printed = f"{' '.join(map(str, command))}: {ended.returncode}\n{ended.stdout}{ended.stderr}"
        assert ended.returncode == code, f"expected exit code {code}: {printed}"
        return json.loads(ended.stdout) if ended.stdout else None


def work(people, until):
    """Lets them work until the condition holds."""
    deadline = time.monotonic() + 60
    while not until():
        for person in people:
            assert not person.failure, f"{person.name}: {person.failure!r}"
        assert time.monotonic() < deadline, "the shop does nothing"
        time.sleep(0.02)


def stop(people):
    for person in people:
        person.stopping.set()
    for person in people:
        person.join(120)
        assert not person.is_alive(), f"{person.name} did not end"


def check_books(shop, book, charges):
    """Everything in the book is there, and balances, whatever else there may be."""
    orders = {order["id"]: order for order in shop.client("payments").all("/orders")}
    for entry in book.orders:
        order = orders.get(entry.id)
        assert order, f"order {entry.id} was acknowledged before the backup and is lost"
        assert (order["product_id"], order["quantity"]) == (entry.product_id, entry.quantity), f"{entry} became {order}"
    sold = collections.Counter()
    for order in orders.values():
        if order["status"] == "fulfilled":
            sold[order["product_id"]] += order["quantity"]
    products = {product["id"]: product for product in shop.client("inventory").all("/products")}
    for id, entry in book.products.items():
        left = entry.opening_stock + sum(entry.adjustments) - sold[id]
        assert products[id]["quantity_available"] == left, f"{products[id]}, but {left} should be left"
    for path, service in ("/users", "accounts"), ("/cards", "id-cards"), ("/roles", "roles"):
        lost = set(book.users) - {item["id"] for item in shop.client(service).all(path)}
        assert not lost, f"{service} has lost {lost}"
    asked = collections.Counter(charge_id(line.split()[1]) for line in charges.read_text().splitlines()
                                if line.startswith("charge"))
    twice = [order["id"] for order in orders.values() if asked[order["charge_id"]] != 1]
    assert not twice, f"not charged once: {twice}"


def post(port, content_type):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=COMMAND_SECONDS_MAX)
    try:
        connection.request("POST", "/admin/v1/backup", "{}", {"Content-Type": content_type})
        return connection.getresponse().status
    finally:
        connection.close()


def flip_a_bit(path, chance):
    at = chance.randrange(path.stat().st_size)
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1 << chance.randrange(8)]))


def back_up_under_load(tidemark, shop, seed):
    """Returns the book as it was before the last backup began, and that backup."""
    book = Book()
    people = everybody(shop, book, seed)
    for person in people:
        person.start()
    try:
        work(people, lambda: len(book.orders) >= 40 and len(book.users) >= 5)
        # So that what is in the book about the stock is all that there is.
        stop([person for person in people if isinstance(person, Stockkeeper)])
        url = f"http://127.0.0.1:{shop.service_ports['inventory']}"
        first = tidemark("backup", "--url", url)
        assert post(shop.service_ports["inventory"], "text/plain") == 415, "a page of another origin could ask for it"
        orders = len(book.orders)
        work(people, lambda: len(book.orders) >= orders + 20)
        before = copy.deepcopy(book)
        made = tidemark("backup", "--url", url, "--keep", 1)
        orders = len(book.orders)
        work(people, lambda: len(book.orders) >= orders + 20)
        assert made["removed"] == [pathlib.Path(first["backup"]).name], made
        assert tidemark("check", "--data", shop.folder / "data", code=TRY_LATER)["error"]["code"] == "in_use"
        assert tidemark("backup", "--data", shop.folder / "data", code=TRY_LATER)["error"]["code"] == "in_use"
    finally:
        for person in people:
            person.stopping.set()
        shop.kill()  # While some of them wait for an answer, which fails them: they have done their work.
        for person in people:
            person.join(120)
    return before, pathlib.Path(made["backup"])


def check_commands(tidemark, folder, backup, chance):
    """On the directory that the kill has left, and on what was restored."""
    left, restored = folder / "first" / "data", folder / "second" / "data"
    assert tidemark("check", "--data", left)["well"]
    assert tidemark("check", "--backup", backup)["well"]
    assert [item["backup"] for item in tidemark("backups", "--in", backup.parent)["items"]] == [str(backup)]
    counts = tidemark("restore", "--from", backup.parent, "--data", restored)["counts"]
    assert counts["documents"] > 0 and counts["entries"] > 0, counts
    assert tidemark("restore", "--from", backup, "--data", restored, code=USAGE)["error"]["code"] == "already_exists"
    tidemark("check", "--data", folder / "nowhere", code=USAGE)
    tidemark("check", code=USAGE)

    damaged = folder / "damaged"
    shutil.copytree(backup, damaged)
    victim = chance.choice([file for file in sorted(damaged.iterdir()) if file.stat().st_size])
    flip_a_bit(victim, chance)
    error = tidemark("restore", "--from", damaged, "--data", folder / "never", code=DAMAGED)["error"]
    assert victim.name in error["about"], error
    assert not (folder / "never").exists()


def check_damage(tidemark, data, backup, chance):
    """Of a sorted file, at rest: it is named, and a restore brings the directory back."""
    victim = max(data.glob("*.sst"), key=lambda file: file.stat().st_size)
    flip_a_bit(victim, chance)
    report = tidemark("check", "--data", data, code=DAMAGED)
    assert [wrong["file"] for wrong in report["wrong"] if "file" in wrong] == [victim.name], report
    tidemark("backup", "--data", data, "--to", data.parent / "refused", code=DAMAGED)
    assert tidemark("restore", "--from", backup, "--data", data, "--replace")["well"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shop", type=pathlib.Path)
    parser.add_argument("tidemark", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    print(f"backup: --seed {options.seed}", flush=True)
    chance = random.Random(options.seed)
    tidemark = Tidemark(options.tidemark.resolve())
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tidemark-backup-"))
    for name in "first", "second":
        (folder / name).mkdir()

    with Shop(options.shop.resolve(), folder / "first") as shop:
        book, backup = back_up_under_load(tidemark, shop, options.seed)
    check_commands(tidemark, folder, backup, chance)

    # The payment provider goes on: it knows what it was asked for after the backup, too.
    shutil.copy(folder / "first" / "charges", folder / "second" / "charges")
    with Shop(options.shop.resolve(), folder / "second") as shop:
        assert not (still_open := wait_until_quiet(shop)), still_open
        check_books(shop, book, shop.charges)
        assert shop.stop() == 0, shop.last_words()
    data = folder / "second" / "data"
    assert tidemark("check", "--data", data)["clean_stop"]
    check_damage(tidemark, data, backup, chance)

    print(f"backup: {len(book.products)} products, {len(book.orders)} orders, {len(book.users)} users were there again")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
