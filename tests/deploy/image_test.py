"""The Dockerfile, as far as it can be checked without building it.

usage: image_test.py PROGRAMS     (the folder of the built programs)
"""
import functools
import pathlib
import re
import subprocess
import sys
import unittest

import dockerfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(sys.argv[1]).resolve()
NAMES = ("shop", "web", "accounts", "id-cards", "roles", "inventory", "payments")


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@functools.cache
def dependencies(package):
    """What comes with a package, as apt sees it: its Depends and theirs."""
    found, open_ = set(), [package]
    while open_:
        name = open_.pop()
        if name not in found:
            found.add(name)
            listed = subprocess.run(["dpkg-query", "--show", "--showformat", "${Pre-Depends}, ${Depends}", name],
                                    capture_output=True, text=True).stdout
            open_ += re.findall(r"(?:^|[,|])\s*([a-z0-9][a-z0-9.+-]+)", listed)
    return found


def packages_of_libraries(program):
    for path in re.findall(r"=> (/\S+)", output("ldd", program)):
        real = str(pathlib.Path(path).resolve())
        # A merged /usr: the package may list its file with or without it.
        for name in (real, real.removeprefix("/usr")):
            found = subprocess.run(["dpkg-query", "--search", name], capture_output=True, text=True)
            if found.returncode == 0:
                yield path, found.stdout.split(":")[0]
                break
        else:
            raise AssertionError(f"{path} belongs to no package")


class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stages = dockerfile.read(ROOT / "Dockerfile")

    def test_it_is_built_in_stages_and_runs_without_a_compiler(self):
        self.assertEqual(self.stages["build"].base, "debian:12")
        for name in "programs", "front":
            self.assertEqual(self.stages[name].base, "debian:12-slim")
            self.assertFalse([package for package in self.stages[name].packages()
                              if package.endswith("-dev") or package in ("g++", "make", "cmake", "git")])
        self.assertEqual(self.stages["final"].base, "programs")

    def test_the_packages_exist(self):
        candidate = re.compile(r"^  Candidate: (?!\(none\))", re.M)
        if not candidate.search(output("apt-cache", "policy", "nginx")):
            self.skipTest("apt knows no packages here: apt-get update")
        for stage in self.stages.values():
            for package in stage.packages():
                self.assertRegex(output("apt-cache", "policy", package), candidate, package)

    def test_the_libraries_of_all_programs_are_there(self):
        installed = self.stages["programs"].packages()
        there = {"libc6", "libgcc-s1"} | {package for name in installed for package in dependencies(name)}
        for program in (*NAMES, "tidemark"):
            for path, package in packages_of_libraries(PROGRAMS / program):
                self.assertIn(package, there, f"{program} needs {path}")

    def test_it_runs_as_a_user_without_rights_and_is_asked_whether_it_is_ready(self):
        for name in "programs", "front":
            stage = self.stages[name]
            user = stage.last("USER")
            self.assertRegex(user, r"^[1-9]\d+:[1-9]\d+$")
            self.assertTrue(any(f"--uid {user.split(':')[0]} " in run for run in stage.all("RUN")))
            self.assertIn("tidemark-health", stage.last("HEALTHCHECK"))
            self.assertIn("org.opencontainers.image.title", stage.last("LABEL"))

    def test_nothing_secret_is_in_it(self):
        text = (ROOT / "Dockerfile").read_text()
        self.assertNotRegex(text, re.compile(r"password|secret|token", re.I))
        ignored = (ROOT / ".dockerignore").read_text().split()
        self.assertTrue({".git", "deploy/.env", "data", "build"} <= set(ignored))

    def test_what_it_copies_exists(self):
        for stage in self.stages.values():
            for words in map(str.split, stage.all("COPY")):
                if not words[0].startswith("--from"):
                    for source in words[:-1]:
                        self.assertTrue((ROOT / source).exists(), source)

    def test_its_command_is_a_program_and_what_it_says_is_what_programs_take(self):
        self.assertIn(self.stages["programs"].list("CMD")[0], NAMES)
        for name in NAMES:
            help_ = output(PROGRAMS / name, "--help")
            for variable in self.stages["programs"].environment():
                flag = "--" + variable.removeprefix("TIDEMARK_").lower().replace("_", "-")
                self.assertIn(flag + " ", help_, f"{name} has no {flag} for {variable}")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
