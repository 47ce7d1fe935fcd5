"""What roles may do, against what the functions were seen to do."""

import collections
import contextlib
import dataclasses
import fnmatch
import functools
import json
import pathlib
import re
import subprocess

from emulator import ACCOUNT, REGION, expect
from stories import arn
from terraform import ROOT

CALLS = pathlib.Path(__file__).resolve().parent / "calls.txt"
FUNCTION_PREFIX = "hansho-"

# Where names are made while Hansho runs, a statement can only say how they begin. Any other pattern gives more than what was asked for.
PATTERNS = {
    r":schedule/hansho/\*": "a schedule is named after its incident",
    r":parameter/hansho/keys/\*": "a key is named after its integration",
    r":parameter/hansho/secrets/\*": "a secret is named after its team and what it is for",
    r":hansho-mails-[\w-]+/inbound/\*": "SES names a mail",
    r":identity/\*": "whoever is verified in the account, while SES has it in the sandbox; the sender is bound by a condition",
    r":opsitem/\*": "Systems Manager names an OpsItem",
    r":incident-record/checkout/\*": "Incident Manager names a record, below its response plan",
    r":log-group:/aws/lambda/[\w-]+:\*": "Lambda names a stream of a log",
    r":log-group:sns/[\w-]+/\d+/DirectPublishToPhoneNumber\*": "SNS keeps what was sent and what failed in two logs, and names their streams",
}


def arn_of(resource):
    """What a resource of cli/src/local/calls.rs is on the emulator."""
    kind, _, name = resource.partition("/")
    return {
        "table": f"{arn('dynamodb')}:table/hansho",
        "index": f"{arn('dynamodb')}:table/hansho/index/{name}",
        "queue": f"{arn('sqs')}:{name}",
        "schedule": f"{arn('scheduler')}:schedule/{name}/of-an-incident",
        "identity": f"{arn('ses')}:identity/oncall.example.com",
        "object": f"arn:aws:s3:::hansho-mails-{ACCOUNT}-{REGION}/inbound/mail",
        "response-plan": f"arn:aws:ssm-incidents::{ACCOUNT}:response-plan/checkout",
        "incident-record": f"arn:aws:ssm-incidents::{ACCOUNT}:incident-record/checkout/record",
        "opsitem": f"{arn('ssm')}:opsitem/oi-1",
        # Neither has an ARN: a text message, and what is yet to be made.
        "phone-number": "*",
        "-": "*",
    }[kind]


@dataclasses.dataclass(frozen=True)
class Grant:
    """One action on one pattern of resources that a role has; `but` are those that it has not."""

    role: str
    sid: str
    action: str
    pattern: str
    but: bool = False

    def covers(self, role, action, resource):
        is_like = fnmatch.fnmatchcase(resource, self.pattern)
        return (self.role, self.action) == (role, action) and is_like != self.but


def grants(emulator):
    """What the roles of the functions have, each action and resource by itself."""
    of_functions = roles_of_functions(emulator)
    found = []
    for role, statements in policies(emulator).items():
        for statement in statements if role in of_functions else []:
            but = "NotResource" in statement
            for action in listed(statement["Action"]):
                found += [Grant(role, statement["Sid"], action, pattern, but) for pattern in listed(statement["NotResource" if but else "Resource"])]
    return found


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


# --- what was seen ---------------------------------------------------------------------------------------------------------------


def seen_in_the_suite():
    """Which function was seen to do what to what, as cli/src/local/calls.rs writes it."""
    return [tuple(line.split()) for line in CALLS.read_text().splitlines() if line and not line.startswith("#")]


def of_the_suite():
    return {(FUNCTION_PREFIX + function, action, arn_of(resource)) for function, action, resource in seen_in_the_suite()}


def on_the_emulator(emulator):
    """What was decided about roles, and how often."""
    counted = collections.Counter((d["role"], d["action"], d["resource"]) for d in emulator.decisions() if d["allowed"])
    return {key: count for key, count in counted.items() if key[0] in roles_of_functions(emulator)}


