"""A Dockerfile as its stages: enough of its grammar for ours."""
import dataclasses
import json
import pathlib
import re
import shlex


@dataclasses.dataclass
class Stage:
    name: str
    base: str
    steps: list  # (instruction, what follows it)

    def all(self, instruction):
        return [argument for name, argument in self.steps if name == instruction]

    def last(self, instruction):
        return (self.all(instruction) or [None])[-1]

    def list(self, instruction):
        """The words of the last one that is written as a JSON list."""
        return json.loads(self.last(instruction))

    def environment(self):
        return dict(word.split("=", 1) for argument in self.all("ENV") for word in shlex.split(argument))

    def packages(self):
        """What apt-get install is given."""
        commands = [command for run in self.all("RUN") for command in run.split("&&")]
        installed = [shlex.split(command)[2:] for command in commands if "apt-get install" in command]
        return [word for words in installed for word in words if not word.startswith("-")]


def read(path):
    """The stages by name, in the order of the file."""
    text = re.sub(r"^\s*#.*\n", "", pathlib.Path(path).read_text(), flags=re.M)
    stages = {}
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        if not line.strip():
            continue
        instruction, _, argument = line.strip().partition(" ")
        if instruction == "FROM":
            base, _, name = argument.partition(" AS ")
            stage = Stage(name or "final", base, [])
            stages[stage.name] = stage
        else:
            stage.steps.append((instruction, argument.strip()))
    return stages
