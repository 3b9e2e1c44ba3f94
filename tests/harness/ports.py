"""Loopback ports that belong to this process until it ends: for programs that come back on the port that they had."""
import fcntl
import os
import random
import socket
import tempfile

# Below the range from which the system picks for outgoing connections: nobody gets one while its program is down.
PORTS = range(20000, 32000)

# The same for a test that runs itself again as another user.
FOLDER = os.environ.setdefault("HARNESS_PORTS", f"{tempfile.gettempdir()}/tidemark-ports-{os.getuid()}")

# Open for as long as the process lives: its lock on each says to other tests, src/redis/test_ports.cpp too, that the port is taken.
reservations = {}


def free_ports(count, chance=random):
    """`count` ports that nobody listens on and that no other call got, in this process or another one."""
    found = []
    while len(found) < count:
        port = chance.choice(PORTS)
        if reserve(port):
            found.append(port)
    return found


def reserve(port):
    """Whether it is now this process's."""
    if port in reservations or not can_be_bound(port):
        return False
    os.makedirs(FOLDER, exist_ok=True)
    file = open(f"{FOLDER}/{port}", "w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return False
    reservations[port] = file
    return True


def can_be_bound(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
