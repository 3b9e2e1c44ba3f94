"""What must hold once the shop is quiet, whatever crashed whenever. Each check returns the sentences that it found wrong."""
import collections
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
            served = {item["user_id"] for item in shop.client(service).all(path)}
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
        wrong += same_ids(f"{service} of users", users, [item["user_id"] for item in shop.client(service).all(path)])
    return wrong


def same_ids(what, acknowledged, kept):
    wrong = [f"{what}: {id} was acknowledged and is lost" for id in sorted(set(acknowledged) - set(kept))]
    wrong += [f"{what}: {id} is there and was never acknowledged" for id in sorted(set(kept) - set(acknowledged))]
    return wrong + [f"{what}: {id} is there {count} times" for id, count in collections.Counter(kept).items() if count > 1]


CHECKS = (check_orders, check_stock, check_users)
