"""Redis servers for tests: one, a master watched by sentinels, or a cluster; on free loopback ports, in their own folders.

All are context managers; leaving one ends the processes that it started, and no others. `url` is what a service takes as
--store. Servers keep port and folder over a restart, so that they come back with what was on disk.

    with Cluster(folder) as cluster:
        master = cluster.master_of("some key")
        master.kill()
        cluster.wait_until_failed_over(master)
        master.start()
"""
import pathlib
import signal
import subprocess
import time

from ports import free_ports

# A machine that is busy with other tests takes its time.
STARTED_SECONDS_MAX = 60
FAILED_OVER_SECONDS_MAX = 120
STOPPED_SECONDS_MAX = 60

# How a server keeps what it was told, by the name that tests use.
PERSISTENCE = {
    "never": {"appendonly": "no", "save": ""},
    "snapshots": {"appendonly": "no", "save": "60 1000"},
    "everysec": {"appendonly": "yes", "appendfsync": "everysec", "save": ""},
    "always": {"appendonly": "yes", "appendfsync": "always", "save": ""},
}


def wait_for(condition, what, seconds=STARTED_SECONDS_MAX):
    """Returns the first true value of condition(). What it raises counts as not yet."""
    until, last = time.monotonic() + seconds, None
    while True:
        try:
            if value := condition():
                return value
            last = None
        except (AssertionError, subprocess.TimeoutExpired) as error:
            last = error
        if time.monotonic() > until:
            raise AssertionError(f"{what}: not so after {seconds} s" + (f": {last}" if last else ""))
        time.sleep(0.05)


