"""The shop as its users run it beyond one machine: processes of each service, several of each, on one store."""
import pathlib
import random

from ports import free_ports
from program import Client, Lost, Program
from shop import SERVICES


class Fleet:
    """`copies` processes of every service. Whoever uses it sees the services, not their processes."""

    def __init__(self, folder_of_programs, folder, store, copies=2, options=()):
        self.folder = pathlib.Path(folder)
        self.charges = self.folder / "charges"
        self.store = store
        self.processes = {}
        for service in SERVICES:
            self.processes[service] = [self._process(folder_of_programs, service, number, options) for number in range(copies)]

    def _process(self, programs, service, number, options):
        folder = self.folder / f"{service}-{number}"
        folder.mkdir()
        port = free_ports(1)[0]
        command = [pathlib.Path(programs, service), "--store", self.store, "--port", port, *options]
        return Program(command, folder, [port], {"SHOP_CHARGES": str(self.charges)})

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        for process in self.all():
            if process.process:
                process.__exit__()

    def all(self):
        return [process for processes in self.processes.values() for process in processes]

    def start(self):
        for process in self.all():
            process.launch()
        for process in self.all():
            process.wait_until_ready()

    def stop(self):
        """SIGTERM to all. Returns the exit codes that are not 0, by the process's folder."""
        for process in self.all():
            process.terminate()
        codes = {process.folder.name: process.wait() for process in self.all()}
        return {name: code for name, code in codes.items() if code}

    def expect_running(self):
        for process in self.all():
            process.expect_running()

    def client(self, service):
        return FleetClient(self.processes[service])

    def last_words(self):
        return "\n".join(f"--- {process.folder.name}\n{process.last_words()}" for process in self.all())


class FleetClient:
    """Asks one of a service's processes, and after a failure another one. For one thread."""

    def __init__(self, processes):
        self.clients = [Client(process.ports[0]) for process in processes]
        random.shuffle(self.clients)

    def request(self, *arguments):
        try:
            return self.clients[0].request(*arguments)
        except Lost:
            self.clients.append(self.clients.pop(0))
            raise

    def all(self, path):
        return Client.all(self, path)
