"""What a deployment would start in containers or units, started here: the same commands with the same environment, on free
ports, with a local Redis and, as root, as a user without any right."""
import dataclasses
import os
import pathlib
import re
import shutil

import dockerfile
import manifests
from ports import free_ports
from program import Program
from redis_servers import Server

ROOT = manifests.ROOT
PASSWORD = "0123456789abcdef"
UID = 10001


@dataclasses.dataclass
class Plan:
    """What is to be started: `programs` has (command, environment) by name, `redis_script` what its container runs."""
    programs: dict
    redis_script: str = None
    redis_environment: dict = dataclasses.field(default_factory=dict)


def of_compose():
    services = manifests.compose({"REDIS_PASSWORD": PASSWORD})["services"]
    image = dockerfile.read(ROOT / "Dockerfile")["programs"].environment()
    redis = services.pop("redis")
    del services["front"]
    programs = {name: (service["command"], {**image, **strings(service["environment"])})
                for name, service in services.items()}
    return Plan(programs, redis["command"][0], strings(redis["environment"]))


def of_kubernetes():
    secret = {"url": f"redis://:{PASSWORD}@redis:6379", "redis-password": PASSWORD}
    image = dockerfile.read(ROOT / "Dockerfile")["programs"].environment()
    plan = Plan({})
    for item in manifests.kubernetes():
        for container in manifests.containers_of(item):
            environment = {entry["name"]: entry.get("value") or secret[entry["valueFrom"]["secretKeyRef"]["key"]]
                           for entry in container.get("env", [])}
            if item["kind"] == "StatefulSet":
                plan.redis_script, plan.redis_environment = container["args"][0], environment
            elif container["image"].startswith("tidemark:"):
                plan.programs[item["metadata"]["name"]] = container["args"], {**image, **environment}
    return plan


def of_systemd():
    """The units with the files of settings that docs/deployment.md shows."""
    unit = (ROOT / "deploy/systemd/tidemark@.service").read_text()
    page = (ROOT / "docs/deployment.md").read_text()
    common = re.search(r"```ini\n# /etc/tidemark/common\.env\n(.*?)```", page, re.S)[1]
    plan = Plan({})
    for name in ("accounts", "id-cards", "roles", "inventory", "payments", "web"):
        command = re.search(r"^ExecStart=(.*)$", unit, re.M)[1].replace("%i", name)
        environment = dict(line.split("=", 1) for line in re.findall(r"^Environment=(.*)$", unit, re.M))
        environment |= dict(line.split("=", 1) for line in common.splitlines() if line and not line.startswith("#"))
        plan.programs[name] = [pathlib.Path(command).name], environment
    return plan


def strings(environment):
    return {name: str(value) for name, value in environment.items()}


class Redis(Server):
    """Its container's own script, with folder and port put in."""

    def __init__(self, folder, script, environment):
        super().__init__(folder, password=environment["REDIS_PASSWORD"])
        self.program = ("env", *(f"{name}={value}" for name, value in environment.items()), "sh", "-c",
                        script.replace("dir /data\n", f"dir {self.folder}\nbind 127.0.0.1\nport {self.port}\n"))


class Deployment:
    """A plan while it runs. `ports`: where each program answers."""

    def __init__(self, plan, programs, folder):
        self.folder = pathlib.Path(folder)
        self.folder.chmod(0o755)
        self.redis = Redis(self.folder / "redis", plan.redis_script, plan.redis_environment) if plan.redis_script else \
            Server(self.folder / "redis", password=PASSWORD)
        self.ports = dict(zip(plan.programs, free_ports(len(plan.programs))))
        self.data = self.folder / "data"
        self.data.mkdir()
        if os.geteuid() == 0:
            os.chown(self.data, UID, UID)
        self.programs = {name: self._program(programs, name, *what) for name, what in plan.programs.items()}

    def _program(self, programs, name, command, environment):
        folder = self.folder / name
        folder.mkdir()
        environment = {key: self._local(value) for key, value in environment.items()}
        environment["TIDEMARK_PORT"] = str(self.ports[name])
        words = [*without_rights(), programs / command[0], *command[1:]]
        return Program(words, folder, [self.ports[name]], environment)

    def _local(self, value):
        value = re.sub(r"@(redis|127\.0\.0\.1):6379", f"@{self.redis.address}", value)
        return re.sub(r"^/data/", f"{self.data}/", value)

    def __enter__(self):
        try:
            self.redis.start()
            for program in self.programs.values():
                program.launch()
            for program in self.programs.values():
                program.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for program in self.programs.values():
            if program.process:
                program.__exit__()
        self.redis.kill()


def without_rights():
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        return []
    return ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", "--no-new-privs", "--bounding-set=-all",
            "--inh-caps=-all"]
