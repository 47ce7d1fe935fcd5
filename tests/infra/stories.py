"""Hansho as it is deployed, used: through its topics, queues, stream, schedules and addresses, and seen by what people are sent."""

import contextlib
import datetime
import html
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request

from emulator import ACCOUNT, REGION, eventually, expect
from terraform import ROOT

TEAM = """
users:
  aiko: { name: 佐藤 愛子, phone: "+819012340001", language: ja, time_zone: Asia/Tokyo, notify: &texts { high: [{ after: 0m, by: sms }], low: [{ after: 0m, by: sms }] } }
  ben: { name: Ben, phone: "+819012340002", time_zone: Asia/Tokyo, notify: *texts }
  chie: { name: 鈴木 千恵, email: chie@example.com, time_zone: Asia/Tokyo, notify: { high: [{ after: 0m, by: email }], low: [{ after: 0m, by: email }] } }
  dai: { name: Dai, phone: "+819012340004", time_zone: Asia/Tokyo, notify: *texts }
  emi: { name: Emi, phone: "+819012340005", time_zone: Asia/Tokyo, notify: *texts }
  fumi: { name: Fumi, phone: "+819012340006", time_zone: Asia/Tokyo, notify: *texts }
  gen: { name: 源, phone: "+819012340007", language: ja, time_zone: Asia/Tokyo, notify: *texts }
escalation_policies:
  checkout:
    steps:
      - { notify: [user/aiko], wait: 1m }
      - { notify: [user/ben], wait: 1m }
      - { notify: [user/chie], wait: 30m }
  batch: { steps: [{ notify: [user/dai], wait: 30m }] }
  search: { steps: [{ notify: [user/emi], wait: 30m }] }
  payments: { steps: [{ notify: [user/gen], wait: 30m }] }
  others: { steps: [{ notify: [user/fumi], wait: 30m }] }
services:
  checkout: { escalation_policy: checkout }
  batch: { escalation_policy: batch, urgency: high }
  search: { escalation_policy: search, urgency: high, ops_center: { category: Availability } }
  payments: { escalation_policy: payments, urgency: high }
  catch-all: { escalation_policy: others, urgency: high }
integrations:
  payments-events: { service: payments, type: events }
fallback: [user/fumi]
"""
PHONES = {"aiko": "+819012340001", "ben": "+819012340002", "dai": "+819012340004", "emi": "+819012340005", "fumi": "+819012340006", "gen": "+819012340007"}
# An edit is in force within (shared/store/src/configuration/mod.rs).
IN_FORCE_WITHIN_SECONDS = 5
# Scheduler is asked for what is due every ten seconds here, and a function has to start.
ESCALATED_WITHIN_SECONDS = 90
# The sweeper comes every minute, and leaves alone what is younger than a quarter of one.
SWEPT_WITHIN_SECONDS = 150
# Its rule looks every minute.
BRIDGED_WITHIN_SECONDS = 100
# Its service, which nobody's configuration has (shared/domain/src/id.rs).
CANARY = "hansho-canary"
# By emulator.tfvars it is sent every two minutes.
CANARY_WITHIN_SECONDS = 150


def configuration(emulator, _):
    """the configuration is applied through the function config, and a wrong one is refused with its line"""
    wrong = emulator.invoke("hansho-config", {"action": "apply", "files": {"team.yaml": TEAM.replace("user/ben", "user/bem")}})
    expect(wrong["result"] == "invalid" and wrong["problems"][0]["line"] > 0, wrong)
    answer = emulator.invoke("hansho-config", {"action": "apply", "files": {"team.yaml": TEAM}, "by": "tests/infra"})
    expect(answer["result"] == "applied" and answer["version"] == 2, answer)
    versions = emulator.invoke("hansho-config", {"action": "versions"})
    authors = [version["author"]["by"] for version in versions["versions"]]
    expect(authors == ["tests/infra", "terraform"], versions)
    # Functions that run already go by what they have read until then.
    time.sleep(IN_FORCE_WITHIN_SECONDS)


