"""Alarms on Hansho itself: each is worked out from its definition and from what the functions have counted, because the emulator goes by
neither dimensions nor missing data; and whom their topic reaches."""

import contextlib
import datetime
import json
import re

from deploying import FUNCTIONS
from emulator import ACCOUNT, REGION, eventually, expect
from stories import metrics, switched_off
from terraform import resources

# Who is told, in emulator.tfvars.
TEXT, MAIL = WAYS = ("SMS +819000000000", "email operator@example.com")
ALARM = re.compile(r'^module\.watch\.aws_cloudwatch_metric_alarm\.this\["([\w-]+)"\]$|^aws_cloudwatch_metric_alarm\.(\w+)\[0\]$')
# Which function counts, by how its metrics' names begin.
COUNTS = {"Sw": "hansho-sweeper", "Ca": "hansho-delivery", "Br": "hansho-incident-manager-bridge"}
BRIDGE = "incident-manager-bridge"
# What leaves what it could not do in a queue.
DESTINATIONS = [function for function in FUNCTIONS if function not in ("api", "config")]
# When something is looked at that can not be copied, without and after the tries of its message: each wait is twice the one before, up to an
# hour (SETBACK_MAX in follow.rs).
BRIDGE_LOOKS_MINUTES = [[0, 1, 3, 7, 15, 31, 63, 123, 183, 243], [0, 32, 92, 152, 212]]
# It comes every minute, and the emulator looks every ten seconds.
BEAT_WITHIN_SECONDS = 90
PERIOD = datetime.timedelta(seconds=60)
# CloudWatch looks at more periods than an alarm names, and takes the newest of the points in them that are real before it minds what is missing:
# at five for an alarm of three (user guide, "How alarm state is evaluated when data is missing").
RANGE_BEYOND = 2
COMPARISONS = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
}


class Alarms:
    """The alarms as they are planned, over what the emulator knows."""

    def __init__(self, plan, emulator):
        self.emulator = emulator
        self.resources = resources(plan)
        found = {ALARM.match(address): values for address, values in self.resources.items()}
        self.planned = {match.group(1) or match.group(2): measured(values) for match, values in found.items() if match}

    def is_on(self, name, at, printed=None):
        """Whether an alarm is in ALARM at a time (CloudWatch user guide, "Evaluating an alarm"); by what is said to be counted, or was."""
        alarm = self.planned[name]
        period, periods = datetime.timedelta(seconds=alarm["period"]), alarm["evaluation_periods"]
        values = [self.value(alarm, at - (number + 1) * period, at - number * period, printed) for number in range(periods + RANGE_BEYOND)]
        # Where nothing at all is there, nothing may be filled (it is not said); what is missing counts then.
        if any(value is not None for value in values):
            values = [alarm["filled_with"] if value is None else value for value in values]
        real = [value for value in values if value is not None][:periods]
        wrong = sum(COMPARISONS[alarm["comparison_operator"]](value, alarm["threshold"]) for value in real)
        wrong += (periods - len(real)) * (alarm["treat_missing_data"] == "breaching")
        return wrong >= alarm["datapoints_to_alarm"]

    def silent_for_at_most(self, name, every_seconds):
        """For how long what comes every so many seconds may be silent before an alarm is on."""
        expect(every_seconds <= self.planned[name]["period"], f"{name} is on while it comes every {every_seconds} seconds")
        return self.on_after(name, every_seconds, range(-20, 1))

    def on_after(self, name, every_seconds, numbers):
        """After how many seconds an alarm is on for what comes in the intervals of these numbers: at the end of the first period from which it is
        on."""
        period = self.planned[name]["period"]
        begin = datetime.datetime(2026, 11, 21, 10, tzinfo=datetime.timezone.utc)
        came = [(begin + number * datetime.timedelta(seconds=every_seconds), 1) for number in numbers]
        for second in range(1, 20 * period):
            if self.is_on(name, begin + datetime.timedelta(seconds=second), came):
                return second - 1 + period
        raise AssertionError(f"{name} is never on")

    def value(self, alarm, begin, end, printed):
        """What a period comes to; None without data."""
        if printed is not None or alarm["namespace"] == "Hansho":
            counted = [value for at, value in (self.printed(alarm["metric_name"]) if printed is None else printed) if begin <= at < end]
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

    def printed(self, name):
        """When a function has printed a metric, and how much."""
        return list(metrics(self.emulator, COUNTS[name[:2]], name))

    def beats(self):
        """When Scheduler has handed its beat over. The emulator counts no invocations of it."""
        sqs = self.emulator.client("sqs")
        url = sqs.get_queue_url(QueueName="hansho-scheduler-beats")["QueueUrl"]
        found = sqs.receive_message(QueueUrl=url, AttributeNames=["SentTimestamp"], MaxNumberOfMessages=10, VisibilityTimeout=0)
        sent = [int(message["Attributes"]["SentTimestamp"]) for message in found.get("Messages", [])]
        return [datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc) for milliseconds in sent]


