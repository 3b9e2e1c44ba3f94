#!/usr/bin/env python3
"""The shop on a small disk that others fill up, and that has room again later.

With a reserve, orders are refused with 507 before the disk is full, while handlers go on with what was accepted; it
comes back by itself when there is room. Without a reserve, the last byte of the disk ends the process; started again when
there is room, it has all that it acknowledged. The disk is a file system of its own in memory (mounted where only this
process sees it); where that may not be mounted, the test says so and tries the reserve on the disk that is there.
usage: full_disk_test.py PROGRAM
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "harness")]
from program import Lost
from shop import Shop

INSIDE = "TIDEMARK_TEST_HAS_OWN_MOUNTS"
DISK_MIB = 192
RESERVE_MIB = 64
# On a disk that others write to meanwhile: so much is filled up, and the reserve is in the middle of it.
SHARED_FILL_MIB = 2048


def with_own_mounts():
    """Runs this test again where it may mount; does not return if that goes."""
    for command in ["unshare", "-m"], ["unshare", "-Urm"]:
        if subprocess.run([*command, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True).returncode == 0:
            os.environ[INSIDE] = "1"
            os.execvp(command[0], [*command, sys.executable, "-B", *sys.argv])


class SmallDisk:
    """A file system of `mib`, which is gone with this process."""

    def __init__(self, folder, mib):
        self.folder, self.mib = folder, mib
        self.mount(f"size={mib}m")

    def mount(self, options):
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", self.folder], check=True)

    def enlarge(self, mib):
        subprocess.run(["mount", "-o", f"remount,size={mib}m", self.folder], check=True)


class Filler:
    """What others put onto the disk."""

    def __init__(self, folder):
        self.path = pathlib.Path(folder, "filler")

    def fill(self, mib):
        with self.path.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, mib << 20)

    def remove(self):
        self.path.unlink()


def free_mib(folder):
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize >> 20


def wait_until(condition, what, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def order(shop, product):
    return shop.client("payments").request("POST", "/orders", {"product_id": product, "quantity": 1})


def begin(shop):
    product = shop.client("inventory").request(
        "POST", "/products", {"name": "chair", "price": 10, "quantity_available": 100_000})[2]["id"]
    wait_until(lambda: order(shop, product)[0] == 201, "payments knows the product")
    return product


def all_ended(shop):
    return all(item["status"] == "fulfilled" for item in shop.client("payments").all("/orders"))


def refuse_and_come_back(program, folder, filler, fill, reserve):
    """With a reserve."""
    with Shop(program, folder, store=f"embedded:{folder}/data?reserve={reserve}") as shop:
        product = begin(shop)
        accepted = sum(order(shop, product)[0] == 201 for _ in range(50)) + 1
        filler.fill(fill)
        wait_until(lambda: order(shop, product)[0] == 507, "orders are refused")
        status, _, problem = order(shop, product)
        assert status == 507 and len(problem["detail"]) > 10, f"{status} {problem}"
        assert not shop.ready(shop.service_ports["payments"]), "it says that it is ready for more"
        wait_until(lambda: all_ended(shop), "what was accepted is worked off meanwhile")
        count = len(shop.client("payments").all("/orders"))
        assert count >= accepted, f"{accepted} orders were accepted, {count} are there"
        filler.remove()
        wait_until(lambda: order(shop, product)[0] == 201, "orders are accepted again")
        wait_until(lambda: all_ended(shop), "all orders have ended")
        assert shop.stop() == 0, f"it does not stop well:\n{shop.last_words()}"



def fill_to_the_last_byte(program, folder, disk):
    """Without a reserve. Returns how many orders were acknowledged before the disk was full."""
    acknowledged = set()
    with Shop(program, folder, store=f"embedded:{folder}/data?reserve=0") as shop:
        product = begin(shop)
        padding = {"price": 1, "quantity_available": 1}
        Filler(folder).fill(max(1, free_mib(folder) - 8))
        try:
            client = shop.client("inventory")
            for number in range(1_000_000):
                status, _, body = client.request("POST", "/products", {**padding, "name": f"{number} " + "x" * 190})
                if status == 507:
                    break
                assert status == 201, f"{status} {body}"
                acknowledged.add(body["id"])
        except Lost:
            shop.process.wait(60)
        ended = shop.process.poll()
        if ended is not None:
            assert ended != 0 and "No space left" in shop.last_words(), f"it ended with {ended}:\n{shop.last_words()}"
        shop.process.kill()
        shop.process.wait()
        disk.enlarge(2 * DISK_MIB)
        shop.start()
        kept = {item["id"] for item in shop.client("inventory").all("/products")}
        assert acknowledged <= kept, f"{len(acknowledged - kept)} of {len(acknowledged)} acknowledged products are lost"
        assert product in kept
        wait_until(lambda: order(shop, product)[0] == 201, "orders are accepted again")
        assert shop.stop() == 0, f"it does not stop well:\n{shop.last_words()}"
    return len(acknowledged), ended


def main():
    if INSIDE not in os.environ:
        with_own_mounts()
    program = pathlib.Path(sys.argv[1]).resolve()
    folder = tempfile.mkdtemp(prefix="tidemark-full-disk-")
    if INSIDE in os.environ:
        disk = SmallDisk(folder, DISK_MIB)
        refuse_and_come_back(program, folder, Filler(folder), DISK_MIB - RESERVE_MIB, RESERVE_MIB)
        shutil.rmtree(pathlib.Path(folder, "data"))
        count, ended = fill_to_the_last_byte(program, folder, disk)
        print(f"full disk: refused and came back; without a reserve {count} products were acknowledged "
              f"{'before it ended' if ended else 'and it refused the next'}, none is lost", flush=True)
        subprocess.run(["umount", folder], check=True)
    elif free_mib(folder) < 2 * SHARED_FILL_MIB:
        print("full disk: nothing could be tried: no file system may be mounted, and there is too little room", flush=True)
    else:
        print("full disk: no file system may be mounted, so only the reserve is tried", flush=True)
        refuse_and_come_back(program, folder, Filler(folder), SHARED_FILL_MIB, free_mib(folder) - SHARED_FILL_MIB // 2)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
