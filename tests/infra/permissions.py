"""What roles may do, against what the functions were seen to do."""

import contextlib
import functools
import json
import pathlib
import re
import subprocess

from emulator import expect
from terraform import ROOT

CALLS = pathlib.Path(__file__).resolve().parent / "calls.txt"

# What AWS does in the role's name, and the emulator in its own or not at all: it asks for no iam:PassRole.
OF_AWS = {"Log", "Trace", "DeadLetters", "Success", "Stream", "Streams", "TimersRole"}
OF_QUEUES = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}


def policies(emulator):
    """The statements of every role of the deployment, by the role."""
    iam = emulator.client("iam")
    found = {}
    for role in (role["RoleName"] for role in iam.list_roles()["Roles"] if role["RoleName"].startswith("hansho")):
        document = iam.get_role_policy(RoleName=role, PolicyName=role)["PolicyDocument"]
        document = json.loads(document) if isinstance(document, str) else document
        found[role] = document["Statement"]
    expect(len(found) >= len(roles_of_functions(emulator)) > 0, f"there are the roles {sorted(found)}")
    return found


def roles_of_functions(emulator):
    return {function["Role"].rsplit("/", 1)[-1] for function in emulator.client("lambda").list_functions()["Functions"]}


def listed(value):
    return value if isinstance(value, list) else [value]


def nothing_is_refused(emulator):
    """no call of a function was refused by its role"""
    refused = sorted({(d["role"], d["action"], d["resource"]) for d in emulator.decisions() if not d["allowed"]})
    expect(not refused, f"refused: {refused}")
    expect(emulator.decisions(), "nothing was decided")


def nobody_may_do_everything(emulator):
    """no role may do whatever it likes, or do something to everything that has an ARN"""
    # These take no resource (Service authorization reference).
    without_resource = {"xray:PutTraceSegments", "xray:PutTelemetryRecords", "dynamodb:ListStreams", "ssm:CreateOpsItem"}
    for role, statements in policies(emulator).items():
        for statement in statements:
            actions = listed(statement["Action"])
            expect(not any("*" in action for action in actions), f"{role} may do {actions}")
            if "*" in listed(statement.get("Resource", [])):
                expect(set(actions) <= without_resource, f"{role} may do {actions} to everything")


def enough_for_everything(emulator):
    """every role may do what its function does anywhere in the acceptance suite"""
    missing = {}
    allowed = allowed_actions(emulator)
    for function, action in seen_in_the_suite():
        if action not in allowed[f"hansho-{function}"]:
            missing.setdefault(function, []).append(action)
    expect(not missing, f"refused would be: {missing}")


def nothing_is_unused(emulator):
    """no role may do anything that its function was not seen to do, here or in the acceptance suite"""
    print(table(emulator), flush=True)
    seen = {(d["role"], d["action"]) for d in emulator.decisions() if d["allowed"]}
    seen |= {(f"hansho-{function}", action) for function, action in seen_in_the_suite()}
    unused = {
        role: [action for action in actions if (role, action) not in seen]
        for role, actions in allowed_actions(emulator, OF_AWS, OF_QUEUES).items()
    }
    expect(not any(unused.values()), f"not seen: { {role: actions for role, actions in unused.items() if actions} }")


def allowed_actions(emulator, but=frozenset(), nor=frozenset()):
    """What each function's role may do to whatever, without some statements and actions."""
    of_functions = roles_of_functions(emulator)
    return {
        role: sorted({action for statement in statements if statement["Sid"] not in but for action in listed(statement["Action"])} - nor)
        for role, statements in policies(emulator).items()
        if role in of_functions
    }


def seen_in_the_suite():
    """Which function was seen to do what, as cli/src/local/calls.rs writes it."""
    return [tuple(line.split()) for line in CALLS.read_text().splitlines() if line and not line.startswith("#")]


def calls_are_those_of(record):
    """tests/infra/calls.txt is what the acceptance suite has just written down"""
    new = sorted({tuple(line.split()) for line in record.read_text().splitlines()})
    lines = "\n".join(f"{function} {action}" for function, action in new)
    expect(new == sorted(seen_in_the_suite()), f"put these lines into {CALLS}:\n{lines}")


