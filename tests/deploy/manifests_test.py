"""The compose file, the Kubernetes manifests, nginx's configuration and the systemd unit: what they promise, and that they
agree with the image and with each other.

usage: manifests_test.py PROGRAMS     (the folder of the built programs)
"""
import configparser
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

import dockerfile
import manifests

ROOT, DEPLOY = manifests.ROOT, manifests.DEPLOY
PROGRAMS = pathlib.Path(sys.argv[1]).resolve()
PORTS = {"accounts": 5000, "id-cards": 5001, "roles": 5002, "inventory": 8000, "payments": 8001, "web": 3000}
DRAIN_SECONDS = 10


def seconds(text):
    return int(re.fullmatch(r"(\d+)s", text)[1])


def proxied_ports():
    """Where the front looks for the services, by their names."""
    text = (DEPLOY / "nginx.conf").read_text()
    return {name: int(port) for name, port in re.findall(r"upstream ([\w-]+) \{ server \1:(\d+) ", text)}


class Compose(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.file = manifests.compose({"REDIS_PASSWORD": "secret"})
        cls.services = cls.file["services"]

    def test_it_needs_a_password_and_has_none(self):
        with self.assertRaises(KeyError):
            manifests.compose({})
        self.assertIn("/deploy/.env", (ROOT / ".gitignore").read_text().split())

    def test_the_five_services_the_page_redis_and_the_front_are_there(self):
        self.assertEqual(set(self.services), {*PORTS, "redis", "front"})

    def test_every_container_may_do_nothing_but_its_work(self):
        for name, service in self.services.items():
            with self.subTest(name):
                self.assertTrue(service["read_only"])
                self.assertTrue(any(mount.startswith("/tmp") for mount in service["tmpfs"]))
                self.assertEqual(service["cap_drop"], ["ALL"])
                self.assertIn("no-new-privileges:true", service["security_opt"])
                self.assertRegex(service["user"], r"^[1-9]\d+:[1-9]\d+$")
                self.assertNotIn("privileged", service)
                self.assertEqual(service["restart"], "unless-stopped")
                self.assertIn("test", service["healthcheck"])

    def test_only_the_front_is_reached_from_outside_and_only_on_loopback(self):
        for name, service in self.services.items():
            self.assertEqual("ports" in service, name == "front", name)
            self.assertEqual("outside" in service["networks"], name == "front", name)
        self.assertTrue(self.file["networks"]["inside"]["internal"])
        self.assertEqual(self.services["front"]["ports"], ["127.0.0.1:3000:3000"])

    def test_each_starts_when_what_it_needs_is_healthy_and_has_time_to_drain(self):
        for name in PORTS:
            service = self.services[name]
            self.assertEqual(service["depends_on"]["redis"]["condition"], "service_healthy")
            self.assertGreater(seconds(service["stop_grace_period"]), DRAIN_SECONDS)
            self.assertEqual(self.services["front"]["depends_on"][name]["condition"], "service_healthy")

    def test_commands_ports_and_stores_are_right(self):
        for name, port in PORTS.items():
            service = self.services[name]
            self.assertEqual(service["command"][0], name)
            self.assertEqual(service["environment"]["TIDEMARK_PORT"], port)
            self.assertEqual(service["environment"]["TIDEMARK_STORE"], "redis://:secret@redis:6379")
            self.assertEqual(service["environment"]["TIDEMARK_BIND"], "0.0.0.0")
        self.assertEqual(proxied_ports(), PORTS)

    def test_what_it_builds_are_stages_of_the_image(self):
        stages = dockerfile.read(ROOT / "Dockerfile")
        users = {"front": "front", **dict.fromkeys(PORTS, "programs")}
        for name, stage in users.items():
            self.assertEqual(self.services[name]["build"]["target"], stage)
            self.assertEqual(self.services[name]["user"], stages[stage].last("USER"))

    def test_redis_keeps_what_it_is_told_and_syncs_as_said(self):
        (script,) = self.services["redis"]["command"]
        self.assertIn("appendonly yes\n", script)
        self.assertIn("appendfsync $REDIS_APPENDFSYNC\n", script)
        self.assertIn("maxmemory-policy noeviction\n", script)
        self.assertEqual(self.services["redis"]["environment"]["REDIS_APPENDFSYNC"], "everysec")
        always = manifests.compose({"REDIS_PASSWORD": "secret", "REDIS_APPENDFSYNC": "always"})
        self.assertEqual(always["services"]["redis"]["environment"]["REDIS_APPENDFSYNC"], "always")


class Kubernetes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.objects = manifests.kubernetes()

    def named(self, kind):
        return {item["metadata"]["name"]: item for item in self.objects if item["kind"] == kind}

    def pods(self):
        for item in self.objects:
            if item["kind"] in ("Deployment", "StatefulSet"):
                yield item["metadata"]["name"], item["spec"]["template"]["spec"]

    def test_kustomize_makes_the_same_of_it(self):
        if not shutil.which("kubectl"):
            self.skipTest("kubectl is not here")
        done = subprocess.run(["kubectl", "kustomize", str(DEPLOY / "kubernetes")], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

        def by_name(items):
            return {(item["kind"], item["metadata"]["name"]): json.dumps(item, sort_keys=True) for item in items}
        theirs, ours = by_name(yaml.safe_load_all(done.stdout)), by_name(self.objects)
        self.assertEqual(set(theirs), set(ours))
        for key, item in ours.items():
            self.assertEqual(json.loads(theirs[key]), json.loads(item), key)

    def test_each_service_scales_on_its_own(self):
        for kind in "Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget":
            self.assertEqual(set(self.named(kind)), {*PORTS, "front"}, kind)
        for name, scaler in self.named("HorizontalPodAutoscaler").items():
            self.assertEqual(scaler["spec"]["scaleTargetRef"]["name"], name)
            self.assertGreaterEqual(scaler["spec"]["minReplicas"], 2)
            self.assertGreater(scaler["spec"]["maxReplicas"], scaler["spec"]["minReplicas"])
            (metric,) = scaler["spec"]["metrics"]
            resources = self.named("Deployment")[name]["spec"]["template"]["spec"]["containers"][0]["resources"]
            self.assertIn(metric["resource"]["name"], resources["requests"], "a share of nothing can't be reckoned")

    def test_no_more_processes_than_partitions(self):
        for name, item in self.named("Deployment").items():
            words = item["spec"]["template"]["spec"]["containers"][0].get("args", [])
            if "--partitions" in words:
                partitions = int(words[words.index("--partitions") + 1])
                self.assertLessEqual(self.named("HorizontalPodAutoscaler")[name]["spec"]["maxReplicas"], partitions)

    def test_every_container_may_do_nothing_but_its_work(self):
        for name, pod in self.pods():
            with self.subTest(name):
                self.assertFalse(pod["automountServiceAccountToken"])
                self.assertTrue(pod["securityContext"]["runAsNonRoot"])
                self.assertGreater(pod["securityContext"]["runAsUser"], 0)
                self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
                for container in pod["containers"]:
                    context = container["securityContext"]
                    self.assertTrue(context["readOnlyRootFilesystem"])
                    self.assertFalse(context["allowPrivilegeEscalation"])
                    self.assertEqual(context["capabilities"], {"drop": ["ALL"]})
                    self.assertIn("/tmp", [mount["mountPath"] for mount in container["volumeMounts"]])
                    self.assertIn("memory", container["resources"]["limits"])
                    for mount in container["volumeMounts"]:
                        volumes = [volume["name"] for volume in pod["volumes"]] + ["data"]
                        self.assertIn(mount["name"], volumes)

    def test_probes_ask_the_programs_own_health(self):
        for name, item in self.named("Deployment").items():
            container = item["spec"]["template"]["spec"]["containers"][0]
            self.assertEqual(container["livenessProbe"]["httpGet"], {"path": "/health/live", "port": "http"}, name)
            self.assertEqual(container["readinessProbe"]["httpGet"], {"path": "/health/ready", "port": "http"}, name)
            self.assertIn("startupProbe", container)

    def test_pods_have_time_to_drain(self):
        for name, item in self.named("Deployment").items():
            pod = item["spec"]["template"]["spec"]
            waits = int(pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1])
            self.assertGreater(pod["terminationGracePeriodSeconds"], waits + DRAIN_SECONDS, name)

    def test_commands_and_ports_agree_with_the_services(self):
        for name, port in {**PORTS, "front": 3000}.items():
            item = self.named("Deployment")[name]
            container = item["spec"]["template"]["spec"]["containers"][0]
            (listening,) = container["ports"]
            self.assertEqual(listening, {"name": "http", "containerPort": port})
            environment = {entry["name"]: entry for entry in container["env"]}
            self.assertEqual(environment["TIDEMARK_PORT"]["value"], str(port))
            service, labels = self.named("Service")[name]["spec"], item["spec"]["selector"]["matchLabels"]
            self.assertEqual(service["ports"], [{"name": "http", "port": port, "targetPort": "http"}])
            self.assertEqual(service["selector"], labels)
            self.assertTrue(labels.items() <= item["spec"]["template"]["metadata"]["labels"].items())
            if name != "front":
                self.assertEqual(container["args"][0], name)
                self.assertIn("secretKeyRef", environment["TIDEMARK_STORE"]["valueFrom"])

    def test_secrets_are_only_named(self):
        self.assertEqual(self.named("Secret"), {})

    def test_who_is_not_named_talks_to_nobody(self):
        policies = self.named("NetworkPolicy")
        self.assertEqual(policies["deny-all"]["spec"], {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})
        (rule,) = policies["redis"]["spec"]["ingress"]
        self.assertEqual(rule["from"], [{"podSelector": {"matchLabels": {"tidemark/kind": "program"}}}])

    def test_redis_keeps_its_data(self):
        redis = self.named("StatefulSet")["redis"]["spec"]
        self.assertIn("appendonly yes\n", redis["template"]["spec"]["containers"][0]["args"][0])
        self.assertEqual(redis["volumeClaimTemplates"][0]["metadata"]["name"], "data")


class Up(unittest.TestCase):
    """make up and make down, with a docker that only says what it was asked for."""

    def up(self, *arguments, docker=True):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            for made in "scripts", "deploy", "bin":
                (folder / made).mkdir()
            shutil.copy(ROOT / "scripts/up", folder / "scripts/up")
            for needed in "bash", "dirname", "od", "tr":
                (folder / "bin" / needed).symlink_to(shutil.which(needed))
            if docker:
                (folder / "bin/docker").write_text("#!/bin/bash\necho \"docker $*\"\n")
                (folder / "bin/docker").chmod(0o755)
            done = subprocess.run([folder / "scripts/up", *arguments], env={"PATH": str(folder / "bin")},
                                  capture_output=True, text=True)
            settings = folder / "deploy/.env"
            mode = settings.stat().st_mode & 0o777 if settings.exists() else None
            return done, settings.read_text() if settings.exists() else "", mode

    def test_it_makes_a_password_that_nobody_else_reads_and_starts_everything(self):
        done, settings, mode = self.up()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(settings, r"^REDIS_PASSWORD=[0-9a-f]{48}\n")
        self.assertEqual(mode, 0o600)
        self.assertIn("docker compose --env-file deploy/.env -f deploy/compose.yaml up --build --detach\n", done.stdout)

    def test_it_stops_everything_and_keeps_the_volumes(self):
        done, _, _ = self.up("--down")
        self.assertIn("docker compose --env-file deploy/.env -f deploy/compose.yaml down\n", done.stdout)

    def test_it_says_what_is_missing(self):
        done, _, mode = self.up(docker=False)
        self.assertEqual((done.returncode, mode), (1, None))
        self.assertIn("podman-compose", done.stderr)


class Systemd(unittest.TestCase):
    def setUp(self):
        self.text = (DEPLOY / "systemd/tidemark@.service").read_text()
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        unit.optionxform = str
        unit.read_string(self.text)
        self.service = unit["Service"]

    def test_it_restarts_drains_and_has_no_rights(self):
        wanted = {"Restart": "always", "DynamicUser": "yes", "StateDirectory": "tidemark/%i", "NoNewPrivileges": "yes",
                  "ProtectSystem": "strict", "ProtectHome": "yes", "CapabilityBoundingSet": "", "PrivateTmp": "yes"}
        self.assertEqual({name: self.service[name] for name in wanted}, wanted)
        self.assertGreater(seconds(self.service["TimeoutStopSec"]), DRAIN_SECONDS)
        self.assertIn("EnvironmentFile=-/etc/tidemark/common.env\nEnvironmentFile=-/etc/tidemark/%i.env\n", self.text)

    def test_systemd_takes_it(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is not here")
        with tempfile.TemporaryDirectory() as folder:
            for program in PORTS:
                unit = pathlib.Path(folder, f"tidemark@{program}.service")
                unit.write_text(self.text.replace("/usr/local/bin/%i", str(PROGRAMS / program)))
                done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True)
                said = [line for line in done.stderr.splitlines() if "tidemark@" in line]
                self.assertEqual((done.returncode, said), (0, []), done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
