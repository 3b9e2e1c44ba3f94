"""The people who keep the shop busy, and the book in which they write what was acknowledged to them.

Each repeats a request, with the same Idempotency-Key, until it is answered, however often the shop dies meanwhile. So
when they have stopped, the shop must hold exactly what the book says: nothing less, and nothing twice.
"""
import dataclasses
import random
import threading
import time

from program import Lost

BUSY = (429, 503, 504, 507)
OPENING_STOCK_MAX = 60
SETTLE_SECONDS_MAX = 5


@dataclasses.dataclass
class ProductEntry:
    opening_stock: int
    adjustments: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class OrderEntry:
    id: str
    product_id: str
    quantity: int
    key: str


class Book:
    """What was acknowledged. Appended to from several threads, read when they have ended (orders: also before)."""

    def __init__(self):
        self.products, self.orders, self.users = {}, [], []
        self.lost = 0
        self.repeated = 0


class Person(threading.Thread):
    """Does `step` until told to stop; what goes wrong in it is kept in `failure`."""

    def __init__(self, shop, book, name, seed):
        super().__init__(name=name, daemon=True)
        self.shop, self.book, self.chance = shop, book, random.Random(f"{seed}/{name}")
        self.stopping = threading.Event()
        self.failure = None
        self.clients = {}
        self.requests = 0

    def run(self):
        try:
            while not self.stopping.is_set():
                self.step()
        except Exception as error:  # Reported by the test; a thread's own report would go unnoticed.
            self.failure = error

    def send(self, service, method, path, body=None, headers=None):
        if service not in self.clients:
            self.clients[service] = self.shop.client(service)
        try:
            return self.clients[service].request(method, path, body, headers)
        except Lost:
            self.book.lost += 1
            time.sleep(0.02)  # The shop is down; nothing to wait for but its return.
            raise

    def until_answered(self, service, method, path, body=None, headers=None):
        while True:
            try:
                answer = self.send(service, method, path, body, headers)
            except Lost:
                if self.stopping.is_set():
                    self.shop.expect_running()
                continue
            if answer[0] not in BUSY:
                return answer
            time.sleep(0.05)

    def new_key(self):
        self.requests += 1
        return f"{self.name}-{self.requests}"

    def create(self, service, path, body, key):
        """POSTs once, as far as the shop is concerned. Returns (status, document)."""
        status, _, document = self.until_answered(service, "POST", path, body, {"Idempotency-Key": key})
        return status, document


class Stockkeeper(Person):
    """Creates products and changes their stock; nobody else changes those that are hers."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.own = []

    def step(self):
        if len(self.own) < 3 or self.chance.random() < 0.02:
            self.create_product()
        else:
            self.adjust_stock(self.chance.choice(self.own))

    def create_product(self):
        stock = self.chance.randint(0, OPENING_STOCK_MAX)
        key = self.new_key()
        body = {"name": key, "price": self.chance.randint(1, 5000) / 100, "quantity_available": stock}
        status, product = self.create("inventory", "/products", body, key)
        assert status == 201, f"creating a product: {status} {product}"
        self.own.append(product["id"])
        self.book.products[product["id"]] = ProductEntry(stock)

    def adjust_stock(self, product_id):
        path = f"/products/{product_id}"
        status, headers, product = self.until_answered("inventory", "GET", path)
        assert status == 200, f"product {product_id} was acknowledged and is gone: {status}"
        change = self.chance.randint(-min(3, product["quantity_available"]), 15)
        # The name tells afterwards whether a change took effect whose answer was lost, or says that this is not known.
        mark = self.new_key()
        body = {"name": mark, "price": product["price"], "quantity_available": product["quantity_available"] + change}
        try:
            status, _, answer = self.send("inventory", "PUT", path, body, {"If-Match": headers["ETag"]})
            assert status in (200, 204, 412, *BUSY), f"changing {product_id}: {status} {answer}"
            known, applied = status not in BUSY, status in (200, 204)
        except Lost:
            known = False
        if applied if known else self.took_effect(path, mark):
            self.book.products[product_id].adjustments.append(change)

    def took_effect(self, path, mark):
        """Whether a change did whose answer was lost. It may still be on its way: after the next change it can't any more.
        While no other one is taken either, what was read counts."""
        until = time.monotonic() + SETTLE_SECONDS_MAX
        while True:
            _, headers, product = self.until_answered("inventory", "GET", path)
            if product["name"] == mark:
                return True
            body = {"name": self.new_key(), "price": product["price"], "quantity_available": product["quantity_available"]}
            try:
                if self.send("inventory", "PUT", path, body, {"If-Match": headers["ETag"]})[0] in (200, 204):
                    return False
            except Lost:
                pass
            if time.monotonic() > until:
                return False


class Customer(Person):
    """Places orders, and now and then sends an old one again."""

    def step(self):
        if self.book.orders and self.chance.random() < 0.1:
            self.repeat(self.chance.choice(self.book.orders))
        elif products := list(self.book.products):
            self.order(self.chance.choice(products))
        else:
            time.sleep(0.01)

    def order(self, product_id):
        body = {"product_id": product_id, "quantity": self.chance.randint(1, 3)}
        key = self.new_key()
        status, order = self.create("payments", "/orders", body, key)
        if status == 404:  # Payments has not heard of the product yet.
            return
        assert status == 201, f"placing an order: {status} {order}"
        self.book.orders.append(OrderEntry(order["id"], key=key, **body))

    def repeat(self, entry):
        body = {"product_id": entry.product_id, "quantity": entry.quantity}
        status, order = self.create("payments", "/orders", body, entry.key)
        assert (status, order["id"]) == (201, entry.id), f"{entry} sent again gave {status} {order}"
        self.book.repeated += 1


class Registrar(Person):
    """Adds users, made-up ones and given ones."""

    def step(self):
        key = self.new_key()
        body = {"name": key, "phone": "555", "job": "Cook", "address": "1 Road"} if self.chance.random() < 0.5 else None
        status, user = self.create("accounts", "/add-user", body, key)
        assert status == 201, f"adding a user: {status} {user}"
        self.book.users.append(user["id"])
        time.sleep(0.01)


def everybody(shop, book, seed):
    """All who keep the shop busy, not started yet."""
    staff = [(Stockkeeper, 2), (Customer, 4), (Registrar, 1)]
    return [kind(shop, book, f"{kind.__name__.lower()}{number}", seed) for kind, count in staff for number in range(count)]


def dismiss(people):
    """Ends the work of those who were started. Returns what is wrong with them."""
    for person in people:
        person.stopping.set()
    started = [person for person in people if person.ident]
    for person in started:
        person.join(120)
    return [f"{person.name}: {person.failure!r}" for person in started if person.failure] + \
        [f"{person.name} did not end" for person in started if person.is_alive()]
