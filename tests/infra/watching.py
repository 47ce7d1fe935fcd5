"""Alarms on Hansho itself: each is worked out from its definition and from what the functions have counted, because the emulator goes by
neither dimensions nor missing data; and whom their topic reaches."""

import contextlib
import datetime
import json

from deploying import FUNCTIONS
from emulator import eventually, expect
from stories import switched_off
from terraform import resources

# Who is told, in emulator.tfvars.
PHONE, MAILBOX = "+819000000000", "operator@example.com"
ALARM = 'module.watch.aws_cloudwatch_metric_alarm.this["'
# It comes every minute, and the emulator looks every ten seconds.
BEAT_WITHIN_SECONDS = 90
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
        if alarm["metric_name"] == "InvocationAttemptCount":
            count = sum(begin <= at < end for at in self.beats())
            return count or None
        if alarm["namespace"] == "AWS/SQS":
            return self.emulator.messages(alarm["dimensions"]["QueueName"])[0]
        dimensions = [{"Name": name, "Value": value} for name, value in alarm["dimensions"].items()]
        found = self.emulator.client("cloudwatch").get_metric_statistics(
            Namespace=alarm["namespace"], MetricName=alarm["metric_name"], Dimensions=dimensions,
            StartTime=begin, EndTime=end, Period=60, Statistics=[alarm["statistic"]],
        )
        points = [point[alarm["statistic"]] for point in found["Datapoints"]]
        return sum(points) if points else None

    def beats(self):
        """When Scheduler has handed its beat over. The emulator counts no invocations of it."""
        sqs = self.emulator.client("sqs")
        url = sqs.get_queue_url(QueueName="hansho-scheduler-beats")["QueueUrl"]
        found = sqs.receive_message(QueueUrl=url, AttributeNames=["SentTimestamp"], MaxNumberOfMessages=10, VisibilityTimeout=0)
        sent = [int(message["Attributes"]["SentTimestamp"]) for message in found.get("Messages", [])]
        return [datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc) for milliseconds in sent]

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


def switched_off_function(function):
    def check(alarms):
        client = alarms.emulator.client("lambda")
        client.put_function_concurrency(FunctionName=f"hansho-{function}", ReservedConcurrentExecutions=0)
        try:
            with contextlib.suppress(client.exceptions.TooManyRequestsException):
                # Without the alias: the emulator forgets of its versions that they may not run.
                client.invoke(FunctionName=f"hansho-{function}", Payload=b"{}")
                raise AssertionError("it runs all the same")
        finally:
            client.delete_function_concurrency(FunctionName=f"hansho-{function}")
        at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1)
        expect(alarms.is_on(f"{function}-throttles", at), "it is not on")
        expect(not alarms.is_on(f"{function}-throttles", at - datetime.timedelta(minutes=5)), "it was on before")

    check.__doc__ = f"with {function} switched off, an alarm is on from the first event that it misses"
    return check


def switched_off_queue(function, queue):
    def check(alarms):
        sqs = alarms.emulator.client("sqs")
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        now = datetime.datetime.now(datetime.timezone.utc)
        eventually("it is off before", lambda: not alarms.is_on(f"{function}-queue", now))
        with switched_off(alarms.emulator, f"hansho-{function}"):
            sqs.send_message(QueueUrl=url, MessageBody="{}")
            eventually("the message waits", lambda: alarms.emulator.messages(queue)[0] >= 1)
            # It waits for as long as nobody takes it: through both of the minutes that the alarm looks at.
            expect(alarms.is_on(f"{function}-queue", now + datetime.timedelta(minutes=3)), "it is not on")
            sqs.purge_queue(QueueUrl=url)

    check.__doc__ = f"with the queue {queue} switched off, an alarm is on within three minutes"
    return check


def scheduler(alarms):
    """when Scheduler hands nothing over any more, an alarm is on within three minutes, and not while it does"""
    client = alarms.emulator.client("scheduler")
    last = max(eventually("Scheduler hands its beat over", alarms.beats, BEAT_WITHIN_SECONDS))
    expect(not alarms.is_on("scheduler-beat", last + datetime.timedelta(seconds=1)), "it is on just after a beat")
    found = client.get_schedule(GroupName="hansho", Name="beat")
    kept = {name: found[name] for name in ("GroupName", "Name", "ScheduleExpression", "FlexibleTimeWindow", "Target", "Description")}
    client.update_schedule(**kept, State="DISABLED")
    try:
        last = max(alarms.beats() or [last])
        expect(alarms.is_on("scheduler-beat", last + datetime.timedelta(minutes=3)), "three minutes without a beat are not noticed")
    finally:
        client.update_schedule(**kept, State="ENABLED")


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


ALL = [silence, the_stream, scheduler, dead_letters]
ALL += [switched_off_function(function) for function in FUNCTIONS]
ALL += [switched_off_queue(function, queue) for function, queue in (("delivery", "hansho-deliveries"), ("escalation", "hansho-timers"))]
ALL += [whom_it_reaches]
