"""What roles may do, against what the functions were seen to do."""

import json

from emulator import expect

# What Lambda, X-Ray and CloudWatch do in the role's name, which the emulator does in its own, or a function does only in trouble.
NOT_SEEN_HERE = {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
    "events:PutEvents",
}


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
    without_resource = {"xray:PutTraceSegments", "xray:PutTelemetryRecords", "dynamodb:ListStreams"}
    for role, statements in policies(emulator).items():
        for statement in statements:
            actions = listed(statement["Action"])
            expect(not any("*" in action for action in actions), f"{role} may do {actions}")
            if "*" in listed(statement.get("Resource", [])):
                expect(set(actions) <= without_resource, f"{role} may do {actions} to everything")


def nothing_is_unused(emulator):
    """no role may do anything that its function was not seen to do"""
    seen = {(d["role"], d["action"]) for d in emulator.decisions() if d["allowed"]}
    unused = {}
    of_functions = roles_of_functions(emulator)
    for role, statements in policies(emulator).items():
        for statement in statements if role in of_functions else []:
            for action in listed(statement["Action"]):
                if action not in NOT_SEEN_HERE and (role, action) not in seen:
                    unused.setdefault(role, []).append(action)
    print(table(emulator), flush=True)
    expect(not unused, f"not seen: {unused}")


def table(emulator):
    """Which role was seen to do what, and how often."""
    counted = {}
    for decision in emulator.decisions():
        key = (decision["role"], decision["action"])
        counted[key] = counted.get(key, 0) + 1
    return "\n".join(f"  {role:<22} {action:<28} {times:>6}" for (role, action), times in sorted(counted.items()))


ALL = [nobody_may_do_everything, nothing_is_refused, nothing_is_unused]
