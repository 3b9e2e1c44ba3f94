"""The shop, its five services in one process, on ports and a data directory of its own."""
from program import Client, Program, free_ports

SERVICES = ("accounts", "id-cards", "roles", "inventory", "payments")


class Shop(Program):
    def __init__(self, program, folder, *options):
        self.service_ports = dict(zip((*SERVICES, "web"), free_ports(len(SERVICES) + 1)))
        command = [program, "--store", f"embedded:{folder}/data", *options]
        for service, port in self.service_ports.items():
            command += [f"--{service}-port", port]
        super().__init__(command, folder, [self.service_ports[service] for service in SERVICES])

    def client(self, service):
        return Client(self.service_ports[service])
