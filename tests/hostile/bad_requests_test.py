#!/usr/bin/env python3
"""Bad requests against every endpoint of the shop, as each service's /openapi.json and the admin API's list them.

Each must be answered with a 4xx problem+json that says what was wrong (501 and 505 where RFC 9110 wants them), must not
keep the connection hanging, and must change nothing: documents, events and cursors stay as they were.
usage: bad_requests_test.py PROGRAM
"""
import json
import pathlib
import shutil
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "harness")]
from endpoints import bad_bodies, endpoints_of, sample
from raw import Raw, problem_in, request_bytes
from shop import SERVICES, Shop

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
JSON = ("Content-Type", "application/json")
# A page's answer may be that it has nothing; all else names what is wrong.
BAD_LIMITS = ("", "0", "-1", "1001", "1e3", "1.5", "abc", "%201", "99999999999999999999", "%31%30%30%31", "١")
BAD_CURSORS = ("x", "AAAA", "..%2F..", "%ff%fe", "%F0%9F%92%A9", "a" * 5000, "-1", "null", "%7B%7D")
BAD_ESCAPES = ("%", "%z", "%zz", "%0", "%00", "%c0%af", "%ff", "%ed%a0%80")
STRANGE_IDS = ("..", ".", "%2e%2e", "..%2f..%2fetc%2fpasswd", "a%2Fb", "%2F", "%25", "%20", "%F0%9F%92%A9", "null", "0",
               "-1", "%0d%0aSet-Cookie:a", "x" * 511, "x" * 513, "x" * 8000, "'%20OR%201=1--", "%7Bid%7D", "*")
BAD_TYPES = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp",
             "application/xml", "x", "application/json, text/plain", "")
TARGET_BYTES_MAX = 8192
BAD_KEYS = ("", "x" * 256, "x" * 8000)
BAD_TAGS = ("x", '"', '""', '"no-such"', ",,,", "0", '"' + "a" * 5000 + '"', 'W/"1"')


class Case:
    def __init__(self, what, data, statuses, ends=False):
        """`statuses`: what it may be answered with. `ends`: the client sends no more after it; then no answer is fine,
        too, as long as the server closes."""
        self.what, self.data, self.statuses, self.ends = what, data, statuses, ends


def methods_cases(endpoint, known):
    for method in METHODS:
        if method in known or (method == "HEAD" and "GET" in known):
            continue
        path = endpoint.path_with("x")
        yield Case(f"the method {method}", request_bytes(method, path, body=b"{}"), (405,))
    for method in "TRACE", "CONNECT", "BREW":
        yield Case(f"the method {method}", request_bytes(method, endpoint.path_with("x")), (501, 400))
    yield Case("a method in small letters", request_bytes(endpoint.method.lower(), endpoint.path_with("x")), (501, 400))


def body_cases(endpoint, id):
    path, schema = endpoint.path_with(id), endpoint.body_schema
    good = json.dumps(sample(schema)).encode()
    for what, text in bad_bodies(schema):
        body = text if isinstance(text, bytes) else text.encode()
        if body == b"null" and not endpoint.body_required:
            continue
        yield Case(what, request_bytes(endpoint.method, path, [JSON], body), (400, 422))
    if endpoint.body_required:
        yield Case("no body", request_bytes(endpoint.method, path, [JSON], b""), (400, 422))
        yield Case("no body and no length", request_bytes(endpoint.method, path, [JSON]), (400, 422))
    for kind in BAD_TYPES:
        headers = [("Content-Type", kind)]
        yield Case(f"Content-Type {kind!r}", request_bytes(endpoint.method, path, headers, good), (415,))
    large = request_bytes(endpoint.method, path, [JSON, ("Content-Length", str(1 << 30))])
    yield Case("a body of 1 GiB", large, (413,))
    yield Case("a body of 1 GiB that waits to be invited", large[:-2] + b"Expect: 100-continue\r\n\r\n", (413,))
    start = request_bytes(endpoint.method, path, [JSON, ("Transfer-Encoding", "chunked")])
    endless = (b"10000\r\n" + b"a" * 0x10000 + b"\r\n") * 20
    yield Case("chunks that never end", start + endless, (413,))
    yield Case("half a body", request_bytes(endpoint.method, path, [JSON], good)[:-3], (400, 408), ends=True)
    yield Case("half a body of chunks", start + b"5\r\n{\"a\"", (400, 408), ends=True)
    for tail, what in ((b"xyz\r\n", "no number before a chunk"), (b"-1\r\n", "a negative chunk"),
                       (b"ffffffffffffffff1\r\n", "a chunk beyond 64 bits"), (b"2\r\n{}xx", "a chunk that is too long"),
                       (b"2;" + b"a" * 20_000 + b"\r\n", "a long extension of a chunk"),
                       (b"0\r\n" + b"A: b\r\n" * 10_000, "a trailer without an end")):
        yield Case(what, start + tail, (400, 413, 431))


