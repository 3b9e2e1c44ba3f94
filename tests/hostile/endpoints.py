"""The endpoints of a service, out of its own description: /openapi.json. New ones are attacked without a word here."""
import copy
import dataclasses
import json


@dataclasses.dataclass(frozen=True)
class Endpoint:
    method: str
    path: str  # the template
    operation: dict = dataclasses.field(compare=False)
    schemas: dict = dataclasses.field(compare=False)

    def __str__(self):
        return f"{self.method} {self.path}"

    @property
    def parameters(self):
        return [parameter["name"] for parameter in self.operation.get("parameters", ()) if parameter["in"] == "path"]

    @property
    def pages(self):
        return any(parameter["name"] == "limit" for parameter in self.operation.get("parameters", ()))

    @property
    def is_admin(self):
        """Of the operator's: without preconditions and idempotency keys, and what is named in its path is looked for first
        or last."""
        return self.path.startswith("/admin/")

    @property
    def streams(self):
        return "text/event-stream" in str(self.operation.get("responses"))

    @property
    def changes(self):
        return self.method not in ("GET", "HEAD")

    @property
    def body_schema(self):
        """The schema of the JSON body, without references; None where it takes none."""
        content = self.operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            return None
        return resolved(content["application/json"]["schema"], self.schemas)

    @property
    def body_required(self):
        return self.operation.get("requestBody", {}).get("required", False)

    def answers(self, path):
        """Whether its template takes the path, as another one may do, too."""
        parts, template = path.split("/"), self.path.split("/")
        return len(parts) == len(template) and all(one == other or other.startswith("{")
                                                   for one, other in zip(parts, template))

    def path_with(self, value):
        path = self.path
        for name in self.parameters:
            path = path.replace("{" + name + "}", value)
        return path


def endpoints_of(document):
    schemas = document.get("components", {}).get("schemas", {})
    return [Endpoint(method.upper(), path, operation, schemas)
            for path, item in document["paths"].items() for method, operation in item.items()]


def resolved(schema, schemas):
    """One object schema out of references and what is joined by allOf."""
    if "$ref" in schema:
        return resolved(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas)
    whole = {key: value for key, value in schema.items() if key != "allOf"}
    for part in schema.get("allOf", ()):
        part = resolved(part, schemas)
        whole = {**whole, **part, "properties": {**whole.get("properties", {}), **part.get("properties", {})},
                 "required": [*whole.get("required", ()), *part.get("required", ())]}
    if "properties" in whole:
        whole["properties"] = {name: resolved(member, schemas) for name, member in whole["properties"].items()}
    return whole


def sample(schema):
    """A value that the schema allows, as far as types and limits go."""
    kind = type_of(schema)
    if takes_anything(schema):
        return {}
    if kind == "object":
        return {name: sample(member) for name, member in schema.get("properties", {}).items()}
    if kind == "array":
        return [sample(schema.get("items", {}))] * schema.get("minItems", 1)
    if kind in ("integer", "number"):
        return max(1, schema.get("minimum", 1))
    if kind == "boolean":
        return True
    if "enum" in schema:
        return schema["enum"][0]
    return "x" * max(1, schema.get("minLength", 1))


def takes_anything(schema):
    return not schema.keys() & {"type", "enum", "properties", "allOf", "$ref"}


def type_of(schema):
    kind = schema.get("type", "string")
    return kind[0] if isinstance(kind, list) else kind


WRONG_TYPES = {"object": [1, [], "x", None], "array": [{}, "x", 1], "integer": ["1", 1.5, True, {}, None, 1e400],
               "number": ["1", True, [], None], "string": [1, True, {}, [], None], "boolean": [0, "true", None]}


def bad_bodies(schema):
    """(what is wrong, the body's text), each wrong in one way."""
    good = sample(schema)
    text = json.dumps(good)
    yield "no JSON", "hello"
    yield "half of it", text[:len(text) // 2]
    yield "something behind it", text + " {}"
    yield "a comma too many", text[:-1] + ",}"
    yield "a comment", "/* */" + text
    yield "deep nesting", "[" * 100_000
    yield "deep nesting that ends", "[" * 2000 + "]" * 2000
    yield "deep nesting within", text[:-1] + ',"more":' + '{"a":' * 5000 + "1" + "}" * 5001
    yield "a NUL", text[:-1] + "\0}"
    yield "a NUL in a name", '{"\0":1}'
    yield "broken UTF-8", text[:-1].encode() + b',"a\xff":"\xc0\x80"}'
    yield "half a surrogate", text[:-1] + ',"a":"\\ud800"}'
    yield "NaN", '{"a":NaN}'
    yield "UTF-16", text.encode("utf-16")
    for value in WRONG_TYPES["object"]:
        yield f"{value!r} instead of an object", json.dumps(value)
    yield "an unknown member", json.dumps({**good, "unknown": 1})
    for name, member in schema.get("properties", {}).items():
        yield from bad_members(good, name, member, name in schema.get("required", ()))


def bad_members(good, name, member, required):
    def with_value(value):
        changed = copy.deepcopy(good)
        changed[name] = value
        return json.dumps(changed)

    if required:
        yield f"no {name}", json.dumps({key: value for key, value in good.items() if key != name})
    yield f"{name} twice", json.dumps(good)[:-1] + f',"{name}":{json.dumps(good[name])}}}'
    if takes_anything(member):
        return
    for value in WRONG_TYPES[type_of(member)]:
        if value is None and not required:
            continue
        yield f"{value!r} as {name}", with_value(value)
    if type_of(member) in ("integer", "number"):
        for number in "1e309", "-1e309", "99999999999999999999", "-99999999999999999999", "1e999999999", "0x10", "01", "+1":
            yield f"{number} as {name}", with_value("NUMBER").replace('"NUMBER"', number)
        if "minimum" in member:
            yield f"{name} below its least", with_value(member["minimum"] - 1)
        if "maximum" in member:
            yield f"{name} above its most", with_value(member["maximum"] * 2 + 1)
    if "minLength" in member and member["minLength"] > 0:
        yield f"{name} too short", with_value("x" * (member["minLength"] - 1))
    if "maxLength" in member:
        yield f"{name} too long", with_value("x" * (member["maxLength"] + 1))
        yield f"{name} far too long", with_value("x" * 900_000)