def to_the_second_escalation(emulator, outputs):
    """an alarm through its topic is paged by text, escalated by a schedule of Scheduler, escalated again by the queue, acknowledged over HTTP, and resolved by the alarm"""
    with without_queue_and_sweeper(emulator):
        sent_at = now()
        emulator.client("sns").publish(TopicArn=outputs["alarm_topic"], Subject="ALARM", Message=alarm_by_topic("checkout-5xx", "checkout", sent_at))
        first = eventually("aiko is texted", lambda: emulator.texts(PHONES["aiko"]))[0]
        expect(f"{outputs['url']}/i/" in first, f"{first!r} has no link to {outputs['url']}")
        schedule = eventually("a schedule is made", lambda: schedules(emulator))[0]
        is_a_timer(schedule, outputs)
        eventually("ben is texted", lambda: emulator.texts(PHONES["ben"]), ESCALATED_WITHIN_SECONDS)
        expect(schedule["Name"] not in [found["Name"] for found in schedules(emulator)], "the schedule that fired is still there")
    mail = eventually("chie is mailed", lambda: mails_to(emulator, "chie@example.com"), ESCALATED_WITHIN_SECONDS)[0]
    link = re.search(re.escape(outputs["url"]) + r"/i/\w+", mail)
    expect(link, f"the mail has no link: {mail[:500]}")
    page = requested(emulator, link.group())
    expect('class="state triggered"' in page, page[:2000])
    expect('class="state triggered"' in requested(emulator, link.group()), "a GET has changed something")
    form = re.search(r'<form class="primary" method="post" action="([^"]+)">\s*<input type="hidden" name="nonce" value="([^"]+)">', page)
    address = urllib.parse.urljoin(link.group(), html.unescape(form.group(1)))
    requested(emulator, address, {"nonce": html.unescape(form.group(2))})
    expect('class="state acknowledged"' in requested(emulator, link.group()), "it is not acknowledged")
    emulator.invoke_without_waiting("hansho-alarm-intake", direct_alarm("checkout-5xx", "checkout", now(), state="OK"))
    eventually("the alarm's OK resolves it", lambda: 'class="state resolved"' in requested(emulator, link.group()))
    counts = {name: len(emulator.texts(number)) for name, number in PHONES.items()} | {"chie": len(mails_to(emulator, "chie@example.com"))}
    expect(counts == {"aiko": 1, "ben": 1, "chie": 1, "dai": 0, "emi": 0, "fumi": 0, "gen": 0}, f"messages: {counts}")


