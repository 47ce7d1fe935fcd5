"""Alarms on Hansho itself: each is worked out from its definition and from what the functions have counted, because the emulator goes by
neither dimensions nor missing data; and whom their topic reaches."""

import contextlib
import datetime
import json

from emulator import eventually, expect
from terraform import resources

# Who is told, in emulator.tfvars.
PHONE, MAILBOX = "+819000000000", "operator@example.com"
ALARM = 'module.watch.aws_cloudwatch_metric_alarm.this["'
PERIOD = datetime.timedelta(seconds=60)
COMPARISONS = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
}


class Alarms:
    """The alarms as they are planned, over what the emulator knows."""

    def __init__(self, plan, emulator):
        self.emulator = emulator
        self.planned = {address.split('"')[1]: values for address, values in resources(plan).items() if address.startswith(ALARM)}

    def is_on(self, name, at):
        """Whether an alarm is in ALARM at a time (CloudWatch user guide, "Evaluating an alarm")."""
        alarm = self.planned[name]
        expect(alarm["period"] == PERIOD.total_seconds(), f"{name} looks at {alarm['period']} seconds")
        wrong = 0
        for number in range(alarm["evaluation_periods"]):
            value = self.value(alarm, at - (number + 1) * PERIOD, at - number * PERIOD)
            if value is None:
                wrong += alarm["treat_missing_data"] == "breaching"
            else:
                wrong += COMPARISONS[alarm["comparison_operator"]](value, alarm["threshold"])
        return wrong >= alarm["datapoints_to_alarm"]

    def value(self, alarm, begin, end):
        """What a period comes to; None without data."""
        if alarm["namespace"] == "Hansho":
            counted = [value for at, name, value in self.printed() if name == alarm["metric_name"] and begin <= at < end]
            return sum(counted) if counted else None
        if alarm["namespace"] == "AWS/SQS":
            return self.emulator.messages(alarm["dimensions"]["QueueName"])[0]
        dimensions = [{"Name": name, "Value": value} for name, value in alarm["dimensions"].items()]
        found = self.emulator.client("cloudwatch").get_metric_statistics(
            Namespace=alarm["namespace"], MetricName=alarm["metric_name"], Dimensions=dimensions,
            StartTime=begin, EndTime=end, Period=60, Statistics=[alarm["statistic"]],
        )
        points = [point[alarm["statistic"]] for point in found["Datapoints"]]
        return sum(points) if points else None

    def printed(self):
        """The metrics that the sweeper has printed: when, which, how many."""
        for line in self.emulator.logged("hansho-sweeper"):
            if "CloudWatchMetrics" in line:
                found = json.loads(line)
                for metric in found["_aws"]["CloudWatchMetrics"][0]["Metrics"]:
                    at = datetime.datetime.fromtimestamp(found["_aws"]["Timestamp"] / 1000, datetime.timezone.utc)
                    yield at, metric["Name"], found[metric["Name"]]


def silence(alarms):
    """when the sweeper beats no more, an alarm is on within three minutes, and not while it beats"""
    beats = [at for at, name, _ in alarms.printed() if name == "SweeperHeartbeat"]
    last = max(beats)
    after = datetime.timedelta(seconds=1)
    expect(not alarms.is_on("heartbeat", last + after), "it is on just after a beat")
    expect(alarms.is_on("heartbeat", last + datetime.timedelta(minutes=3)), "three minutes without a beat are not noticed")


def the_stream(alarms):
    """when the stream brings nothing, an alarm is on from the first page that the sweeper had to relay"""
    swept = [at for at, name, _ in alarms.printed() if name == "SweptRows"]
    expect(swept, "nothing was ever left to the sweeper")
    expect(alarms.is_on("stream", swept[0] + datetime.timedelta(seconds=1)), "it is not on")
    expect(not alarms.is_on("stream", swept[0] - PERIOD), "it was on before")


def dead_letters(alarms):
    """where there are dead letters an alarm is on, and elsewhere none"""
    now = datetime.datetime.now(datetime.timezone.utc)
    for function in ("escalation", "delivery"):
        expect(alarms.is_on(f"{function}-dead-letters", now), f"the dead letters of {function} are not noticed")
    for function in ("alarm-intake", "outbox-relay"):
        expect(not alarms.is_on(f"{function}-dead-letters", now), f"{function} has no dead letters")


def a_function_that_may_not_run(alarms):
    """a function that may not run is noticed with the first invocation that it misses"""
    client = alarms.emulator.client("lambda")
    client.put_function_concurrency(FunctionName="hansho-alarm-intake", ReservedConcurrentExecutions=0)
    try:
        with contextlib.suppress(client.exceptions.TooManyRequestsException):
            # Without the alias: the emulator forgets of its versions that they may not run.
            client.invoke(FunctionName="hansho-alarm-intake", Payload=b"{}")
            raise AssertionError("it runs all the same")
    finally:
        client.delete_function_concurrency(FunctionName="hansho-alarm-intake")
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1)
    expect(alarms.is_on("alarm-intake-throttles", now), "it is not on")
    expect(not alarms.is_on("delivery-throttles", now), "an alarm is on for another function")


def whom_it_reaches(alarms):
    """what alarms publish goes to a person's phone and mailbox, and to no function"""
    topics = {topic for alarm in alarms.planned.values() for topic in (*alarm["alarm_actions"], *alarm["ok_actions"])}
    expect(len(topics) == 1, f"alarms publish to {topics}")
    sns = alarms.emulator.client("sns")
    ways = {found["Protocol"] for found in sns.list_subscriptions_by_topic(TopicArn=topics.copy().pop())["Subscriptions"]}
    expect(ways == {"sms", "email"}, f"operators are told by {ways}")
    sns.publish(TopicArn=topics.pop(), Subject="ALARM", Message="hansho: heartbeat")
    # The emulator tells of it in its log only.
    for way in (f"SMS {PHONE}", f"email {MAILBOX}"):
        eventually(f"the operator is told by {way}", lambda: f"SNS fanout → {way}" in alarms.emulator.log.read_text())


ALL = [silence, the_stream, dead_letters, a_function_that_may_not_run, whom_it_reaches]