def header_cases(endpoint, id):
    path, method = endpoint.path_with(id), endpoint.method
    body = json.dumps(sample(endpoint.body_schema)).encode() if endpoint.body_schema else None
    with_type = [JSON] if body else []

    def request(*headers):
        return request_bytes(method, path, [*with_type, *headers], body)

    if not endpoint.changes:
        return
    if not endpoint.is_admin:
        yield from precondition_cases(method, request)
    for origin in "http://evil.example", "null", "http://127.0.0.1.evil.example", "file://", "http://127.0.0.1:1":
        yield Case(f"a page of {origin}", request(("Origin", origin), ("If-Match", "*")), (403,))
    yield Case("a page of another site", request(("Origin", "http://127.0.0.1"), ("Sec-Fetch-Site", "cross-site"),
                                                 ("If-Match", "*")), (403,))


def precondition_cases(method, request):
    for key in BAD_KEYS:
        headers = ("Idempotency-Key", key), ("If-Match", "*")
        yield Case(f"Idempotency-Key of {len(key)} bytes", request(*headers), (400,))
    if method in ("PUT", "PATCH"):
        yield Case("no If-Match", request(), (428,))
    if method in ("PUT", "PATCH", "DELETE"):
        for tag in BAD_TAGS:
            yield Case(f"If-Match {tag[:20]}", request(("If-Match", tag)), (412,))


def path_cases(endpoint):
    if endpoint.parameters:
        for id in STRANGE_IDS:
            body = json.dumps(sample(endpoint.body_schema)).encode() if endpoint.body_schema else None
            headers = [JSON, ("If-Match", "*")] if body else [("If-Match", "*")]
            statuses = (400, 404, 422)
            if len(endpoint.path_with(id)) > TARGET_BYTES_MAX:
                statuses = (414,)
            elif endpoint.path == "/admin/v1/journeys/{id}":
                statuses = (200, 404)  # any text names a journey, that of the bad request before too
            yield Case(f"the id {id[:30]}", request_bytes(endpoint.method, endpoint.path_with(id), headers, body), statuses)
    path = endpoint.path_with("x")
    for escape in BAD_ESCAPES:
        yield Case(f"{escape} in the path", request_bytes(endpoint.method, f"{path}{escape}"), (400, 404))
    yield Case("an id of 10 kB", request_bytes(endpoint.method, path + "x" * 10_000), (414,))
    yield Case("a fragment", request_bytes(endpoint.method, f"{path}#x"), (400,))
    yield Case("no slash", request_bytes(endpoint.method, path[1:] or "x"), (400,))
    yield Case("a file", request_bytes(endpoint.method, f"file://{path}"), (400,))
    yield Case("a space", request_bytes(endpoint.method, f"{path} x"), (400, 505))
    if endpoint.pages:
        wrong = (400, 404, 422) if endpoint.parameters else (400, 422)
        for limit in BAD_LIMITS:
            yield Case(f"limit={limit}", request_bytes("GET", f"{path}?limit={limit}".encode().decode("latin-1")), wrong)
        for cursor in BAD_CURSORS:
            yield Case(f"after={cursor[:20]}", request_bytes("GET", f"{path}?after={cursor}"), wrong)
        for escape in BAD_ESCAPES[:5]:
            yield Case(f"{escape} in the query", request_bytes("GET", f"{path}?after={escape}"), (400, 422))
        yield Case("a name with a wrong escape", request_bytes("GET", f"{path}?%zz=1"), (400, 422))