def is_a_timer(schedule, outputs):
    target = schedule["Target"]
    expect(target["Arn"] == f"{arn('lambda')}:function:hansho-escalation:live", target)
    expect(target["RoleArn"] == f"arn:aws:iam::{ACCOUNT}:role/hansho-scheduler", target)
    expect(target["DeadLetterConfig"]["Arn"] == f"{arn('sqs')}:hansho-escalation-dead-letters", target)
    expect(schedule["ActionAfterCompletion"] == "DELETE" and schedule["ScheduleExpressionTimezone"] == "UTC", schedule)
    expect(re.fullmatch(r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)", schedule["ScheduleExpression"]), schedule)


def without_the_stream(emulator, _):
    """with the stream's mapping switched off, the sweeper that EventBridge wakes pages, and says that it had to"""
    with switched_off(emulator, "hansho-outbox-relay"):
        emulator.invoke("hansho-alarm-intake", direct_alarm("batch-queue-age", "batch", now()))
        eventually("dai is texted", lambda: emulator.texts(PHONES["dai"]), SWEPT_WITHIN_SECONDS)
    for metric in ("SweptRows", "SweeperHeartbeat"):
        eventually(f"there is a metric {metric}", lambda: [line for line in emulator.logged("hansho-sweeper") if f'"{metric}"' in line])
    expect(len(emulator.texts(PHONES["dai"])) == 1, "the stream has brought it once more")


def events(emulator, outputs):
    """an alarm of another account is paged for by way of the event bus, and so is a finding of GuardDuty"""
    bus = outputs["event_bus_arn"]
    detail = json.loads(sample("alarm-eventbridge-metric", now()))["detail"] | {"alarmName": "search-memory"}
    detail["configuration"]["description"] = "service: search"
    resource = f"arn:aws:cloudwatch:{REGION}:111122223333:alarm:search-memory"
    event = {"EventBusName": bus, "Source": "aws.cloudwatch", "DetailType": "CloudWatch Alarm State Change", "Resources": [resource]}
    put = emulator.client("events").put_events(Entries=[event | {"Detail": json.dumps(detail)}])
    expect(put["FailedEntryCount"] == 0, put)
    eventually("emi is texted", lambda: emulator.texts(PHONES["emi"]))
    # Hansho's own alarms would go round in a circle.
    own = event | {"Detail": json.dumps(detail | {"alarmName": "hansho: heartbeat"})}
    emulator.client("events").put_events(Entries=[own])
    finding = {"severity": 8, "service": {"archived": False}, "title": "Unusual API calls", "id": "f-1"}
    found = {"EventBusName": bus, "Source": "aws.guardduty", "DetailType": "GuardDuty Finding", "Detail": json.dumps(finding)}
    emulator.client("events").put_events(Entries=[found])
    eventually("somebody is paged for a finding", lambda: emulator.texts(PHONES["fumi"]))
    expect(len(emulator.texts(PHONES["emi"])) == 1, "Hansho has paged for its own alarm")


def bridge(emulator, _):
    """what the bridge can not copy to OpsCenter, which the emulator does not have, it counts; whoever is on call was paged all the same"""
    expect(len(emulator.texts(PHONES["emi"])) == 1, "emi was not paged")
    asked = [d for d in emulator.decisions() if d["role"] == "hansho-incident-manager-bridge" and d["action"] == "ssm:CreateOpsItem"]
    expect(asked and all(d["allowed"] for d in asked), f"OpsCenter was not asked: {asked}")
    table = emulator.client("dynamodb")
    # It is looked at again in a quarter of an hour, after five tries of its message; here at once.
    for item in table.scan(TableName="hansho")["Items"]:
        if item["sk"]["S"] == "BRIDGE":
            key = {name: item[name] for name in ("pk", "sk")}
            table.update_item(TableName="hansho", Key=key, AttributeUpdates={"work_at": {"Value": {"N": "0"}}})
    behind = eventually("the bridge is behind", lambda: list(metrics(emulator, "hansho-incident-manager-bridge", "BridgeBehind")), BRIDGED_WITHIN_SECONDS)
    expect(all(value == 1 for _, value in behind), behind)


def mail(emulator, outputs):
    """a mail is read from its private bucket, and is on the list of suppressed alerts when it is nobody's"""
    event = json.loads((ROOT / "events" / "email-intake" / "ses-lambda-action.json").read_text().replace("RECIPIENT", "nobody@oncall.example.com"))
    bucket = f"hansho-mails-{ACCOUNT}-{REGION}"
    key = f"inbound/{event['Records'][0]['ses']['mail']['messageId']}"
    body = (ROOT / "events" / "email-intake" / "zabbix-firing.eml").read_bytes()
    emulator.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    answer = emulator.invoke("hansho-email-intake", event)
    expect(answer["results"][0]["result"] == "suppressed", answer)
    read = [d for d in emulator.decisions() if d["action"] == "s3:GetObject" and d["resource"].endswith(key)]
    expect(read and all(d["allowed"] for d in read), f"the mail was not read: {read}")


def events_api(emulator, outputs):
    """a token that the function config makes lets in; a key made with it takes an event of the Events API, which pages"""
    token = emulator.invoke("hansho-config", {"action": "make_token", "name": "tests.infra"})["token"]
    made = json.loads(requested(emulator, f"{outputs['url']}/integrations/payments-events/keys", body={}, token=token))
    event = {"routing_key": made["integration_key"], "event_action": "trigger", "dedup_key": "pay", "payload": {"summary": "Payments fail", "source": "pay-1", "severity": "critical"}}
    requested(emulator, f"{outputs['function_url'].rstrip('/')}/v2/enqueue", body=event)
    eventually("gen is texted", lambda: emulator.texts(PHONES["gen"]))
    listed = json.loads(requested(emulator, f"{outputs['url']}/incidents?status=open", token=token))
    expect("Payments fail" in json.dumps(listed), listed)
    requested(emulator, f"{outputs['url']}/v2/enqueue", body=event | {"event_action": "resolve"})
    emulator.invoke("hansho-config", {"action": "revoke_token", "name": "tests.infra"})
    with contextlib.suppress(urllib.error.HTTPError):
        raise AssertionError(f"a revoked token lets in: {requested(emulator, outputs['url'] + '/incidents', token=token)[:200]}")


def http(emulator, outputs):
    """the HTTP API and the function URL answer, and whoever has no token is refused"""
    for url in (outputs["url"], outputs["function_url"].rstrip("/")):
        # Not /health, which the emulator answers itself.
        expect("{" in requested(emulator, f"{url}/style.css"), f"{url} has no style sheet")
    with contextlib.suppress(urllib.error.HTTPError):
        raise AssertionError(f"anybody may read incidents: {requested(emulator, outputs['url'] + '/incidents')[:200]}")


def dead_letters(emulator, _):
    """what can not be worked on ends in the dead letters of its function"""
    sqs = emulator.client("sqs")
    before = {function: sum(emulator.messages(f"hansho-{function}-dead-letters")) for function in ("escalation", "delivery")}
    with hidden_for_a_second(sqs, ["hansho-timers", "hansho-deliveries"]):
        for queue in ("hansho-timers", "hansho-deliveries"):
            sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"], MessageBody="poison")
        # Without the alias, whose destination the emulator does not go by.
        emulator.invoke_without_waiting("hansho-escalation", {"poison": True}, qualifier="$LATEST")
        for function, least in (("escalation", 2), ("delivery", 1)):
            what = f"{least} dead letters of {function} more"
            eventually(what, lambda: sum(emulator.messages(f"hansho-{function}-dead-letters")) >= before[function] + least, 60)
    for queue in ("hansho-timers", "hansho-deliveries"):
        eventually(f"{queue} is empty", lambda: emulator.messages(queue)[:2] == [0, 0])


def nothing_waits(emulator, _):
    """in the end no message waits, and every effect has been carried out"""
    for queue in ("hansho-timers", "hansho-deliveries"):
        eventually(f"{queue} is empty", lambda: emulator.messages(queue)[:2] == [0, 0])
    # The canary comes by at any time, and has rows for a moment.
    eventually("no outbox row is pending", lambda: not outbox_rows(emulator))


def canary(emulator, _):
    """the canary that a rule sends comes the whole way by itself, is counted, and is told to nobody"""
    arrived = eventually("the canary has arrived", lambda: list(metrics(emulator, "hansho-delivery", "CanaryArrived")), CANARY_WITHIN_SECONDS)
    expect(all(value == 1 for _, value in arrived), arrived)
    took = [value for _, value in metrics(emulator, "hansho-delivery", "CanarySeconds")]
    expect(len(took) == len(arrived) and min(took) < 10, f"it took {took} seconds")
    items = emulator.client("dynamodb").scan(TableName="hansho")["Items"]
    incidents = [(json.loads(item["body"]["S"])["service"], set(item)) for item in items if item["sk"]["S"] == "META"]
    expect(any("recent_pk" in names for service, names in incidents if service == "checkout"), incidents)
    canaries = [names for service, names in incidents if service == CANARY]
    expect(canaries and not any(names & {"recent_pk", "open_pk"} for names in canaries), f"it is on a list: {canaries}")
    expect(not [text for number in PHONES.values() for text in emulator.texts(number) if "canary" in text], "somebody was told of it")


ALL = [configuration, to_the_second_escalation, without_the_stream, events, mail, events_api, http, dead_letters, canary, bridge, nothing_waits]


# --- what stories are made of ----------------------------------------------------------------------------------------------------


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def arn(service):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}"


