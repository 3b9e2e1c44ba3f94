#!/usr/bin/env python3
"""Builds what the Dockerfile describes without a container engine: each stage in a Debian root of its own, made by
debootstrap, step by step; then runs the shop there as a container would, without rights, on a read-only root.

usage: image_replay.py [--keep]     as root, with debootstrap; from make image-replay
Packages come from where this machine's apt has them. Everything stands in a temporary folder, which --keep leaves. The
mounts are in name spaces that end with the commands, so nothing stays mounted.
"""
import argparse
import fnmatch
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))
import dockerfile

RELEASE = "bookworm"
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
READY_SECONDS_MAX = 60
# What a build may need to reach the network as this machine does.
PASSED_ON = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def sources():
    """(site, release, component) of Debian's own packages, as this machine's apt knows them."""
    wanted = "$(SITE) $(RELEASE) $(COMPONENT)"
    lines = output("apt-get", "indextargets", "--format", wanted, "Created-By: Packages").splitlines()
    found = sorted({tuple(line.split()) for line in lines if len(line.split()) == 3})
    return [(site, release, component) for site, release, component in found
            if release.startswith(RELEASE) and component == "main" and "/debian" in site]


class Stage:
    """One stage of the Dockerfile as a folder that is a root."""

    def __init__(self, stage, base, folder, others):
        self.stage, self.root, self.others = stage, folder / stage.name, others
        self.environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
        self.folder = "/"
        print(f"replay: stage {stage.name}", flush=True)
        subprocess.run(["cp", "--archive", "--reflink=auto", base, self.root], check=True)

    def play(self):
        for instruction, argument in self.stage.steps:
            step = getattr(self, f"do_{instruction.lower()}", None)
            if step:
                print(f"replay: {instruction} {argument[:100]}", flush=True)
                step(argument)
        return self

    def do_run(self, argument):
        passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        if shutil.which("npm"):
            passed_on["npm_config_registry"] = output("npm", "config", "get", "registry")
        # The authorities that this machine trusts, in no layer of the image.
        passed_on |= {"NODE_EXTRA_CA_CERTS": "/mnt/authorities.crt"}
        script = f"""
            mount -t proc proc {self.root}/proc
            mount --rbind /dev {self.root}/dev
            mount -t tmpfs tmpfs {self.root}/mnt
            cp {AUTHORITIES} {self.root}/mnt/authorities.crt
            exec chroot {self.root} /bin/bash -c {shlex.quote(f'cd {self.folder} && {argument}')}"""
        subprocess.run(["unshare", "--mount", "--pid", "--fork", "bash", "-ec", script], check=True,
                       env={**self.environment, **passed_on, "DEBIAN_FRONTEND": "noninteractive"})

    def do_workdir(self, argument):
        self.folder = argument
        (self.root / argument.lstrip("/")).mkdir(parents=True, exist_ok=True)

    def do_env(self, _):
        self.environment |= self.stage.environment()

    def do_copy(self, argument):
        *words, target = argument.split()
        where = self.root / os.path.join(self.folder, target).lstrip("/")
        if words[0].startswith("--from="):
            start, names = self.others[words[0].split("=")[1]].root, [word.lstrip("/") for word in words[1:]]
        else:
            start, names = ROOT, words
        if names == ["."]:
            return self.copy_sources(where)
        for name in names:
            source = start / name
            if source.is_dir():
                shutil.copytree(source, where, symlinks=True, dirs_exist_ok=True)
            else:
                if target.endswith("/"):
                    where.mkdir(parents=True, exist_ok=True)
                where.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, where)

    def copy_sources(self, where):
        """What git knows, without what .dockerignore names: other files here are none of the image's."""
        ignored = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
        for name in output("git", "-C", str(ROOT), "ls-files").splitlines():
            tried = [name, *map(str, pathlib.PurePath(name).parents)]
            left_out = any(fnmatch.fnmatch(path, rule.removeprefix("**/")) for path in tried for rule in ignored)
            if (ROOT / name).is_file() and not left_out:
                (where / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, where / name)

    def container(self, command):
        """A running process: as the image's user, nothing to write to but /tmp and its volumes, on a network of its own."""
        user = self.stage.last("USER").split(":")
        volumes = self.stage.all("VOLUME")
        mounts = "".join(f"mount -t tmpfs -o uid={user[0]},gid={user[1]} tmpfs {self.root}{volume}\n" for volume in volumes)
        script = f"""
            mount --bind {self.root} {self.root}
            mount -o remount,bind,ro {self.root}
            mount -t tmpfs tmpfs {self.root}/tmp
            {mounts}
            mount -t proc proc {self.root}/proc
            mount --rbind /dev {self.root}/dev
            ip link set lo up
            exec chroot {self.root} setpriv --reuid={user[0]} --regid={user[1]} --clear-groups \\
              --bounding-set=-all --inh-caps=-all --no-new-privs {shlex.join(command)}"""
        return subprocess.Popen(["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "bash", "-ec", script],
                                env=self.environment)


def debian(folder):
    """A root of Debian's smallest variant, as the images debian:12 and debian:12-slim are."""
    base, known = folder / "debian", sources()
    mirror = next(site for site, release, _ in known if release == RELEASE)
    print("replay: debootstrap", flush=True)
    subprocess.run(["debootstrap", "--variant=minbase", "--include=ca-certificates", RELEASE, base, mirror], check=True,
                   stdout=subprocess.DEVNULL)
    (base / "etc/apt/sources.list").write_text("".join(f"deb {' '.join(source)}\n" for source in known))
    for name in "resolv.conf", "hosts":
        shutil.copy(f"/etc/{name}", base / "etc" / name)
    return base


def check(programs):
    """The image's command gets healthy and stops on SIGTERM."""
    script = """
        "$@" & program=$!
        for ((tries = 0; tries < {tries}; tries++)); do
          if tidemark-health; then kill -TERM $program; wait $program; exit; fi
          kill -0 $program || break
          sleep 0.2
        done
        kill -9 $program; exit 1""".replace("{tries}", str(READY_SECONDS_MAX * 5))
    began = time.monotonic()
    code = programs.container(["bash", "-c", script, "container", *programs.stage.list("CMD")]).wait()
    if code:
        sys.exit(f"replay: the program did not get healthy, or did not stop: {code}")
    print(f"replay: healthy and stopped within {time.monotonic() - began:.1f} s", flush=True)
    for name in ("web", "accounts", "id-cards", "roles", "inventory", "payments"):
        if programs.container([name, "--version"]).wait():
            sys.exit(f"replay: {name} does not start")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        sys.exit("replay: needs root and debootstrap (apt-get install debootstrap)")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tidemark-image-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        base, stages = debian(folder), {}
        for name, stage in dockerfile.read(ROOT / "Dockerfile").items():
            if stage.base.startswith("debian:12"):
                stages[name] = Stage(stage, base, folder, stages).play()
        check(stages["programs"])
        if stages["front"].container(["nginx", "-v"]).wait():
            sys.exit("replay: nginx does not start")
        for name in "programs", "front":
            print(f"replay: {name} has {output('du', '--summarize', '--human-readable', str(stages[name].root)).split()[0]}")
    finally:
        if options.keep:
            print(f"replay: the roots are in {folder}")
        else:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
