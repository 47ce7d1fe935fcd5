"""What goes wrong around an apply: it is refused before anything is changed, with what to do, or healed by the next one."""

import fcntl

from emulator import ACCOUNT, expect
from teams import fails
from terraform import changes

RULE = "hansho-sweeper"


def another_account(stack, given, emulator):
    """another account than the one that was meant is refused before anything is read or written"""
    said = fails(stack.plan, *given, "-var=account_id=111122223333")
    expect(f"AWS account ID not allowed: {ACCOUNT}" in said, said)


def two_at_once(stack, given, emulator):
    """while one applies, another is refused with who it is and since when"""
    with (stack.folder / "terraform.tfstate").open("r+") as state:
        fcntl.lockf(state, fcntl.LOCK_EX)
        said = fails(stack.apply, *given, "-target=module.timer_queue")
    expect("Error acquiring the state lock" in said and "to protect the state from being written by multiple users at the same time" in said, said)


def half_applied(stack, given, emulator):
    """what is missing of a stack is planned, and made by the next apply"""
    rules = emulator.client("events")
    targets = [target["Id"] for target in rules.list_targets_by_rule(Rule=RULE)["Targets"]]
    rules.remove_targets(Rule=RULE, Ids=targets)
    target = "-target=aws_cloudwatch_event_target.sweeper"
    planned = {address: change["actions"] for address, change in changes(stack.plan(*given, target)).items()}
    expect(planned == {"aws_cloudwatch_event_target.sweeper": ["create"]}, planned)
    stack.apply(*given, target)
    expect(rules.list_targets_by_rule(Rule=RULE)["Targets"], "it is still missing")


ALL = [another_account, two_at_once, half_applied]
