"""What the bridge asks of AWS Systems Manager, against the services' own models: the acceptance suite writes its requests down where
HANSHO_BRIDGE_REQUESTS names a file, and botocore brings the models."""

import json
import re
import urllib.parse

import botocore.loaders
from emulator import expect

# What has to be asked at least once for the comparison to say anything.
OPERATIONS = {
    "ssm-incidents": {"StartIncident", "GetIncidentRecord", "UpdateRelatedItems", "CreateTimelineEvent", "UpdateIncidentRecord"},
    "ssm": {"CreateOpsItem", "UpdateOpsItem", "GetOpsItem"},
}
KINDS = {"structure": dict, "map": dict, "list": list, "string": str, "integer": int, "boolean": bool, "timestamp": (int, float)}


def requests_fit(path):
    """every request of the bridge is one that the model of its service knows"""
    loader = botocore.loaders.Loader()
    models = {service: loader.load_service_model(service, "service-2") for service in OPERATIONS}
    asked = {service: set() for service in OPERATIONS}
    for line in path.read_text().splitlines():
        request = json.loads(line)
        problems = list(problems_of(request, models[request["service"]]))
        expect(not problems, f"{request['operation']}: {problems}")
        asked[request["service"]].add(request["operation"])
    expect(asked == OPERATIONS, f"asked was {asked}")
    problems = list(problems_of({**request, "body": {**(request["body"] or {}), "Titel": "x"}}, models[request["service"]]))
    expect(problems, "a member that there is not was not found")


def problems_of(request, model):
    """What the model says against a request: where it goes, and what is in it."""
    operation = model["operations"][request["operation"]]
    path, _, query = request["path"].partition("?")
    if (request["method"], path) != (operation["http"]["method"], operation["http"]["requestUri"]):
        yield f"{request['method']} {path} and not {operation['http']}"
    shape = model["shapes"][operation["input"]["shape"]]
    value = dict(request["body"] or {})
    asked_for = {name: values[0] for name, values in urllib.parse.parse_qs(query).items()}
    for name, member in shape["members"].items():
        if member.get("location") == "querystring" and member["locationName"] in asked_for:
            value[name] = asked_for.pop(member["locationName"])
    if asked_for:
        yield f"nobody knows {sorted(asked_for)} of the query"
    yield from misfits(value, operation["input"]["shape"], model["shapes"], request["operation"])


def misfits(value, name, shapes, where):
    shape = shapes[name]
    kind = shape["type"]
    if not isinstance(value, KINDS[kind]) or isinstance(value, bool) != (kind == "boolean"):
        yield f"{where} is {value!r} and not a {kind}"
        return
    if kind in ("string", "list", "map"):
        if not shape.get("min", 0) <= len(value) <= shape.get("max", len(value)):
            yield f"{where} has the length {len(value)}, and {shape.get('min', 0)} to {shape.get('max')} are possible"
    if kind == "integer" and not shape.get("min", value) <= value <= shape.get("max", value):
        yield f"{where} is {value}, and {shape.get('min')} to {shape.get('max')} are possible"
    if kind == "string":
        if "enum" in shape and value not in shape["enum"]:
            yield f"{where} is {value!r} and none of {shape['enum']}"
        if "pattern" in shape and not re.search(shape["pattern"], value):
            yield f"{where} is {value!r} and not as {shape['pattern']}"
    if kind == "list":
        for place, item in enumerate(value):
            yield from misfits(item, shape["member"]["shape"], shapes, f"{where}[{place}]")
    if kind == "map":
        for key, item in value.items():
            yield from misfits(key, shape["key"]["shape"], shapes, f"a key of {where}")
            yield from misfits(item, shape["value"]["shape"], shapes, f"{where}[{key}]")
    if kind == "structure":
        yield from misfits_of_structure(value, shape, shapes, where)


def misfits_of_structure(value, shape, shapes, where):
    missing = [name for name in shape.get("required", []) if name not in value]
    if missing:
        yield f"{where} lacks {missing}"
    if shape.get("union") and len(value) != 1:
        yield f"{where} has {sorted(value)}, and one of them is possible"
    for name, item in value.items():
        if name not in shape["members"]:
            yield f"{where} has {name}, which there is not"
        else:
            yield from misfits(item, shape["members"][name]["shape"], shapes, f"{where}.{name}")