def measured(alarm):
    """An alarm with what it measures beside the rest, whether it says so itself or by a query; and with what it fills what is missing."""
    queries = {query["id"]: query for query in alarm.get("metric_query") or []}
    if not queries:
        return alarm | {"filled_with": None}
    expression = next(query["expression"] for query in queries.values() if query.get("return_data"))
    source, number = re.fullmatch(r"FILL\((\w+), (\d+)\)", expression).groups()
    metric = queries[source]["metric"][0]
    named = {"namespace", "metric_name", "period"}
    return alarm | {name: metric[name] for name in named} | {"dimensions": metric.get("dimensions") or {}, "statistic": metric["stat"], "filled_with": int(number)}


def silence_on_paper(plan):
    """the silence of the sweeper and of Scheduler is heard of within three minutes, by all that CloudWatch looks at; and without filling it would not be; a bridge that is off as well"""
    alarms = Alarms(plan, None)
    for name in ("heartbeat", "scheduler-beat"):
        within = alarms.silent_for_at_most(name, 60)
        expect(within <= 180, f"the silence of {name} is heard of after {within} seconds")
        alarms.planned[name] |= {"filled_with": None}
        expect(alarms.silent_for_at_most(name, 60) > 180, f"{name}: nothing else is looked at than the periods of the alarm")
    off = alarms.on_after("bridge_off", 60, range(1, 20))
    expect(off <= 180, f"a bridge that is switched off is heard of after {off} seconds")
    every = alarms.planned["canary"]["period"]
    within = alarms.silent_for_at_most("canary", every)
    expect(within <= 4 * every, f"the silence of the canary is heard of after {within} seconds")


def silence(alarms):
    """when the sweeper beats no more, an alarm is on within three minutes, and not while it beats"""
    last = max(at for at, beats in alarms.printed("SweeperHeartbeat") if beats)
    after = datetime.timedelta(seconds=1)
    expect(not alarms.is_on("heartbeat", last + after), "it is on just after a beat")
    expect(alarms.is_on("heartbeat", last + datetime.timedelta(minutes=3)), "three minutes without a beat are not noticed")


def the_stream(alarms):
    """when the stream brings nothing, an alarm is on from the first page that the sweeper had to relay"""
    swept = [at for at, _ in alarms.printed("SweptRows")]
    expect(swept, "nothing was ever left to the sweeper")
    expect(alarms.is_on("stream", swept[0] + datetime.timedelta(seconds=1)), "it is not on")
    expect(not alarms.is_on("stream", swept[0] - PERIOD), "it was on before")


def canary(alarms):
    """when the canary comes through no more, an alarm is on after three of them, and not while it comes"""
    last = max(at for at, _ in alarms.printed("CanaryArrived"))
    expect(not alarms.is_on("canary", last + datetime.timedelta(seconds=1)), "it is on just after a canary")
    every = datetime.timedelta(seconds=alarms.planned["canary"]["period"])
    expect(alarms.is_on("canary", last + 4 * every), "three canaries that did not come are not noticed")