def sample(name, at):
    """A sample of an alarm, as if it had come at this time."""
    text = (ROOT / "events" / "alarm-intake" / f"{name}.json").read_text()
    return re.sub(r"2026-11-2[0-9]T[0-9:]{8}\.[0-9]{3}", at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3], text)


def direct_alarm(name, service, at, state="ALARM"):
    """What CloudWatch invokes a function with."""
    event = json.loads(sample("alarm-direct-metric" if state == "ALARM" else "ok-direct-metric", at))
    event["alarmArn"] = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"
    event["alarmData"]["alarmName"] = name
    event["alarmData"]["configuration"]["description"] = f"service: {service}"
    return event


def alarm_by_topic(name, service, at):
    """What CloudWatch publishes to a topic."""
    record = json.loads(sample("alarm-sns-metric", at))["Records"][0]["Sns"]
    message = json.loads(record["Message"])
    message |= {"AlarmName": name, "AlarmDescription": f"service: {service}", "AlarmArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"}
    return json.dumps(message)


def schedules(emulator):
    """The timers, without the beat of Scheduler itself."""
    scheduler = emulator.client("scheduler")
    found = scheduler.list_schedules(GroupName="hansho")["Schedules"]
    with contextlib.suppress(scheduler.exceptions.ResourceNotFoundException):
        return [scheduler.get_schedule(GroupName="hansho", Name=one["Name"]) for one in found if one["Name"] != "beat"]
    return []


