"""The command `tidemark` under test, and a shop with an order for it to look at."""
import json
import os
import subprocess

DONE, FAILING, USAGE, TRY_LATER = 0, 1, 2, 3
SECONDS_MAX = 60


class Tidemark:
    def __init__(self, program, *target):
        self.program, self.target = program, [str(word) for word in target]

    def run(self, *words, code=DONE, environment=None, stdin=""):
        """The standard output of a run that ends with the code."""
        command = [str(self.program), *(str(word) for word in words)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_MAX, input=stdin,
                              env={**os.environ, **(environment or {})})
        if done.returncode != code:
            raise AssertionError(f"{command} ended with {done.returncode}, expected {code}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def text(self, *words, **options):
        return self.run(*words, *self.target, **options)

    def json(self, *words, **options):
        return json.loads(self.run(*words, *self.target, "--json", **options))


def place_order(shop, wait_for, status):
    """A new order of a new product, once it has come to the status."""
    def post(service, path, body):
        code, _, answer = shop.client(service).request("POST", path, body)
        return answer if code == 201 else None

    product = post("inventory", "/products", {"name": "Lamp", "price": 12.5, "quantity_available": 5})
    order = wait_for(lambda: post("payments", "/orders", {"product_id": product["id"], "quantity": 2}), "the order")
    wait_for(lambda: shop.client("payments").request("GET", f"/orders/{order['id']}")[2]["status"] == status,
             f"the order is {status}")
    return order["id"], product["id"]