def bridge(alarms):
    """when the bridge is behind for more than a quarter of an hour, an alarm is on until it works again, and not when it fails once"""
    once = min(at for at, _ in alarms.printed("BridgeBehind"))
    after = datetime.timedelta(seconds=1)
    expect(not alarms.is_on("bridge", once + after, [(once, 1)]), "it is on after one failure")
    for minutes in BRIDGE_LOOKS_MINUTES:
        looks = [(once + datetime.timedelta(minutes=minute), 1) for minute in minutes]
        for passed, (at, _) in enumerate(looks):
            is_on = alarms.is_on("bridge", at + after, looks[: passed + 1])
            expect(is_on or at - once < datetime.timedelta(minutes=20), f"after {at - once} it is not on")
        expect(not alarms.is_on("bridge", at + datetime.timedelta(hours=3), looks), "it never ends")


def dead_letters(alarms):
    """where there are dead letters an alarm is on, and elsewhere none"""
    now = datetime.datetime.now(datetime.timezone.utc)
    for function in ("escalation", "delivery"):
        expect(alarms.is_on(f"{function}-dead-letters", now), f"the dead letters of {function} are not noticed")
    for function in ("alarm-intake", "outbox-relay"):
        expect(not alarms.is_on(f"{function}-dead-letters", now), f"{function} has no dead letters")


def without_dead_letters(function):
    def check(alarms):
        name, queue = f"hansho-{function}", f"hansho-{function}-dead-letters"
        alarm = alarms.planned[f"{function}-destinations"]
        before = datetime.datetime.now(datetime.timezone.utc)
        expect(not alarms.is_on(f"{function}-destinations", before), "it was on before")
        expect(queue in alarm["alarm_description"] and "terraform apply" in alarm["alarm_description"], alarm["alarm_description"])
        # What Lambda counts where a destination takes nothing (developer guide, "Capturing records of Lambda asynchronous invocations"); the
        # emulator does not.
        lost = {"MetricName": "DestinationDeliveryFailures", "Value": 1, "Unit": "Count", "Dimensions": [{"Name": "FunctionName", "Value": name}]}
        alarms.emulator.client("cloudwatch").put_metric_data(Namespace="AWS/Lambda", MetricData=[lost | {"Timestamp": before}])
        expect(alarms.is_on(f"{function}-destinations", before + datetime.timedelta(seconds=1)), "what is lost for good is not noticed")

    check.__doc__ = f"with the dead letters of {function} gone or closed, an alarm is on from the first event that is lost"
    return check


@contextlib.contextmanager
def function_off(client, function):
    name = f"hansho-{function}"
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    try:
        yield
    finally:
        client.delete_function_concurrency(FunctionName=name)


def switched_off_function(function):
    def check(alarms):
        client = alarms.emulator.client("lambda")
        with function_off(client, function):
            with contextlib.suppress(client.exceptions.TooManyRequestsException):
                # Without the alias: the emulator forgets of its versions that they may not run.
                client.invoke(FunctionName=f"hansho-{function}", Payload=b"{}")
                raise AssertionError("it runs all the same")
            if function != "sweeper":
                is_named(alarms, f"the function hansho-{function}")
        at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1)
        expect(alarms.is_on(f"{function}-throttles", at), "it is not on")
        expect(not alarms.is_on(f"{function}-throttles", at - datetime.timedelta(minutes=5)), "it was on before")

    by = "the sweeper, which is missing then" if function == "sweeper" else "the sweeper, which names it"
    check.__doc__ = f"with {function} switched off, an alarm is on from the first event that it misses, and in quiet times within three minutes by {by}"
    return check


def is_named(alarms, part):
    """The sweeper, asked now, names what is switched off: of what pages wait for it beats no heart, and of the rest it counts; `in_quiet_times` says
    how long that takes."""
    answer = alarms.emulator.invoke("hansho-sweeper", {})
    if part in optional_parts(alarms):
        expect(part in answer["optional_off"] and answer["heartbeat"], f"{part} is off, and the sweeper says {answer}")
        eventually("it is counted", lambda: alarms.printed("SweeperOptionalOff"))
        return
    expect(part in answer["switched_off"] and not answer["heartbeat"], f"{part} is off, and the sweeper says {answer}")
    eventually("a bad point is counted", lambda: max(alarms.printed("SweeperHeartbeat"))[1] == 0)