def wire_cases(endpoint):
    """What is wrong as HTTP, whatever the endpoint is."""
    line = f"{endpoint.method} {endpoint.path_with('x')} HTTP/1.1\r\n".encode()
    host = b"Host: x\r\n"

    def request(*lines, start=line + host, body=b""):
        return start + b"".join(one + b"\r\n" for one in lines) + b"\r\n" + body

    yield Case("no Host", request(start=line), (400,))
    yield Case("two Hosts", request(b"Host: y"), (400,))
    yield Case("two lengths", request(b"Content-Length: 1", b"Content-Length: 2", body=b"ab"), (400,))
    length, chunked, end = b"Content-Length: 4", b"Transfer-Encoding: chunked", b"0\r\n\r\n"
    yield Case("length and chunks", request(length, chunked, body=end), (400,))
    yield Case("chunks and length", request(chunked, length, body=end), (400,))
    yield Case("chunked twice", request(chunked, chunked, body=end), (400, 501))
    yield Case("chunked, and not", request(chunked + b", identity", body=end), (400, 501))
    yield Case("another coding", request(b"Transfer-Encoding: gzip"), (501, 400))
    for number in b"-1", b"+1", b"1x", b"0x1", b"99999999999999999999", b"1, 2", b"":
        yield Case(f"Content-Length: {number.decode()}", request(b"Content-Length: " + number, body=b"a"), (400, 413))
    yield Case("a blank before the colon", request(b"A : b"), (400,))
    yield Case("no colon", request(b"A"), (400,))
    yield Case("no name", request(b": b"), (400,))
    yield Case("a NUL in a header", request(b"A: b\0c"), (400,))
    yield Case("a carriage return in a header", request(b"A: b\rSet-Cookie: c"), (400,))
    yield Case("bare line feeds", (line + host + b"\r\n").replace(b"\r\n", b"\n"), (400,))
    yield Case("a header of 20 kB", request(b"A: " + b"b" * 20_000), (431,))
    yield Case("a header without an end", line + host + b"A: " + b"b" * 20_000, (431,))
    yield Case("200 headers", request(*[b"A%d: b" % number for number in range(200)]), (431,))
    yield Case("another expectation", request(b"Expect: tea", b"Content-Length: 1", body=b"a"), (417,))
    for version in b"HTTP/2.0", b"HTTP/0.9", b"HTTP/1.2", b"HTTP/11", b"HTTQ/1.1", b"":
        yield Case(f"the version {version.decode()}", line.replace(b"HTTP/1.1", version) + host + b"\r\n", (505, 400))
    yield Case("chunks in HTTP/1.0", request(chunked, start=line.replace(b"1.1", b"1.0"), body=end), (400,))


