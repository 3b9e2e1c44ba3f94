"""Programs under test as processes that may be killed: same command, same ports, over all their restarts."""
import http.client
import json
import os
import pathlib
import signal
import subprocess
import time

READY_SECONDS_MAX = 60
ANSWER_SECONDS_MAX = 60


class Lost(Exception):
    """The connection broke before the answer was complete: the request may have taken effect or not."""


class Program:
    def __init__(self, command, folder, ports, environment=None):
        """`ports`: where it answers /health/ready. What it prints goes to `folder`/log."""
        self.environment = {**os.environ, **(environment or {})}
        self.command = [str(word) for word in command]
        self.folder, self.ports = pathlib.Path(folder), ports
        self.log = self.folder / "log"
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def start(self):
        """Returns when it is ready."""
        self.launch()
        self.wait_until_ready()

    def launch(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder,
                                            env=self.environment)

    def wait_until_ready(self):
        until = time.monotonic() + READY_SECONDS_MAX
        while not all(self.ready(port) for port in self.ports):
            self.expect_running()
            if time.monotonic() > until:
                raise AssertionError(f"not ready after {READY_SECONDS_MAX} s:\n{self.last_words()}")
            time.sleep(0.02)

    def ready(self, port):
        try:
            return Client(port).request("GET", "/health/ready")[0] == 200
        except Lost:
            return False

    def expect_running(self):
        if self.process.poll() is not None:
            raise AssertionError(f"it ended by itself with {self.process.returncode}:\n{self.last_words()}")

    def kill(self):
        """SIGKILL: nothing that the process has in memory survives."""
        self.expect_running()
        self.process.kill()
        self.process.wait()

    def stop(self):
        """SIGTERM: drains. Returns the exit code."""
        self.terminate()
        return self.wait()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self):
        return self.process.wait(READY_SECONDS_MAX)

    def pause(self):
        """SIGSTOP: it hangs, with its connections open, until it is resumed."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def last_words(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-30:])


class Client:
    """One connection, opened when needed. For one thread."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS_MAX)

    def __del__(self):
        self.connection.close()

    def request(self, method, path, body=None, headers=None):
        """Returns (status, headers, parsed body); raises Lost."""
        headers = dict(headers or {})
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            self.connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = self.connection.getresponse()
            content = answer.read()
        except TimeoutError as error:
            raise AssertionError(f"{method} {path}: no answer within {ANSWER_SECONDS_MAX} s") from error
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            raise Lost(f"{method} {path}: {error!r}") from error
        parsed = json.loads(content) if content and "json" in (answer.headers["Content-Type"] or "") else None
        return answer.status, answer.headers, parsed

    def all(self, path):
        """Every item of a list, page by page."""
        items, after = [], ""
        while after is not None:
            status, _, page = self.request("GET", f"{path}?limit=1000{after}")
            if status != 200:
                raise AssertionError(f"GET {path}: {status} {page}")
            items += page["items"]
            after = None if page["next"] is None else f"&after={page['next']}"
        return items