class Server:
    """One redis-server process. Options are those of redis.conf; a value may be a list for an option that repeats."""

    def __init__(self, folder, persistence="everysec", password=None, port=None, options=None, program=("redis-server",)):
        self.folder = pathlib.Path(folder)
        self.port = port or free_ports(1)[0]
        self.password, self.program = password, program
        self.options = {"bind": "127.0.0.1", "port": self.port, "dir": self.folder, "daemonize": "no", "protected-mode": "no",
                        "maxmemory-policy": "noeviction", **PERSISTENCE[persistence]}
        if password:
            self.options |= {"requirepass": password, "masterauth": password}
        self.options |= options or {}
        self.log = self.folder / "log"
        self.process = None
        self.paused = False

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @property
    def url(self):
        return f"redis://{credentials(self.password)}{self.address}"

    def launch(self):
        """Starts the process and returns at once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        configuration = self.folder / "redis.conf"
        # Written once: sentinels and CONFIG REWRITE keep in it what they have learnt.
        if not configuration.exists():
            configuration.write_text("".join(configuration_lines(self.options)))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([*self.program, configuration, *self.arguments()], stdout=log,
                                            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=self.folder)

    def arguments(self):
        return []

    def start(self):
        """Returns when it answers and has read what it had on disk."""
        self.launch()
        self.wait_until_started()

    def wait_until_started(self):
        wait_for(self.answers, f"redis-server at {self.port} answers")

    def answers(self):
        if self.process.poll() is not None:
            raise SystemExit(f"redis-server ended by itself with {self.process.returncode}:\n{self.last_words()}")
        return self.cli("PING") == "PONG"

    def cli(self, *words, stdin=None):
        """What redis-cli prints for the command, without the last line break. Raises AssertionError for an error."""
        return redis_cli(self.port, *words, password=self.password, stdin=stdin)

    def info(self, section, field):
        for line in self.cli("INFO", section).splitlines():
            name, _, value = line.strip().partition(":")
            if name == field:
                return value
        return None

    def configure(self, option, value):
        """CONFIG SET, for as long as the process runs."""
        self.cli("CONFIG", "SET", option, str(value))

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    @property
    def answering(self):
        return self.running and not self.paused

    def kill(self):
        """SIGKILL, of a paused one, too: what is not on disk is gone."""
        self.paused = False
        if self.running:
            self.process.kill()
            self.process.wait()

    def stop(self):
        """SIGTERM: it ends in good order, with everything on disk that is to be there."""
        self.process.terminate()
        self.process.wait(STOPPED_SECONDS_MAX)

    def pause(self):
        """SIGSTOP: connections stay open, nothing is answered."""
        self.process.send_signal(signal.SIGSTOP)
        self.paused = True

    def resume(self):
        self.process.send_signal(signal.SIGCONT)
        self.paused = False

    def last_words(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-30:])


class Sentinel(Server):
    def __init__(self, folder, options):
        super().__init__(folder, "never", options=options, program=("redis-server",))
        for option in "appendonly", "save", "maxmemory-policy":
            del self.options[option]

    def arguments(self):
        return ["--sentinel"]


class Group:
    """Several servers that start and end together."""

    servers = ()

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self):
        for server in self.servers:
            server.launch()
        for server in self.servers:
            server.wait_until_started()

    def kill(self):
        for server in self.servers:
            server.kill()

    def last_words(self):
        return "\n".join(f"--- {server.address}\n{server.last_words()}" for server in self.servers)


class Watched(Group):
    """A master with replicas, and sentinels who make one of these the master when it is gone for `down_after_ms`."""

    def __init__(self, folder, replicas=2, sentinels=3, persistence="everysec", password=None, name="mymaster",
                 down_after_ms=3000, options=None):
        folder = pathlib.Path(folder)
        self.name, self.password = name, password
        ports = free_ports(1 + replicas + sentinels)
        first = Server(folder / "redis-0", persistence, password, ports[0], options)
        self.redis = [first] + [
            Server(folder / f"redis-{number}", persistence, password, ports[number],
                   {**(options or {}), "replicaof": f"127.0.0.1 {first.port}", "repl-diskless-sync-delay": 0})
            for number in range(1, replicas + 1)]
        quorum = sentinels // 2 + 1
        self.sentinels = [
            Sentinel(folder / f"sentinel-{number}",
                     {"port": ports[1 + replicas + number], "sentinel": [
                         f"monitor {name} 127.0.0.1 {first.port} {quorum}",
                         f"down-after-milliseconds {name} {down_after_ms}", f"failover-timeout {name} 20000",
                         *([f"auth-pass {name} {password}"] if password else [])]})
            for number in range(sentinels)]
        for number, sentinel in enumerate(self.sentinels):
            sentinel.port = ports[1 + replicas + number]
        self.servers = [*self.redis, *self.sentinels]

    @property
    def url(self):
        seeds = ",".join(sentinel.address for sentinel in self.sentinels)
        return f"redis+sentinel://{credentials(self.password)}{seeds}/{self.name}"

    def start(self):
        super().start()
        self.wait_until_healthy()

    def wait_until_healthy(self):
        """Every sentinel knows the others and every replica that runs, and these are in step with the master."""
        wait_for(self.healthy, "the master, its replicas and its sentinels know each other", FAILED_OVER_SECONDS_MAX)

    def healthy(self):
        master, running = self.master, [server for server in self.redis if server.answering]
        if int(master.info("replication", "connected_slaves") or 0) < len(running) - 1:
            return False
        if any(server.info("replication", "master_link_status") != "up" for server in running if server is not master):
            return False
        for sentinel in self.sentinels:
            state = pairs(sentinel.cli("SENTINEL", "MASTER", self.name))
            if state["flags"] != "master" or int(state["num-other-sentinels"]) < len(self.sentinels) - 1 \
                    or int(state["num-slaves"]) < len(self.redis) - 1:
                return False
        return True

    @property
    def master(self):
        """The one that the sentinels name now."""
        for sentinel in self.sentinels:
            if sentinel.answering:
                port = int(sentinel.cli("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self.name).split()[1])
                return next(server for server in self.redis if server.port == port)
        raise AssertionError("no sentinel runs")

    @property
    def replicas(self):
        master = self.master
        return [server for server in self.redis if server is not master]

    def wait_until_failed_over(self, old):
        """Returns the new master, once all sentinels agree on it and it takes writes."""
        def promoted():
            new = self.master
            return new if new is not old and new.cli("ROLE").split()[0] == "master" else None
        return wait_for(promoted, f"another master than {old.address}", FAILED_OVER_SECONDS_MAX)


class Cluster(Group):
    """Masters that share the slots, each with replicas. `node_timeout_ms`: how long a silent node counts as there."""

    def __init__(self, folder, masters=3, replicas=1, persistence="everysec", password=None, node_timeout_ms=3000,
                 options=None):
        folder = pathlib.Path(folder)
        self.masters_count, self.replicas_each, self.password = masters, replicas, password
        ports = free_ports(2 * masters * (1 + replicas))
        self.servers = [
            Server(folder / f"node-{number}", persistence, password, port, {
                **(options or {}), "cluster-enabled": "yes", "cluster-port": bus, "cluster-config-file": "nodes.conf",
                "cluster-node-timeout": node_timeout_ms, "repl-diskless-sync-delay": 0})
            for number, (port, bus) in enumerate(zip(ports[::2], ports[1::2]))]
        self.created = False

    @property
    def url(self):
        return f"redis+cluster://{credentials(self.password)}" + ",".join(server.address for server in self.servers)

    def start(self):
        super().start()
        if not self.created:
            nodes = [f"{server.address}@{server.options['cluster-port']}" for server in self.servers]
            self.admin("--cluster", "create", *nodes, "--cluster-replicas", self.replicas_each, "--cluster-yes")
            self.created = True
        self.wait_until_healthy()

    def admin(self, *words):
        """redis-cli with --cluster …: create, check, reshard, rebalance."""
        return redis_cli(None, *words, password=self.password, seconds=120)

    def wait_until_healthy(self):
        """Every node that runs says that all slots are served, all know all, and the replicas are in step."""
        wait_for(self.healthy, "the cluster's nodes know each other", FAILED_OVER_SECONDS_MAX)

    def healthy(self):
        running = [server for server in self.servers if server.answering]
        for server in running:
            state = dict(line.strip().split(":", 1) for line in server.cli("CLUSTER", "INFO").splitlines() if ":" in line)
            if state["cluster_state"] != "ok" or state["cluster_slots_ok"] != "16384" \
                    or int(state["cluster_known_nodes"]) != len(self.servers):
                return False
            if server.info("replication", "role") == "slave" and server.info("replication", "master_link_status") != "up":
                return False
        return self.replicas_each == 0 or all(self.replicas_of(master) for master in self.masters) \
            or len(running) < len(self.servers)

    @property
    def asked(self):
        return next(server for server in self.servers if server.answering)

    def nodes(self):
        """What a node that answers knows: (server, id, flags, master's id or "-") for each node."""
        by_port = {server.port: server for server in self.servers}
        found = []
        for line in self.asked.cli("CLUSTER", "NODES").splitlines():
            id, address, flags, master = line.split()[:4]
            found.append((by_port[int(address.split("@")[0].rsplit(":", 1)[1])], id, flags.split(","), master))
        return found

    def id_of(self, server):
        return next(id for node, id, _, _ in self.nodes() if node is server)

    @property
    def masters(self):
        """The masters that serve, as the cluster sees it."""
        return [server for server, _, flags, _ in self.nodes() if "master" in flags and not {"fail", "fail?"} & set(flags)]

    def replicas_of(self, master):
        id = self.id_of(master)
        return [server for server, _, flags, of in self.nodes() if of == id and "fail" not in flags]

    def slot_of(self, key):
        return int(self.asked.cli("CLUSTER", "KEYSLOT", key))

    def master_of(self, key):
        """The master that serves the slot of this key."""
        slot = self.slot_of(key)
        for line in self.asked.cli("CLUSTER", "NODES").splitlines():
            words = line.split()
            for first, last in (part.split("-") if "-" in part else (part, part) for part in words[8:] if "[" not in part):
                if int(first) <= slot <= int(last) and "fail" not in words[2].split(","):
                    return next(s for s in self.servers if s.port == int(words[1].split("@")[0].rsplit(":", 1)[1]))
        return None

    def wait_until_failed_over(self, old):
        """Returns the masters, once they serve all slots without `old`."""
        def served():
            others = [server for server in self.servers if server.answering and server is not old]
            if any("cluster_state:ok" not in server.cli("CLUSTER", "INFO") for server in others):
                return None
            masters = self.masters
            return masters if old not in masters and len(masters) == self.masters_count else None
        return wait_for(served, f"the cluster serves without {old.address}", FAILED_OVER_SECONDS_MAX)

    def move_slots(self, source, target, count):
        """Moves slots with their keys while clients work; returns when that is done."""
        self.admin("--cluster", "reshard", source.address, "--cluster-from", self.id_of(source), "--cluster-to",
                   self.id_of(target), "--cluster-slots", count, "--cluster-yes")


def credentials(password):
    return f":{password}@" if password else ""


def configuration_lines(options):
    for option, values in options.items():
        for value in values if isinstance(values, list) else [values]:
            yield f"{option} {value if str(value) else chr(34) * 2}\n"


def pairs(lines):
    """The map that redis-cli prints as name and value by turns."""
    words = lines.splitlines()
    return dict(zip(words[::2], words[1::2]))


def redis_cli(port, *words, password=None, stdin=None, seconds=20):
    command = ["redis-cli", "-e"] + (["-h", "127.0.0.1", "-p", str(port)] if port else [])
    if password:
        command += ["--no-auth-warning", "-a", password]
    # The command's own words come last; --cluster has its options among them.
    done = subprocess.run(command + [str(word) for word in words], input=stdin, capture_output=True, text=True,
                          timeout=seconds)
    if done.returncode:
        raise AssertionError(f"redis-cli {' '.join(map(str, words))}: {done.stdout}{done.stderr}".strip())
    return done.stdout.rstrip("\n")