STRANGERS = (Case("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\r\n" * 40, (400,)),
             Case("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 501, 505)),
             Case("Redis", b"*1\r\n$4\r\nPING\r\n\r\n", (400, 501)),
             Case("SMTP", b"EHLO example\r\n\r\n", (400, 501)),
             Case("noise", bytes(range(256)) * 40 + b"\r\n\r\n", (400, 414, 431)),
             Case("nothing but NULs", b"\0" * 30_000 + b"\r\n\r\n", (400, 414, 431)))


def odd_but_right(endpoint):
    """Requests that look strange and are right: a client gets what it asked for."""
    path = endpoint.path_with("x")
    yield "HTTP/1.0", f"GET {path} HTTP/1.0\r\n\r\n"
    yield "the absolute form", f"GET http://other.example:1{path} HTTP/1.1\r\nHost: other.example\r\n\r\n"
    yield "a folded line", f"GET {path} HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n"
    yield "empty lines before it", f"\r\n\r\nGET {path} HTTP/1.1\r\nHost: x\r\n\r\n"
    yield "a header of any bytes", f"GET {path} HTTP/1.1\r\nHost: x\r\nA: \xff\xfe\r\n\r\n"
    yield "a page of another site that only reads", f"GET {path} HTTP/1.1\r\nHost: x\r\nOrigin: http://evil.example\r\n\r\n"


def failure_of(port, case, is_head):
    """What is wrong with the answer, or None."""
    with Raw(port) as raw:
        raw.send(case.data)
        if case.ends:
            raw.end()
        answer = raw.answer(is_head)
        if answer is None:
            return None if case.ends else "the server closed without an answer"
        if answer[0] not in case.statuses:
            return f"{answer[0]} instead of {' or '.join(map(str, case.statuses))}: {answer[2][:200]}"
        if is_head or answer[0] == 200:
            return None
        return problem_in(answer)[1]


def cases_of(endpoint, methods, id):
    yield from wire_cases(endpoint)
    yield from methods_cases(endpoint, methods[endpoint.path])
    yield from path_cases(endpoint)
    yield from header_cases(endpoint, id)
    if endpoint.body_schema:
        yield from body_cases(endpoint, id)


def attack(shop, service, description="/openapi.json"):
    """All cases against all endpoints of a description. Returns how many, and what went wrong."""
    port, client = shop.service_ports[service], shop.client(service)
    endpoints = endpoints_of(client.request("GET", description)[2])
    assert endpoints, f"{service} describes no endpoints"
    methods = {one.path: {other.method for other in endpoints if other.answers(one.path_with("x"))} for one in endpoints}
    count, wrong = 0, []
    for endpoint in endpoints:
        id = existing_id(client, endpoint)
        for case in [*cases_of(endpoint, methods, id), *STRANGERS]:
            count += 1
            if failure := failure_of(port, case, case.data.startswith(b"HEAD ")):
                wrong.append(f"{service} {endpoint}: {case.what}: {failure}")
        if endpoint.method == "GET" and not endpoint.streams:
            wrong += [f"{service} {endpoint}: {what}: {status}" for what, status in odd_answers(port, endpoint)]
    return count, wrong


def odd_answers(port, endpoint):
    for what, text in odd_but_right(endpoint):
        with Raw(port) as raw:
            raw.send(text.encode("latin-1"))
            answer = raw.answer()
            # The admin API answers to localhost and addresses only, and wants ids of its kinds.
            if not answer or answer[0] not in ((200, 400, 403, 404) if endpoint.is_admin else (200, 404)):
                yield what, answer


def existing_id(client, endpoint):
    """Of something in the list that the endpoint's path goes on from; only there can a precondition fail."""
    if not endpoint.parameters or endpoint.is_admin:
        return "x"
    items = client.all(endpoint.path[:endpoint.path.index("/{")])
    assert items, f"there is nothing for {endpoint} to go wrong with"
    return items[0].get("id") or items[0][endpoint.parameters[0]]


def fill(shop):
    """One of everything, and quiet."""
    chair = {"name": "chair", "price": 10, "quantity_available": 5}
    product = shop.client("inventory").request("POST", "/products", chair)[2]
    order = {"product_id": product["id"], "quantity": 1}
    shop.client("accounts").request("POST", "/add-user")
    wait_until(lambda: shop.client("payments").request("POST", "/orders", order)[0] == 201, "payments knows the product")
    wait_until(lambda: shop.client("payments").all("/orders")[0]["status"] == "fulfilled", "the order is fulfilled")
    for service, path in ("id-cards", "/cards"), ("roles", "/roles"):
        wait_until(lambda: shop.client(service).all(path), f"{service} has heard of the user")
    wait_until(lambda: quiet(shop), "no event is waiting")


def wait_until(condition, what, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"not within {seconds} s: {what}"
        time.sleep(0.02)


def handlers(shop):
    return {service: shop.client(service).request("GET", "/admin/v1/handlers")[2]["items"] for service in SERVICES}


def quiet(shop):
    return all(handler["lag"] == handler["pending"] == 0 for items in handlers(shop).values() for handler in items)


def contents(shop):
    """All that can be seen of the store: documents, and how far each handler is in its topic."""
    lists = {}
    for service in SERVICES:
        client = shop.client(service)
        for endpoint in endpoints_of(client.request("GET", "/openapi.json")[2]):
            if endpoint.pages:
                lists[service, endpoint.path] = client.all(endpoint.path)
    topics = shop.client("payments").request("GET", "/admin/v1/topics")[2]["items"]
    return lists, handlers(shop), {topic["name"]: topic["entries_added"] for topic in topics}


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    folder = tempfile.mkdtemp(prefix="tidemark-bad-requests-")
    began, count, wrong = time.monotonic(), 0, []
    with Shop(program, folder) as shop:
        fill(shop)
        before = contents(shop)
        for service in (*SERVICES, "web"):
            sent, failures = attack(shop, service)
            count, wrong = count + sent, wrong + failures
        sent, failures = attack(shop, "payments", "/admin/v1/openapi.json")
        count, wrong = count + sent, wrong + failures
        wait_until(lambda: quiet(shop), "no event is waiting")
        if contents(shop) != before:
            wrong.append(f"something changed: {before} became {contents(shop)}")
        if code := shop.stop():
            wrong.append(f"SIGTERM ended it with {code}")
    print(f"bad requests: {count} in {time.monotonic() - began:.1f} s, {len(wrong)} not answered as they should", flush=True)
    if wrong:
        sys.exit("\n".join(wrong[:60]))
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
