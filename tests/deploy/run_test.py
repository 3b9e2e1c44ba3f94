"""The shop as compose, Kubernetes and systemd would start it: it gets ready, takes an order, and stops on SIGTERM.

usage: run_test.py PROGRAMS     (the folder of the built programs)
"""
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
sys.path[:0] = [str(HERE.parent / "harness")]
import dockerfile
import processes
from ports import free_ports
from program import Client, Lost, Program

PROGRAMS = pathlib.Path(sys.argv[1]).resolve()
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
PATIENCE_SECONDS = 60
ORDERED = 2


def until(condition, what):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not so after {PATIENCE_SECONDS} s")
        time.sleep(0.05)
    return value


def ask(port, path, method="GET", body=None, wanted=200):
    status, _, answer = Client(port).request(method, path, body)
    assert status == wanted, f"{method} {path}: {status} {answer}"
    return answer


def healthy(port):
    """What the containers' health check says."""
    return subprocess.run([processes.ROOT / "deploy/health"], env={"TIDEMARK_PORT": str(port)}).returncode == 0


class Front(Program):
    """nginx with its configuration; the services' names become addresses, its port a free one."""

    def __init__(self, deployment):
        folder = deployment.folder / "front"
        folder.mkdir()
        (port,) = free_ports(1)
        text = (processes.ROOT / "deploy/nginx.conf").read_text().replace("listen 3000;", f"listen 127.0.0.1:{port};")
        text = re.sub(r"server ([\w-]+):\d+", lambda found: f"server 127.0.0.1:{deployment.ports[found[1]]}", text)
        text = text.replace("/tmp/nginx", f"{deployment.data}/nginx")
        (folder / "nginx.conf").write_text(text)
        _, *words = dockerfile.read(processes.ROOT / "Dockerfile")["front"].list("CMD")
        words[words.index("-c") + 1] = folder / "nginx.conf"
        super().__init__([*processes.without_rights(), NGINX, *words], folder, [port])
        self.port = port


class Run(unittest.TestCase):
    def play(self, plan):
        with tempfile.TemporaryDirectory(prefix="tidemark-deploy-") as folder, \
                processes.Deployment(plan, PROGRAMS, folder) as deployment:
            try:
                self.order(lambda service: (deployment.ports[service], ""))
                if NGINX:
                    self.play_front(deployment)
                else:
                    print("nginx is not here: its configuration is not run", file=sys.stderr)
                self.stop(deployment)
            except (AssertionError, Lost):
                for program in deployment.programs.values():
                    print(f"--- {program.folder.name}\n{program.last_words()}", file=sys.stderr)
                raise

    def order(self, address):
        def request(service, path, *more):
            port, prefix = address(service)
            return ask(port, prefix + path, *more)
        product = request("inventory", "/products", "POST", {"name": "lamp", "price": 19.9, "quantity_available": 5}, 201)

        def placed():
            port, prefix = address("payments")
            wish = {"product_id": product["id"], "quantity": ORDERED}
            status, _, order = Client(port).request("POST", prefix + "/orders", wish)
            return order if status == 201 else None
        order = until(placed, "payments knows the product")
        until(lambda: request("payments", f"/orders/{order['id']}")["status"] == "fulfilled", "the order is fulfilled")
        self.assertEqual(request("inventory", f"/products/{product['id']}")["quantity_available"], 5 - ORDERED)
        user = request("accounts", "/add-user", "POST", None, 201)
        for service, path in ("id-cards", "/cards"), ("roles", "/roles"):
            until(lambda: user["id"] in [item["id"] for item in request(service, path)["items"]], f"{service} knows the user")

    def play_front(self, deployment):
        with Front(deployment) as front:
            self.assertTrue(healthy(front.port))
            self.order(lambda service: (front.port, f"/api/{service}"))
            self.assertEqual(Client(front.port).request("GET", "/admin/v1/handlers")[0], 404)
            self.assertTrue(self.first_event(front.port), "an event leaves at once")
            front.process.send_signal(3)  # SIGQUIT, as the image says
            self.assertEqual(front.wait(), 0)

    def first_event(self, port):
        """A stream through the front, on which something is told while it stays open."""
        connection = Client(port).connection
        connection.request("GET", "/api/events")
        answer = connection.getresponse()
        self.assertEqual(answer.status, 200)
        ask(port, "/api/accounts/add-user", "POST", None, 201)
        line = b""
        while not line.startswith(b"data:"):
            line = answer.readline()
            self.assertTrue(line, "the stream ended")
        connection.close()
        return line

    def stop(self, deployment):
        for name, program in deployment.programs.items():
            self.assertTrue(healthy(deployment.ports[name]), name)
        self.assertEqual({name: program.stop() for name, program in deployment.programs.items()},
                         dict.fromkeys(deployment.programs, 0))
        for name in deployment.programs:
            self.assertFalse(healthy(deployment.ports[name]), name)
        written = [path for path in deployment.folder.rglob("*")
                   if path.is_file() and path.stat().st_uid == processes.UID and deployment.data not in path.parents]
        self.assertEqual(written, [], "nothing is written outside of the volume")

    def test_what_compose_starts(self):
        self.play(processes.of_compose())

    def test_what_kubernetes_starts(self):
        self.play(processes.of_kubernetes())

    def test_what_systemd_starts(self):
        self.play(processes.of_systemd())


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)
