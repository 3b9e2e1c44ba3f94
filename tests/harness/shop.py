"""The shop, its five services in one process, on ports and a data directory of its own."""
import pathlib

from ports import free_ports
from program import Client, Program

SERVICES = ("accounts", "id-cards", "roles", "inventory", "payments")


class Shop(Program):
    def __init__(self, program, folder, store=None, options=()):
        """`store`: the URL; when not said, an embedded one in `folder`, every reply behind an fsync."""
        self.service_ports = dict(zip((*SERVICES, "web"), free_ports(len(SERVICES) + 1)))
        # Where the pretended payment provider writes what it was asked for, apart from the shop's own data.
        self.charges = pathlib.Path(folder, "charges")
        command = [program, "--store", store or f"embedded:{folder}/data?durability=always", *options]
        for service, port in self.service_ports.items():
            command += [f"--{service}-port", port]
        super().__init__(command, folder, [self.service_ports[service] for service in SERVICES],
                         {"SHOP_CHARGES": str(self.charges)})

    def client(self, service):
        return Client(self.service_ports[service])