def by_aws(emulator):
    """What AWS does in the role's name, and the emulator in its own or not at all: by what each function is configured with."""
    client = emulator.client("lambda")
    found = set()
    for function in client.list_functions()["Functions"]:
        name, role = function["FunctionName"], function["Role"].rsplit("/", 1)[-1]
        configuration = client.get_function_configuration(FunctionName=name)
        log = f"{arn('logs')}:log-group:{configuration['LoggingConfig']['LogGroup']}:a-stream"
        done = [("logs:CreateLogStream", log), ("logs:PutLogEvents", log)]
        if configuration["TracingConfig"]["Mode"] == "Active":
            done += [("xray:PutTraceSegments", "*"), ("xray:PutTelemetryRecords", "*")]
        mappings = client.list_event_source_mappings(FunctionName=f"{name}:live")["EventSourceMappings"]
        configs = client.list_function_event_invoke_configs(FunctionName=name).get("FunctionEventInvokeConfigs", [])
        for mapping in mappings:
            done += of_source(mapping["EventSourceArn"])
        for one in (*mappings, *configs):
            for when, where in (one.get("DestinationConfig") or {}).items():
                destination = where.get("Destination")
                if destination:
                    done.append(("events:PutEvents" if ":events:" in destination else "sqs:SendMessage", destination))
        # The emulator does not ask for it.
        scheduler = configuration["Environment"]["Variables"].get("HANSHO_SCHEDULER_ROLE_ARN")
        if scheduler:
            done.append(("iam:PassRole", scheduler))
        found |= {(role, action, resource) for action, resource in done}
    return found