def in_quiet_times(alarms):
    """in quiet times, with nothing to do for anybody, whatever is switched off is heard of within three minutes, worked out from what looks at it and how often"""
    planned = alarms.resources
    every = seconds_of(planned["aws_cloudwatch_event_rule.sweeper"]["schedule_expression"])
    beat = seconds_of(planned["module.scheduler.aws_scheduler_schedule.beat"]["schedule_expression"])
    watched = watched_parts(alarms)
    functions = {f"the function hansho-{function}" for function in FUNCTIONS}
    mappings = {f"the event source mapping {mapping}" for mapping in every_mapping(alarms.emulator)}
    expect(watched == (functions - {"the function hansho-sweeper"}) | mappings, f"nobody looks at {sorted((functions | mappings) - watched)}")
    optional = optional_parts(alarms)
    bridge = {f"the event source mapping {mapping_of(alarms.emulator, BRIDGE, source)}" for source in (":sqs:", ":dynamodb:")}
    expect(optional == bridge | {f"the function hansho-{BRIDGE}"}, f"no page waits for {sorted(optional)}")
    rows = [(part, "heartbeat", every) for part in sorted(watched - optional | {"the function hansho-sweeper"})] + [("EventBridge Scheduler", "scheduler-beat", beat)]
    rows += [(part, "bridge_off", every) for part in sorted(optional)]
    for part, alarm, seconds in rows:
        # The first look at what is off comes after almost the whole of the time between two.
        within = alarms.on_after(alarm, seconds, range(1, 20)) if part in optional else alarms.silent_for_at_most(alarm, seconds)
        print(f"  {part:<70} {alarm:<16} every {seconds} s, heard of within {within} s", flush=True)
        expect(within <= 180, f"{part} is heard of after {within} seconds")


def every_mapping(emulator):
    """Whatever hands over what is in a queue or a stream."""
    return [mapping["UUID"] for mapping in emulator.client("lambda").list_event_source_mappings()["EventSourceMappings"]]


def watched_parts(alarms):
    """What the sweeper is told to look at."""
    settings = alarms.emulator.client("lambda").get_function_configuration(FunctionName="hansho-sweeper", Qualifier="live")["Environment"]["Variables"]
    functions = {f"the function {name}" for name in settings["HANSHO_WATCHED_FUNCTIONS"].split(",")}
    return functions | {f"the event source mapping {mapping}" for mapping in settings["HANSHO_WATCHED_MAPPINGS"].split(",")}


def optional_parts(alarms):
    """Those among them that no page waits for."""
    settings = alarms.emulator.client("lambda").get_function_configuration(FunctionName="hansho-sweeper", Qualifier="live")["Environment"]["Variables"]
    names = set(settings["HANSHO_WATCHED_OPTIONAL"].split(","))
    return {part for part in watched_parts(alarms) if part.split()[-1] in names}


def seconds_of(expression):
    count, unit = re.fullmatch(r"rate\((\d+) (minute|minutes)\)", expression).groups()
    return int(count) * 60


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
            is_named(alarms, f"the event source mapping {mapping_of(alarms.emulator, function)}")
            sqs.purge_queue(QueueUrl=url)

    check.__doc__ = f"with the queue {queue} switched off, an alarm is on within three minutes, whether a message waits or not"
    return check


def queue_gone(queue):
    def check(alarms):
        sqs = alarms.emulator.client("sqs")
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        had = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        tags = sqs.list_queue_tags(QueueUrl=url).get("Tags", {})
        sqs.delete_queue(QueueUrl=url)
        try:
            is_named(alarms, f"the queue {queue}")
        finally:
            kept = {name: value for name, value in had.items() if name != "QueueArn" and "Timestamp" not in name and not name.startswith("Approximate")}
            sqs.create_queue(QueueName=queue, Attributes=kept, tags=tags)
        answer = alarms.emulator.invoke("hansho-sweeper", {})
        expect(f"the queue {queue}" not in answer["switched_off"], f"it is there again, and the sweeper says {answer}")

    check.__doc__ = f"with the queue {queue} gone, whose mapping is on as before, a bad point is counted at the next look"
    return check


