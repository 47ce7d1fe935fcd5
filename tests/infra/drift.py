"""A second plan changes nothing, but for what ministack gives back otherwise than AWS. That is named here: which attributes of which two kinds
of resources, with what it gives back of them. Whatever else would be changed fails."""

import copy
import json

from emulator import expect
from terraform import changes, kind_of

ALARM, BUS_POLICY = "aws_cloudwatch_metric_alarm", "aws_cloudwatch_event_bus_policy"
# Over the protocol that the provider speaks with CloudWatch, ministack forgets these of every alarm, and gives back what stands here.
FORGOTTEN = {
    "actions_enabled": False,
    "alarm_actions": [],
    "alarm_description": "",
    "dimensions": {},
    "ok_actions": [],
    "period": 0,
    "statistic": "",
    "treat_missing_data": "missing",
}


def a_second_plan(stack):
    """a second plan changes nothing but the known drift: eight attributes of alarms, and how a bus names its other accounts"""
    plan = stack.plan()
    unknown = list(beyond_the_known(plan))
    expect(not unknown, f"it would change {unknown}")
    return plan


def beyond_the_known(plan):
    """What a plan would change that is no known drift."""
    for address, change in changes(plan).items():
        kind = kind_of(address)
        before, after = change["before"] or {}, change["after"] or {}
        differs = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        known = forgotten(change) if kind == ALARM else {"policy"} if kind == BUS_POLICY and same_accounts(change) else set()
        if change["actions"] != ["update"] or not differs <= known:
            yield address, change["actions"], sorted(differs - known)


def forgotten(change):
    """The attributes of an alarm that ministack has forgotten: what it gives back is as good as nothing."""
    return {name for name, nothing in FORGOTTEN.items() if (change["before"].get(name) or nothing) == nothing}


def same_accounts(change):
    """ministack makes a statement of its own of a policy, under an id of its own and for everybody; the rest of it has to be the same."""
    before, after = (json.loads(change[when]["policy"])["Statement"] for when in ("before", "after"))
    rest = [[{name: value for name, value in one.items() if name not in ("Sid", "Principal")} for one in statements] for statements in (before, after)]
    return rest[0] == rest[1]


def another_drift_is_noticed():
    """whatever a second plan would change beside the known drift is noticed: another attribute, another value, another resource, another action"""
    alarm = {"threshold": 1, "comparison_operator": "LessThanThreshold", "alarm_name": "hansho: heartbeat"}
    real = alarm | {"actions_enabled": True, "alarm_actions": ["topic"], "alarm_description": "x", "dimensions": {"a": "b"}, "ok_actions": ["topic"]}
    real |= {"period": 60, "statistic": "Sum", "treat_missing_data": "breaching"}
    drift = planned("module.watch.aws_cloudwatch_metric_alarm.this[\"heartbeat\"]", alarm | FORGOTTEN, real)
    expect(not list(beyond_the_known(drift)), "the known drift is found fault with")
    for name, value in {"threshold": 2, "comparison_operator": "GreaterThanThreshold", "period": 300, "alarm_actions": ["another"]}.items():
        other = copy.deepcopy(drift)
        other["resource_changes"][0]["change"]["before"][name] = value
        expect(list(beyond_the_known(other)), f"nobody notices {name}")
    other = copy.deepcopy(drift)
    other["resource_changes"][0]["change"]["actions"] = ["delete", "create"]
    expect(list(beyond_the_known(other)), "nobody notices that it is replaced")
    expect(list(beyond_the_known(planned("module.timer_queue.aws_sqs_queue.this", {"name": "a"}, {"name": "b"}))), "nobody notices a queue")
    policy = {"Statement": [{"Sid": "x", "Effect": "Allow", "Action": "events:PutEvents", "Principal": "*", "Resource": "bus"}]}
    ours = {"Statement": [policy["Statement"][0] | {"Sid": "OtherAccounts", "Principal": {"AWS": ["111122223333"]}}]}
    address = "module.sources.aws_cloudwatch_event_bus_policy.this[0]"
    expect(not list(beyond_the_known(planned(address, {"policy": json.dumps(policy)}, {"policy": json.dumps(ours)}))), "the known drift is found fault with")
    ours["Statement"][0]["Action"] = "events:*"
    expect(list(beyond_the_known(planned(address, {"policy": json.dumps(policy)}, {"policy": json.dumps(ours)}))), "nobody notices another action")


def planned(address, before, after):
    return {"resource_changes": [{"address": address, "mode": "managed", "change": {"actions": ["update"], "before": before, "after": after}}]}


ON_PAPER = [another_drift_is_noticed]
