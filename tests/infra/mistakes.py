"""What goes wrong around an apply: it is refused before anything is changed, with what to do, or healed by the next one."""

import contextlib
import fcntl
import json
import re

import doctor
from emulator import ACCOUNT, expect
from teams import fails
from terraform import changes

RULE = "hansho-sweeper"


def another_account(stack, emulator):
    """another account than the one that was meant is refused before anything is read or written"""
    said = fails(stack.plan, "-var=account_id=111122223333")
    expect(f"AWS account ID not allowed: {ACCOUNT}" in said, said)


def two_at_once(stack, emulator):
    """while one applies, another is refused with who it is and since when"""
    with (stack.folder / "terraform.tfstate").open("r+") as state:
        fcntl.lockf(state, fcntl.LOCK_EX)
        said = fails(stack.apply, "-target=module.timer_queue")
    expect("Error acquiring the state lock" in said and "to protect the state from being written by multiple users at the same time" in said, said)


def half_applied(stack, emulator):
    """what is missing of a stack is planned; without the permission for it an apply says which is missing, and with it makes it"""
    rules = emulator.client("events")
    targets = [target["Id"] for target in rules.list_targets_by_rule(Rule=RULE)["Targets"]]
    rules.remove_targets(Rule=RULE, Ids=targets)
    target = "-target=aws_cloudwatch_event_target.sweeper"
    planned = {address: change["actions"] for address, change in changes(stack.plan(target)).items()}
    expect(planned == {"aws_cloudwatch_event_target.sweeper": ["create"]}, planned)
    with emulator.somebody(without="events:PutTargets") as key, stack.as_somebody_else(key):
        said = fails(stack.apply, target)
    expect("is not authorized to perform: events:PutTargets" in said and "with aws_cloudwatch_event_target.sweeper" in said, said)
    stack.apply(target)
    expect(rules.list_targets_by_rule(Rule=RULE)["Targets"], "it is still missing")


def a_permission_is_gone(stack, emulator):
    """a permission that a function has lost is named in its log; it is planned, and given back by the next apply"""
    iam = emulator.client("iam")
    role = "hansho-config"
    document = iam.get_role_policy(RoleName=role, PolicyName=role)["PolicyDocument"]
    document = json.loads(document) if isinstance(document, str) else document
    lost = [statement for statement in document["Statement"] if statement["Sid"] != "Table"]
    target = "-target=module.config.aws_iam_role_policy.this"
    with emulator.refusals_are_meant():
        iam.put_role_policy(RoleName=role, PolicyName=role, PolicyDocument=json.dumps(document | {"Statement": lost}))
        try:
            with contextlib.suppress(AssertionError):
                emulator.invoke("hansho-config", {"action": "versions"})
            said = "\n".join(emulator.logged("hansho-config"))
            expect(re.search(rf":assumed-role/{role}/{role} is not authorized to perform: dynamodb:\w+", said), said[-2000:])
            planned = {address: change["actions"] for address, change in changes(stack.plan(target)).items()}
            expect(planned == {"module.config.aws_iam_role_policy.this": ["update"]}, planned)
        finally:
            stack.apply(target)
    expect(emulator.invoke("hansho-config", {"action": "versions"})["result"] == "versions", "it still may not")


def dead_letters_are_gone(stack, emulator):
    """a queue of dead letters that is gone is found by `hansho doctor`, with what to do, which makes it again"""
    sqs = emulator.client("sqs")
    queue = "hansho-email-intake-dead-letters"
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"])
    target = "-target=module.email_intake.aws_sqs_queue_policy.dead_letters"
    try:
        found = doctor.Doctor(emulator).ill()
        expect(("dead letters", "fault", f"{queue} is not there") in found, found)
        _, said = doctor.Doctor(emulator).run()
        expect(re.search(rf"{queue} is not there\s.*`terraform -chdir=infra apply`", said, re.DOTALL), said)
    finally:
        stack.apply(target)
    expect(sqs.get_queue_url(QueueName=queue)["QueueUrl"], "it is still missing")


ALL = [another_account, two_at_once, half_applied, a_permission_is_gone, dead_letters_are_gone]