def mapping_of(emulator, function, source=":sqs:"):
    found = emulator.client("lambda").list_event_source_mappings(FunctionName=f"hansho-{function}:live")["EventSourceMappings"]
    return next(mapping["UUID"] for mapping in found if source in mapping["EventSourceArn"])


def switched_off_stream(alarms):
    """with the stream switched off, an alarm is on within three minutes, whether something was written or not; and once all is on again, the heart beats"""
    for function in ("outbox-relay", "incident-manager-bridge"):
        with switched_off(alarms.emulator, f"hansho-{function}"):
            is_named(alarms, f"the event source mapping {mapping_of(alarms.emulator, function, ':dynamodb:')}")
    answer = alarms.emulator.invoke("hansho-sweeper", {})
    expect(answer["switched_off"] == [] and answer["heartbeat"], f"all is on again, and the sweeper says {answer}")


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
    topics = {topic for alarm in alarms.planned.values() for topic in (*alarm["alarm_actions"], *(alarm["ok_actions"] or []))}
    expect(len(topics) == 1, f"alarms publish to {topics}")
    sns = alarms.emulator.client("sns")
    ways = {found["Protocol"] for found in sns.list_subscriptions_by_topic(TopicArn=topics.copy().pop())["Subscriptions"]}
    expect(ways == {"sms", "email"}, f"operators are told by {ways}")
    before = told(alarms)
    sns.publish(TopicArn=topics.pop(), Subject="ALARM", Message="hansho: heartbeat")
    for way in WAYS:
        eventually(f"the operator is told by {way}", lambda: told(alarms)[way] == before[way] + 1)


def what_is_over(alarms):
    """that an alarm is over is told by mail and not by text; of one that was just made and is well nobody hears, nor of what is no alarm on Hansho itself"""
    topic = next(values["arn"] for address, values in alarms.resources.items() if address.endswith("module.operators.aws_sns_topic.ok[0]"))
    ways = {found["Protocol"] for found in alarms.emulator.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]}
    expect(ways == {"email"}, f"what is over is told by {ways}")
    spoken = {name for name, alarm in alarms.planned.items() if alarm["ok_actions"]}
    expect(not spoken, f"when they are made and well, {sorted(spoken)} say so")
    before = told(alarms)
    for name, state in (("hansho: heartbeat", "INSUFFICIENT_DATA"), ("checkout-5xx", "ALARM"), ("hansho: heartbeat", "ALARM")):
        is_well(alarms.emulator, name, state)
    # They are handed over in their order.
    eventually("the operator hears that it is over", lambda: told(alarms)[MAIL] > before[MAIL])
    expect(told(alarms) == before | {MAIL: before[MAIL] + 1}, f"{before}, then {told(alarms)}")


def told(alarms):
    """How often operators were told of something, by the way. The emulator says so in its log only."""
    log = alarms.emulator.log.read_text()
    return {way: log.count(f"SNS fanout → {way}") for way in WAYS}


def is_well(emulator, name, before):
    """What CloudWatch says of an alarm that is OK now, and what it was before (user guide, "Alarm events and EventBridge"); the emulator says nothing."""
    states = {"state": {"value": "OK", "reason": "test", "timestamp": "2026-11-28T00:00:00.000+0000"}, "previousState": {"value": before}}
    detail = {"alarmName": name, "configuration": {"description": "test"}} | states
    event = {"Source": "aws.cloudwatch", "DetailType": "CloudWatch Alarm State Change", "Detail": json.dumps(detail)}
    event["Resources"] = [f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"]
    put = emulator.client("events").put_events(Entries=[event])
    expect(put["FailedEntryCount"] == 0, put)


ALL = [silence, in_quiet_times, the_stream, scheduler, canary, bridge, dead_letters]
ALL += [without_dead_letters(function) for function in DESTINATIONS]
ALL += [switched_off_function(function) for function in FUNCTIONS]
ALL += [switched_off_queue(function, queue) for function, queue in (("delivery", "hansho-deliveries"), ("escalation", "hansho-timers"))]
ALL += [queue_gone(queue) for queue in ("hansho-deliveries", "hansho-timers")]
ALL += [switched_off_stream, whom_it_reaches, what_is_over]