# What IAM calls the services of the SDK's crates.
SERVICES = {"sesv2": "ses", "ssmincidents": "ssm-incidents"}
# Parts of a transaction need the permission of what they do.
PARTS = {"Put": "dynamodb:PutItem", "Update": "dynamodb:UpdateItem", "Delete": "dynamodb:DeleteItem", "ConditionCheck": "dynamodb:ConditionCheckItem"}
TRANSACTIONS = {"transact_write_items"}
# What only whoever makes a table by hand does: the local run, and tests. Functions have a table that Terraform has made.
OF_NO_FUNCTION = {"shared/store/src/table.rs": {"create_table", "describe_table", "update_time_to_live"}}


def call_sites():
    """Every place in the functions' code where something is asked of AWS: where, the method or operation, and what permission it may need."""
    for folder in ("functions", "shared"):
        for file in sorted((ROOT / folder).glob("*/src/**/*.rs")):
            text = file.read_text().split("#[cfg(test)]")[0]
            where = str(file.relative_to(ROOT))
            for method in re.findall(r"\.(\w+)\(\)", text):
                if method in operations():
                    yield where, method, operations()[method]
            for part in re.findall(r"\b(Put|Update|Delete|ConditionCheck)::builder\(\)", text):
                yield where, part, {PARTS[part]}
            # Without the SDK: shared/runtime/src/systems_manager.rs.
            for operation in re.findall(r'(?:\.call\(|\brequest\(config, )"([A-Z]\w+)"', text):
                yield where, operation, {f"ssm:{operation}"}
            if "signed::signed(" in text and '"s3"' in text:
                yield where, "a signed request to S3", {"s3:GetObject"}


@functools.cache
def operations():
    """The methods that begin a request, by the files of the SDK's own crates (`src/client/put_item.rs`), and the permissions that they may need:
    several where services share a name."""
    crates = json.loads(subprocess.run(["cargo", "metadata", "--format-version", "1", "--locked"], cwd=ROOT, capture_output=True, check=True).stdout)
    found = {}
    for crate in crates["packages"]:
        if crate["name"].startswith("aws-sdk-"):
            service = crate["name"].removeprefix("aws-sdk-")
            for file in (pathlib.Path(crate["manifest_path"]).parent / "src" / "client").glob("*.rs"):
                operation = "".join(word.title() for word in file.stem.split("_"))
                found.setdefault(file.stem, set()).add(f"{SERVICES.get(service, service)}:{operation}")
    expect(found, "cargo knows of no aws-sdk-*")
    found.pop("customize", None)
    return found


def every_call_site_is_seen(seen=None):
    """whatever the code asks of AWS anywhere, a test was seen to ask: of a function's own code that function, of shared code any"""
    # Parameters are read on the emulator, where `nothing_is_unused` has to see it.
    seen = seen_in_the_suite() + [("", "ssm:GetParameter")] if seen is None else seen
    of_all = {action for _, action in seen}
    sites = list(call_sites())
    expect(len(sites) > 50, f"only {len(sites)} calls were found")
    unseen = []
    for where, what, actions in sites:
        if what in TRANSACTIONS or what in OF_NO_FUNCTION.get(where, set()):
            continue
        folder, name = where.split("/")[:2]
        known = {known for function, known in seen if function == name} if folder == "functions" else of_all
        if not actions & known:
            unseen.append(f"{where}: {what}")
    expect(not unseen, f"no test reaches {sorted(set(unseen))}")


def an_unseen_call_is_noticed():
    """a place in the code that no test reaches is noticed"""
    for action in ("sns:Publish", "dynamodb:BatchGetItem", "ssm-incidents:StartIncident", "ssm:CreateOpsItem"):
        with contextlib.suppress(AssertionError):
            every_call_site_is_seen([pair for pair in seen_in_the_suite() if pair[1] != action] + [("", "ssm:GetParameter")])
            raise RuntimeError(f"nobody misses {action}")


def table(emulator):
    """Which role was seen to do what, and how often."""
    counted = {}
    for decision in emulator.decisions():
        key = (decision["role"], decision["action"])
        counted[key] = counted.get(key, 0) + 1
    return "\n".join(f"  {role:<22} {action:<28} {times:>6}" for (role, action), times in sorted(counted.items()))


ON_PAPER = [every_call_site_is_seen, an_unseen_call_is_noticed]
ALL = [nobody_may_do_everything, nothing_is_refused, enough_for_everything, nothing_is_unused]
