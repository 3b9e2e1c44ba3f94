#!/usr/bin/env python3
"""Kills the shop with SIGKILL under load, again and again, restarts it on the same data, and then checks its books.

usage: crash_test.py PROGRAM [--rounds N] [--seed N] [--partitions N]
The seed decides what the load does and when it is killed; how far the shop gets meanwhile differs from run to run.
"""
import argparse
import pathlib
import random
import shutil
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "harness")]
from books import audit
from load import Book, dismiss, everybody
from shop import Shop


def crash(shop, people, rounds, chance):
    """Kills and restarts the shop at random moments while the people work; some kills come during the recovery."""
    for number in range(rounds):
        time.sleep(chance.choice((0.05, 0.3, 1.0)) * chance.random() + 0.01)
        shop.kill()
        shop.start()
        for person in people:
            if person.failure:
                raise AssertionError(f"after kill {number + 1}, {person.name}: {person.failure}") from person.failure


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--partitions", type=int, default=1, help="of each service")
    options = parser.parse_args()
    print(f"crash: {options.rounds} rounds, --seed {options.seed} --partitions {options.partitions}", flush=True)
    chance = random.Random(options.seed)

    folder = tempfile.mkdtemp(prefix="tidemark-crash-")
    shop = Shop(options.program.resolve(), folder, options=("--partitions", options.partitions))
    book = Book()
    people = everybody(shop, book, options.seed)
    wrong = []
    try:
        shop.start()
        for person in people:
            person.start()
        try:
            crash(shop, people, options.rounds, chance)
        finally:
            wrong = dismiss(people)
        wrong += audit(shop, book)
        if code := shop.stop():
            wrong.append(f"SIGTERM ended it with {code}")
    except AssertionError as error:
        wrong.append(str(error))
    finally:
        if shop.process:
            shop.process.kill()
            shop.process.wait()
    print(f"crash: acknowledged {len(book.products)} products, {sum(len(p.adjustments) for p in book.products.values())} "
          f"changes of stock, {len(book.orders)} orders ({book.repeated} sent again), {len(book.users)} users; "
          f"{book.lost} answers lost", flush=True)
    if wrong:
        print(*wrong[:40], f"crash: {len(wrong)} things are wrong; the data and the log are in {folder}", sep="\n")
        print(shop.last_words())
        sys.exit(1)
    shutil.rmtree(folder)
    if not book.orders or not book.users:
        sys.exit("crash: nothing was acknowledged, so nothing was tested")


if __name__ == "__main__":
    main()
