"""What goes wrong around an apply: it is refused before anything is changed, with what to do, or healed by the next one."""

import contextlib
import fcntl
import json
import re

import doctor
from emulator import ACCOUNT, expect
from teams import fails
from terraform import ON_THE_EMULATOR, ROOT, Terraform, changes

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


def two_clones(stack, emulator):
    """with a state of his own, somebody else who applies the same is refused what there is already, by the words of the guide's table; nothing of the deployment changes"""
    clone = Terraform(stack.command, stack.folder.parent / "clone", ON_THE_EMULATOR, emulator.url)
    for file in stack.folder.glob("*.auto.tfvars"):
        (clone.folder / file.name).write_text(file.read_text())
    clone.init()
    before = what_is_there(emulator)
    made = ["module.table.aws_dynamodb_table.this", "module.escalation.aws_iam_role.this", "aws_ssm_parameter.link_key"]
    said = fails(clone.apply, *(f"-target={address}" for address in made))
    for address in made:
        expect(f"with {address}," in said, f"{address} was made once more: {said}")
    expect(what_is_there(emulator) == before, "something has changed")
    expect(clone.run("state", "list").split() == [], "it believes that it has made something")
    rows = [line for line in (ROOT / "infra" / "README.md").read_text().splitlines() if line.startswith("| `EntityAlreadyExists`")]
    expect(len(rows) == 1, "the guide's table does not name EntityAlreadyExists")
    named = re.findall(r"`([^`]+)`", rows[0].split("|")[1])
    expect(len(named) >= 2 and all(one in said for one in named), f"the guide names {named}, and it says {said}")


def what_is_there(emulator):
    iam, logs = emulator.client("iam"), emulator.client("logs")
    table = emulator.client("dynamodb").describe_table(TableName="hansho")["Table"]
    role = iam.get_role(RoleName="hansho-escalation")["Role"]
    groups = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/hansho-escalation")["logGroups"]
    return table["TableId"], table["StreamSpecification"], role["RoleId"], role["AssumeRolePolicyDocument"], [group["creationTime"] for group in groups]


# --- three things are gone; one apply gives them back ------------------------------------------------------------------------------

TARGET, POLICY = "aws_cloudwatch_event_target.sweeper", "module.config.aws_iam_role_policy.this"
QUEUE, LETTERS = "hansho-email-intake-dead-letters", "module.email_intake.aws_sqs_queue_policy.dead_letters[0]"
GONE = tuple(f"-target={address}" for address in (TARGET, POLICY, LETTERS.removesuffix("[0]")))
ROLE = "hansho-config"


def gone(stack, emulator):
    """what is missing of a stack is planned, and nothing else: a target, a permission, a queue of dead letters"""
    rules, iam, sqs = (emulator.client(service) for service in ("events", "iam", "sqs"))
    rules.remove_targets(Rule=RULE, Ids=[target["Id"] for target in rules.list_targets_by_rule(Rule=RULE)["Targets"]])
    document = iam.get_role_policy(RoleName=ROLE, PolicyName=ROLE)["PolicyDocument"]
    document = json.loads(document) if isinstance(document, str) else document
    lost = [statement for statement in document["Statement"] if statement["Sid"] != "Table"]
    iam.put_role_policy(RoleName=ROLE, PolicyName=ROLE, PolicyDocument=json.dumps(document | {"Statement": lost}))
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"])
    planned = {address: change["actions"] for address, change in changes(stack.plan(*GONE)).items()}
    expect(planned.pop("module.email_intake.aws_sqs_queue.dead_letters[0]", None) == ["create"], planned)
    expect(planned == {TARGET: ["create"], POLICY: ["update"], LETTERS: ["create"]}, planned)


def without_a_permission(stack, emulator):
    """an apply without a permission says which is missing, and of what"""
    with emulator.somebody(without="events:PutTargets") as key, stack.as_somebody_else(key):
        said = fails(stack.apply, f"-target={TARGET}")
    expect("is not authorized to perform: events:PutTargets" in said and f"with {TARGET}" in said, said)


def a_lost_permission(stack, emulator):
    """a permission that a function has lost is named in its log"""
    with emulator.refusals_are_meant(), contextlib.suppress(AssertionError):
        emulator.invoke(ROLE, {"action": "versions"})
    said = "\n".join(emulator.logged(ROLE))
    expect(re.search(rf":assumed-role/{ROLE}/{ROLE} is not authorized to perform: dynamodb:\w+", said), said[-2000:])


def lost_dead_letters(stack, emulator):
    """a queue of dead letters that is gone is found by `hansho doctor`, with what to do"""
    command = doctor.Doctor(emulator)
    # Without its permission the function config answers nothing either.
    with emulator.refusals_are_meant():
        found = command.ill()
        _, said = command.run()
    expect(("dead letters", "fault", f"{QUEUE} is not there") in found, found)
    expect(re.search(rf"{QUEUE} is not there\s.*`terraform -chdir=infra apply`", said, re.DOTALL), said)


def given_back(stack, emulator):
    """the next apply makes what is missing, and gives back what was lost"""
    stack.apply(*GONE)
    expect(emulator.client("events").list_targets_by_rule(Rule=RULE)["Targets"], "the target is still missing")
    expect(emulator.client("sqs").get_queue_url(QueueName=QUEUE)["QueueUrl"], "the queue is still missing")
    expect(emulator.invoke(ROLE, {"action": "versions"})["result"] == "versions", "it still may not")


ALL = [another_account, two_at_once, two_clones, gone, without_a_permission, a_lost_permission, lost_dead_letters, given_back]
