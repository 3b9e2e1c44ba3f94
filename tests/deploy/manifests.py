"""What deploy/ says, read as its tools read it: compose with its variables in place, kustomize with its patches applied."""
import copy
import pathlib
import re

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"


def interpolate(text, variables):
    """${NAME}, ${NAME:-default}, ${NAME:?why it has to be there} and $$, as compose has them."""
    def value(match):
        if match[0] == "$$":
            return "$"
        name, kind, rest = match[1], match[2], match[3]
        if variables.get(name):
            return variables[name]
        if kind == ":?":
            raise KeyError(f"{name} {rest}")
        return rest or ""
    return re.sub(r"\$\$|\$\{(\w+)(?:(:-|:\?)([^}]*))?\}", value, text)


def walk(value, change):
    if isinstance(value, dict):
        return {key: walk(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [walk(item, change) for item in value]
    return change(value) if isinstance(value, str) else value


def compose(variables):
    """deploy/compose.yaml, merged and with its variables in place."""
    return walk(yaml.safe_load((DEPLOY / "compose.yaml").read_text()), lambda text: interpolate(text, variables))


def kubernetes():
    """The objects that kubectl apply -k deploy/kubernetes makes."""
    folder = DEPLOY / "kubernetes"
    plan = yaml.safe_load((folder / "kustomization.yaml").read_text())
    objects = [item for name in plan["resources"] for item in yaml.safe_load_all((folder / name).read_text())]
    for patch in plan["patches"]:
        change = yaml.safe_load((folder / patch["path"]).read_text())
        objects = [merged(item, change) if is_target(item, patch["target"]) else item for item in objects]
    for item in objects:
        if item["kind"] != "Namespace":
            item["metadata"]["namespace"] = plan["namespace"]
        for container in containers_of(item):
            for image in plan["images"]:
                if container["image"] == image["name"]:
                    container["image"] = f"{image['newName']}:{image['newTag']}"
    return objects


def containers_of(item):
    return item.get("spec", {}).get("template", {}).get("spec", {}).get("containers", [])


def is_target(item, target):
    labels = item["metadata"].get("labels", {})
    wanted = target.get("labelSelector", "")
    return item["kind"] == target["kind"] and (not wanted or labels.get(wanted.split("=")[0]) == wanted.split("=")[1])


def merged(item, change):
    """A strategic merge: maps by key, lists of named things by name."""
    result = {**copy.deepcopy(item)}
    for key, value in change.items():
        if key == "metadata":
            continue
        known = result.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            result[key] = merged(known, value)
        elif isinstance(known, list) and isinstance(value, list) and value and isinstance(value[0], dict):
            result[key] = merged_lists(known, value)
        else:
            result[key] = copy.deepcopy(value)
    return result


def merged_lists(known, added):
    by_name = {item["name"]: item for item in known}
    result = [merged(by_name[item["name"]], item) if item["name"] in by_name else copy.deepcopy(item) for item in added]
    return result + [item for item in known if item["name"] not in {item["name"] for item in added}]
