"""A page's commands, run as a reader would: block by block in one shell, on ports of their own."""
import contextlib
import os
import random
import re
import signal
import subprocess
import threading

from ports import PORTS, reserve


def blocks(path):
    """The commands of each ```sh block."""
    return re.findall(r"^```sh\n(.*?)^```", path.read_text(), re.M | re.S)


def cluster_ports(count):
    """Ports in a row which belong to this process, with the 10000 above them, where the nodes talk to each other."""
    while True:
        first = random.randrange(PORTS.start, PORTS.stop - 10_000 - count)
        wanted = range(first, first + count)
        if all(reserve(port) and reserve(port + 10_000) for port in wanted):
            return list(wanted)


class Shell:
    """bash, fed with one block after the other; the first command that fails ends it."""

    def __init__(self, folder, environment):
        self.process = subprocess.Popen(["bash", "-euo", "pipefail"], cwd=folder, env={**os.environ, **environment},
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        start_new_session=True)
        self.count = 0

    def run(self, commands, seconds=300):
        """Returns what they printed."""
        self.count += 1
        mark = f"--- block {self.count} is done"
        self.process.stdin.write(f"{commands}\nprintf '\\n%s\\n' '{mark}'\n")
        self.process.stdin.flush()
        # A read can't be told to stop; the end of the shell does.
        overdue = threading.Timer(seconds, os.killpg, (self.process.pid, signal.SIGKILL))
        overdue.start()
        printed = []
        try:
            for line in self.process.stdout:
                if line.rstrip("\n") == mark:
                    return "".join(printed)
                printed.append(line)
        finally:
            overdue.cancel()
        raise AssertionError(f"failed, or took over {seconds} s:\n{commands}\nprinted:\n{''.join(printed)}")

    def end(self):
        """Ends it with all that it started and that did not leave its process group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()
        with contextlib.suppress(OSError):
            self.process.stdin.close()