def outbox_rows(emulator):
    items = emulator.client("dynamodb").scan(TableName="hansho")["Items"]
    return [item["sk"]["S"] for item in items if item.get("entity", {}).get("S") == "OUTBOX"]


def metrics(emulator, function, name):
    """What a function has printed of a metric: when, and how much."""
    for line in emulator.logged(function):
        if "CloudWatchMetrics" in line:
            found = json.loads(line)
            if name in found:
                yield datetime.datetime.fromtimestamp(found["_aws"]["Timestamp"] / 1000, datetime.timezone.utc), found[name]


def mails_to(emulator, address):
    return [json.dumps(mail, ensure_ascii=False) for mail in emulator.mails() if address in json.dumps(mail)]


def requested(emulator, url, form=None, body=None, token=None):
    """What an address of the emulator answers, whose names are all this machine's. A form or a JSON body makes it a POST."""
    parts = urllib.parse.urlsplit(url)
    address = emulator.url + parts.path + (f"?{parts.query}" if parts.query else "")
    headers = {"Host": parts.netloc, "Accept-Language": "ja"}
    data = None
    if form is not None:
        data, headers["Content-Type"] = urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded"
    if body is not None:
        data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    return urllib.request.urlopen(urllib.request.Request(address, data, headers), timeout=30).read().decode()


@contextlib.contextmanager
def switched_off(emulator, function):
    """Nothing that feeds the function does so."""
    client = emulator.client("lambda")
    mappings = [found["UUID"] for found in client.list_event_source_mappings(FunctionName=f"{function}:live")["EventSourceMappings"]]
    expect(mappings, f"nothing feeds {function}")
    for mapping in mappings:
        client.update_event_source_mapping(UUID=mapping, Enabled=False)
    try:
        yield
    finally:
        for mapping in mappings:
            client.update_event_source_mapping(UUID=mapping, Enabled=True)


@contextlib.contextmanager
def without_queue_and_sweeper(emulator):
    """Only Scheduler knows of a deadline."""
    rules = emulator.client("events")
    rules.disable_rule(Name="hansho-sweeper")
    try:
        with switched_off(emulator, "hansho-escalation"):
            yield
    finally:
        rules.enable_rule(Name="hansho-sweeper")


@contextlib.contextmanager
def written_by_a_newer_version(emulator):
    """The newest version of the configuration says that items have a shape that nobody here knows."""
    client = emulator.client("dynamodb")
    newest = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": "VERSIONS"}}, "ScanIndexForward": False, "Limit": 1}
    item = client.query(TableName="hansho", **newest)["Items"][0]
    client.put_item(TableName="hansho", Item=item | {"schema": {"N": "2"}})
    try:
        yield
    finally:
        client.put_item(TableName="hansho", Item=item)


@contextlib.contextmanager
def hidden_for_a_second(sqs, queues):
    """A message that failed comes back at once, so that nobody waits for minutes until it is a dead letter."""
    urls = [sqs.get_queue_url(QueueName=queue)["QueueUrl"] for queue in queues]
    before = [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"] for url in urls]
    for url in urls:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
    try:
        yield
    finally:
        for url, attributes in zip(urls, before):
            sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