def of_source(source):
    """What Lambda does to read a source (Lambda developer guide, "Using Lambda with Amazon SQS", "Using AWS Lambda with Amazon DynamoDB")."""
    if ":dynamodb:" in source:
        actions = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
        return [(action, source) for action in actions] + [("dynamodb:ListStreams", "*")]
    return [(action, source) for action in ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")]


# --- what is compared ------------------------------------------------------------------------------------------------------------


def nothing_is_refused(emulator):
    """no call of a function was refused by its role"""
    refused = sorted({(d["role"], d["action"], d["resource"]) for d in emulator.decisions() if not d["allowed"]})
    expect(not refused, f"refused: {refused}")
    expect(emulator.decisions(), "nothing was decided")


def nobody_may_do_everything(emulator):
    """no role may do whatever it likes, or do something to everything that has an ARN, or to a pattern of names that are known"""
    # These take no resource (Service authorization reference).
    without_resource = {"xray:PutTraceSegments", "xray:PutTelemetryRecords", "dynamodb:ListStreams", "ssm:CreateOpsItem"}
    for role, statements in policies(emulator).items():
        for statement in statements:
            actions = listed(statement["Action"])
            expect(not any("*" in action for action in actions), f"{role} may do {actions}")
            resources = listed(statement.get("Resource", []))
            if "*" in resources:
                expect(set(actions) <= without_resource, f"{role} may do {actions} to everything")
            wide = [one for one in resources if "*" in one and one != "*" and not any(re.search(f"{known}$", one) for known in PATTERNS)]
            expect(not wide, f"{role} may do {actions} to whatever is like {wide}")


def enough_for_everything(emulator):
    """every role may do to each resource what its function does to it anywhere in the acceptance suite, and AWS in its name"""
    missing = not_covered(grants(emulator), of_the_suite() | by_aws(emulator))
    expect(not missing, f"refused would be: {missing}")


def nothing_is_unused(emulator):
    """no role may do to any resource what its function was not seen to do to it, here or in the acceptance suite"""
    has, here, aws = grants(emulator), on_the_emulator(emulator), by_aws(emulator)
    print(table(has, here, of_the_suite(), aws), flush=True)
    unused = not_seen(has, set(here) | of_the_suite() | aws)
    expect(not unused, f"not seen: {unused}")


def not_covered(has, seen):
    return sorted(one for one in seen if not any(grant.covers(*one) for grant in has))


def not_seen(has, seen):
    return sorted((grant.role, grant.sid, grant.action, grant.pattern) for grant in has if not any(grant.covers(*one) for one in seen))


def what_is_missing_or_extra_is_noticed():
    """a table, an index or a queue too many in a role is noticed, and one too few"""
    role, queue, work = "hansho-sweeper", arn_of("queue/hansho-timers"), arn_of("index/work")
    seen = {(role, "dynamodb:Query", work), (role, "sqs:SendMessage", queue)}
    has = [Grant(role, "Indexes", "dynamodb:Query", work), Grant(role, "Queues", "sqs:SendMessage", queue)]
    expect(not not_seen(has, seen) and not not_covered(has, seen), "what fits is found fault with")
    for extra in (arn_of("table"), arn_of("index/open")):
        expect(not_seen([*has, Grant(role, "Table", "dynamodb:Query", extra)], seen), f"nobody notices {extra}")
    expect(not_seen([*has, Grant(role, "Queues", "sqs:SendMessage", arn_of("queue/hansho-deliveries"))], seen), "nobody notices a queue too many")
    for less in (has[:1], has[1:]):
        expect(not_covered(less, seen), f"nobody misses what {less} leaves out")
    text = Grant("hansho-delivery", "TextMessages", "sns:Publish", "arn:aws:sns:*:*:*", but=True)
    expect(not_covered([text], {("hansho-delivery", "sns:Publish", f"{arn('sns')}:hansho-operators")}), "a topic is taken for a phone number")
    expect(not not_covered([text], {("hansho-delivery", "sns:Publish", arn_of("phone-number"))}), "a phone number is taken for a topic")


def table(has, here, suite, aws):
    """Function, action and resource; whether it was seen, here (how often), in the acceptance suite, or as what AWS does; and the statement
    that allows it."""
    rows = []
    for one in sorted(set(here) | suite | aws):
        allowed = sorted({grant.sid for grant in has if grant.covers(*one)})
        rows.append((*one, here.get(one, ""), "yes" if one in suite else "", "yes" if one in aws else "", ", ".join(allowed) or "NOT ALLOWED"))
    rows += [(*grant, "", "", "", f"{sid}, NOT SEEN") for role, sid, action, pattern in not_seen(has, set(here) | suite | aws) for grant in [(role, action, pattern)]]
    # Names that are made while Hansho runs are one row.
    folded = collections.OrderedDict()
    for role, action, resource, times, in_suite, of_aws, allowed in rows:
        row = folded.setdefault((role.removeprefix(FUNCTION_PREFIX), action, short(resource), allowed), [0, "", ""])
        row[:] = [row[0] + (times or 0), row[1] or in_suite, row[2] or of_aws]
    heads = ("function", "action", "resource", "here", "suite", "AWS", "allowed by")
    lines = [heads, *((function, action, resource, str(times or ""), seen, by, allowed) for (function, action, resource, allowed), (times, seen, by) in folded.items())]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    return "\n".join("  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines)


def short(resource):
    """An ARN without what all have in common, and without names that are made while Hansho runs."""
    name = re.sub(r"^arn:aws:[\w-]*:[\w-]*:\d*:", "", resource)
    for one, instead in ((r"^(schedule/\w+)/.*", r"\1/*"), (r"^(\S+/inbound)/.*", r"\1/*"), (r"(/stream)/.*", r"\1"), (r":a-stream$", "")):
        name = re.sub(one, instead, name)
    return name


def calls_are_those_of(record):
    """tests/infra/calls.txt is what the acceptance suite has just written down"""
    new = sorted({tuple(line.split()) for line in record.read_text().splitlines()})
    lines = "\n".join(" ".join(call) for call in new)
    expect(new == sorted(seen_in_the_suite()), f"put these lines into {CALLS}:\n{lines}")


# What the local run has no part of is asked on the emulator, where `nothing_is_unused` has to see it.
ON_THE_EMULATOR_ONLY = [("", action, "-") for action in ("ssm:GetParameter", "sqs:GetQueueAttributes", "lambda:GetFunctionConcurrency", "lambda:GetEventSourceMapping")]
# What is asked without the SDK; of Systems Manager, whose operations are found by their names.
SIGNED = {
    "shared/runtime/src/objects.rs": ["s3:GetObject"],
    "shared/runtime/src/lambda.rs": ["lambda:GetFunctionConcurrency", "lambda:GetEventSourceMapping"],
    "shared/runtime/src/systems_manager.rs": [],
}
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
            for operation in re.findall(r'(?:\.call\(|\brequest\(config, )"([A-Z]\w+)"', text):
                yield where, operation, {f"ssm:{operation}"}
            if "signed::signed(" in text:
                expect(where in SIGNED, f"{where} signs requests, and nobody here knows for what")
                yield from ((where, action, {action}) for action in SIGNED[where])


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
    seen = [*seen_in_the_suite(), *ON_THE_EMULATOR_ONLY] if seen is None else seen
    of_all = {action for _, action, _ in seen}
    sites = list(call_sites())
    expect(len(sites) > 50, f"only {len(sites)} calls were found")
    unseen = []
    for where, what, actions in sites:
        if what in TRANSACTIONS or what in OF_NO_FUNCTION.get(where, set()):
            continue
        folder, name = where.split("/")[:2]
        known = {known for function, known, _ in seen if function == name} if folder == "functions" else of_all
        if not actions & known:
            unseen.append(f"{where}: {what}")
    expect(not unseen, f"no test reaches {sorted(set(unseen))}")


def an_unseen_call_is_noticed():
    """a place in the code that no test reaches is noticed"""
    for action in ("sns:Publish", "dynamodb:BatchGetItem", "ssm-incidents:StartIncident", "ssm:CreateOpsItem", "lambda:GetEventSourceMapping"):
        with contextlib.suppress(AssertionError):
            every_call_site_is_seen([call for call in [*seen_in_the_suite(), *ON_THE_EMULATOR_ONLY] if call[1] != action])
            raise RuntimeError(f"nobody misses {action}")


ON_PAPER = [what_is_missing_or_extra_is_noticed, every_call_site_is_seen, an_unseen_call_is_noticed]
ALL = [nobody_may_do_everything, nothing_is_refused, enough_for_everything, nothing_is_unused]
