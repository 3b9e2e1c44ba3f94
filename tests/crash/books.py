"""What must hold once the shop is quiet, whatever crashed whenever. Each check returns the sentences that it found wrong."""
import collections
import decimal
import time

QUIET_SECONDS_MAX = 180
ENDED = ("fulfilled", "refunded")


def wait_until_quiet(shop):
    """Waits until every order has ended and every user has a card and a role. Returns what is still open."""
    until = time.monotonic() + QUIET_SECONDS_MAX
    while True:
        open_ = [f"order {order['id']} is still {order['status']}"
                 for order in shop.client("payments").all("/orders") if order["status"] not in ENDED]
        users = {user["id"] for user in shop.client("accounts").all("/users")}
        for service in "id-cards", "roles":
            path = "/cards" if service == "id-cards" else "/roles"
            served = {item["id"] for item in shop.client(service).all(path)}
            open_ += [f"user {user} has nothing from {service}" for user in users - served]
        if not open_ or time.monotonic() > until:
            return open_
        time.sleep(0.2)


def check_orders(shop, book):
    orders = shop.client("payments").all("/orders")
    kept = {order["id"]: order for order in orders}
    wrong = same_ids("orders", [entry.id for entry in book.orders], [order["id"] for order in orders])
    for entry in book.orders:
        order = kept.get(entry.id)
        if order and (order["product_id"], order["quantity"]) != (entry.product_id, entry.quantity):
            wrong.append(f"order {entry} became {order}")
    return wrong


def check_stock(shop, book):
    """What came in minus what was sold is what is left."""
    sold = collections.Counter()
    for order in shop.client("payments").all("/orders"):
        if order["status"] == "fulfilled":
            sold[order["product_id"]] += order["quantity"]
    products = shop.client("inventory").all("/products")
    wrong = same_ids("products", list(book.products), [product["id"] for product in products])
    for product in products:
        if entry := book.products.get(product["id"]):
            left = entry.opening_stock + sum(entry.adjustments) - sold[product["id"]]
            if left != product["quantity_available"]:
                wrong.append(f"product {product['id']}: opened with {entry.opening_stock}, adjusted by "
                             f"{sum(entry.adjustments)}, sold {sold[product['id']]}, but {product['quantity_available']} are left")
    return wrong


def check_users(shop, book):
    users = [user["id"] for user in shop.client("accounts").all("/users")]
    wrong = same_ids("users", book.users, users)
    for service, path in ("id-cards", "/cards"), ("roles", "/roles"):
        wrong += same_ids(f"{service} of users", users, [item["id"] for item in shop.client(service).all(path)])
    return wrong


def check_charges(shop, book):
    """The payment provider, who knows nothing of the shop's crashes, was asked for each order's money once."""
    orders = shop.client("payments").all("/orders")
    refunded = [order for order in orders if order["status"] == "refunded"]
    asked = collections.defaultdict(list)
    for line in shop.charges.read_text().splitlines():
        what, key, amount = line.split()
        asked[what].append((key, decimal.Decimal(amount)))
    wrong = same_ids("charges", [order["charge_id"] for order in orders], [charge_id(key) for key, _ in asked["charge"]])
    for what, of in ("charge", orders), ("refund", refunded):
        due = collections.Counter(decimal.Decimal(str(order["total"])) for order in of)
        if due != collections.Counter(amount for _, amount in asked[what]):
            wrong.append(f"{what}s: {len(asked[what])} over {sum(amount for _, amount in asked[what])} were asked for, but "
                         f"{due.total()} over {sum(amount * count for amount, count in due.items())} are due")
    return wrong


def charge_id(key):
    """The provider's id for what it charged under this key: FNV-1a, in hexadecimal."""
    hashed = 0xCBF29CE484222325
    for byte in key.encode():
        hashed = (hashed ^ byte) * 0x100000001B3 % 2**64
    return f"ch_{hashed:016x}"


def same_ids(what, acknowledged, kept):
    wrong = [f"{what}: {id} was acknowledged and is lost" for id in sorted(set(acknowledged) - set(kept))]
    wrong += [f"{what}: {id} is there and was never acknowledged" for id in sorted(set(kept) - set(acknowledged))]
    return wrong + [f"{what}: {id} is there {count} times" for id, count in collections.Counter(kept).items() if count > 1]


CHECKS = (check_orders, check_stock, check_charges, check_users)


def audit(shop, book):
    """Once all is quiet. Returns what is still open, and what does not balance."""
    return wait_until_quiet(shop) + [sentence for check in CHECKS for sentence in check(shop, book)]
