"""HTTP as bytes on a socket: for requests that no client library would send."""
import json
import socket
import time

ANSWER_SECONDS_MAX = 60


class Raw:
    """One connection. `closed` is true once the server has closed it."""

    def __init__(self, port, seconds=ANSWER_SECONDS_MAX, receive_bytes=None):
        self.socket = socket.socket()
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.settimeout(seconds)
        self.socket.connect(("127.0.0.1", port))
        self.port, self.buffer, self.closed, self.opened = port, b"", False, time.monotonic()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """What the server does not want to read any more is lost without a word: its answer says why."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def end(self):
        """No more is sent; answers are still read."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def _more(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        except TimeoutError as error:
            raise AssertionError(f"no answer; so far {self.buffer[:200]!r}") from error
        self.closed = self.closed or not data
        self.buffer += data
        return data

    def answer(self, is_head=False):
        """(status, headers, body) of the next answer; None where the server closes instead. Raises AssertionError for
        one that is not whole, or that does not come."""
        while b"\r\n\r\n" not in self.buffer:
            if not self._more():
                assert not self.buffer, f"half an answer: {self.buffer[:200]!r}"
                return None
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        lines = head.decode("ascii").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, separator, value = line.partition(": ")
            assert separator and name.lower() not in headers, f"a strange line in {head!r}"
            headers[name.lower()] = value
        status = int(lines[0].split(" ")[1])
        if status == 100:
            return self.answer(is_head)
        size = 0 if is_head or status in (204, 304) else int(headers.get("content-length", 0))
        while len(self.buffer) < size:
            assert self._more(), f"the body ends before its end: {head!r}"
        body, self.buffer = self.buffer[:size], self.buffer[size:]
        return status, headers, body


def request_bytes(method, path, headers=(), body=None):
    """A well-formed request, as far as its parts are. `headers`: pairs; Host and Content-Length come by themselves."""
    lines = [f"{method} {path} HTTP/1.1".encode(), b"Host: 127.0.0.1"]
    lines += [f"{name}: {value}".encode("latin-1") for name, value in headers]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}".encode())
    return b"\r\n".join(lines) + b"\r\n\r\n" + (body or b"")


def problem_in(answer):
    """The problem that an answer says, or a sentence about what is wrong with the answer."""
    status, headers, body = answer
    if headers.get("content-type") != "application/problem+json":
        return None, f"answered with {headers.get('content-type')}, not with application/problem+json"
    problem = json.loads(body)
    if problem.get("status") != status or not problem.get("title") or len(problem.get("detail") or "") < 10:
        return None, f"answered with a problem that says too little: {problem}"
    return problem, None
