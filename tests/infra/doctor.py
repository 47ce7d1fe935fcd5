"""`hansho doctor` on the deployment: what it finds there, and what it finds when something is taken away."""

import contextlib
import json
import os
import pathlib
import subprocess

from emulator import ACCOUNT, REGION, expect
from stories import PHONES, written_by_a_newer_version
from terraform import ROOT

TARGET = ROOT / "target"
# What ministack has otherwise than AWS: metrics are not read from logs, so alarms on them are on; text messages have neither attributes nor a
# sandbox, so it can not be said whom they reach; there are no senders' numbers. Nobody is asked for an MX record here, and the name of its HTTP
# API is one that few machines look up.
NOT_ON_THE_EMULATOR = {"heartbeat", "alarms", "text messages", "sender numbers", "people", "mail in", "address"}
# Its simulation of IAM is told no context, so what a condition binds is never allowed there; whether it is asked so is shown by the doctor's own tests.
BOUND_BY_CONDITIONS = (" may not iam:PassRole on ", " may not ses:SendEmail on ")
TRUSTED = {"AccessKeyId": "test", "SecretAccessKey": "test"}


class Doctor:
    """The command, with the credentials that the emulator trusts."""

    def __init__(self, emulator):
        self.emulator = emulator
        self.command = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", TARGET)).resolve() / "debug" / "hansho"
        expect(self.command.exists(), f"{self.command} is missing: run 'cargo build'")

    def run(self, *arguments, key=TRUSTED):
        """How it ended, and its report."""
        environment = os.environ | {
            "AWS_ENDPOINT_URL": self.emulator.url,
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
            "AWS_REGION": REGION,
        }
        environment.pop("AWS_SESSION_TOKEN", None)
        command = [str(self.command), "doctor", "--resolver", "none", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        expect(done.returncode in (0, 1), f"doctor ended with {done.returncode}: {done.stderr}")
        return done.returncode, done.stdout

    def report(self, *arguments):
        ended, said = self.run("--json", *arguments)
        answer = json.loads(said)
        expect((ended == 0) == answer["is_well"], f"it ended with {ended}: {said[-3000:]}")
        return answer["report"]

    def ill(self, *arguments):
        """What is not well, but for what the emulator does not have."""
        findings = self.report(*arguments)["findings"]
        return {
            (finding["check"], finding["state"], finding["found"]["en"])
            for finding in findings
            if finding["state"] != "well"
            and finding["check"] not in NOT_ON_THE_EMULATOR
            and not any(words in finding["found"]["en"] for words in BOUND_BY_CONDITIONS)
        }


def a_deployment(doctor):
    """`hansho doctor` finds the deployment as it should be, and says who can be woken"""
    ill = doctor.ill()
    # The stories have left dead letters, of the bridge too.
    left = {found for found in ill if " dead letters in " not in found[2]}
    expect(not left, f"found: {left}")
    report = doctor.report()
    well = {finding["check"] for finding in report["findings"] if finding["state"] == "well"}
    for check in ("caller", "functions", "stream mapping", "timers mapping", "deliveries mapping", "table", "schema", "secrets", "schedule group", "sweeper's rule", "operators", "bridge", "deployment", "ways in"):
        expect(check in well, f"{check} is not well: {[finding for finding in report['findings'] if finding['check'] == check]}")
    expect(any(reach["who"] == "chie" and reach["method"] == "email" for reach in report["reach"]), report["reach"])


def a_stream_that_is_off(doctor):
    """`hansho doctor` finds a stream mapping that is switched off, a dead letter, and says what to do"""
    client = doctor.emulator.client("lambda")
    mapping = client.list_event_source_mappings(FunctionName="hansho-outbox-relay")["EventSourceMappings"][0]["UUID"]
    before = doctor.ill()
    sqs = doctor.emulator.client("sqs")
    queue = sqs.get_queue_url(QueueName="hansho-sweeper-dead-letters")["QueueUrl"]
    client.update_event_source_mapping(UUID=mapping, Enabled=False)
    try:
        sqs.send_message(QueueUrl=queue, MessageBody="{}")
        new = doctor.ill() - before
        _, said = doctor.run("--language", "ja")
    finally:
        client.update_event_source_mapping(UUID=mapping, Enabled=True)
        with contextlib.suppress(Exception):
            sqs.purge_queue(QueueUrl=queue)
    # The bridge may have given a message up in between.
    expect({(check, state) for check, state, _ in new if check != "bridge"} == {("stream mapping", "fault"), ("dead letters", "fault")}, new)
    expect(f"update-event-source-mapping --uuid {mapping} --enabled" in said and "異常" in said, said)


def a_way_in_that_is_closed(doctor):
    """`hansho doctor` finds that alarms may not invoke the function, a rule that is off, a role that may not, and says what to do"""
    client, events, iam = (doctor.emulator.client(service) for service in ("lambda", "events", "iam"))
    before = doctor.ill()
    statement = {"StatementId": f"Alarms-{ACCOUNT}-live", "FunctionName": "hansho-alarm-intake", "Qualifier": "live"}
    client.remove_permission(**statement)
    events.disable_rule(Name="hansho-canary")
    role = {"RoleName": "hansho-escalation", "PolicyName": "hansho-escalation"}
    document = iam.get_role_policy(**role)["PolicyDocument"]
    document = json.loads(document) if isinstance(document, str) else document
    kept = [one for one in document["Statement"] if one["Sid"] != "Table"]
    iam.put_role_policy(**role, PolicyDocument=json.dumps(document | {"Statement": kept}))
    try:
        new = {found[2] for found in doctor.ill() - before}
        _, said = doctor.run("--language", "ja")
    finally:
        iam.put_role_policy(**role, PolicyDocument=json.dumps(document))
        events.enable_rule(Name="hansho-canary")
        source = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:*"
        door = {"Action": "lambda:InvokeFunction", "Principal": "lambda.alarms.cloudwatch.amazonaws.com", "SourceArn": source, "SourceAccount": ACCOUNT}
        client.add_permission(**statement, **door)
    for found in (
        f"alarms of the account {ACCOUNT} may not invoke hansho-alarm-intake: what comes from there is lost without a trace",
        "hansho-canary is DISABLED: its events do not come in",
        f"the role hansho-escalation may not dynamodb:GetItem, dynamodb:Query, dynamodb:PutItem, dynamodb:UpdateItem on arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/hansho",
    ):
        expect(found in new, f"{found!r} is not among {new}")
    expect(len(new) == 3 and "呼び出せません" in said and "権限がありません" in said, f"{new}: {said}")
    expect(doctor.ill() == before, "it is not as it was")


def a_sandbox_of_ses(doctor):
    """`hansho doctor` finds that SES is in the sandbox, whom mails do not reach there, and what is to be asked for"""
    client = doctor.emulator.client("sesv2")
    details = {"MailType": "TRANSACTIONAL", "WebsiteURL": "https://example.com", "UseCaseDescription": "pages"}
    client.put_account_details(ProductionAccessEnabled=False, **details)
    try:
        report = doctor.report()
        _, said = doctor.run("--language", "ja")
    finally:
        client.put_account_details(ProductionAccessEnabled=True, **details)
    found = [finding for finding in report["findings"] if "SES is in the sandbox" in finding["found"]["en"]]
    expect(found and found[0]["state"] == "advice" and "Request production access" in found[0]["to_do"]["en"], found)
    expect("SES はサンドボックス内です" in said and "本番アクセスのリクエスト" in said, said)
    chie = [reach for reach in report["reach"] if reach["who"] == "chie"]
    expect(chie and "not verified in the sandbox" in json.dumps(chie), chie)
    expect(any("production access" in approval["what"]["en"] for approval in report["approvals"]), report["approvals"])


def a_test_page(doctor):
    """`hansho doctor --test-contact` has one person texted by way of table, stream and queue, and says so; a wrong name pages nobody"""
    before = test_pages(doctor.emulator)
    wrong = [finding for finding in doctor.report("--test-contact", "aik")["findings"] if finding["check"] == "test contact"]
    expect(len(wrong) == 1 and "there is no user aik" in wrong[0]["found"]["en"] and "aiko, ben" in wrong[0]["to_do"]["en"], wrong)
    expect(test_pages(doctor.emulator) == before, f"{before}, then {test_pages(doctor.emulator)}")
    found = [finding for finding in doctor.report("--test-contact", "aiko")["findings"] if finding["check"] == "test contact"]
    expect(len(found) == 1 and found[0]["state"] == "well" and "was sent to aiko by sms within" in found[0]["found"]["en"], found)
    after = test_pages(doctor.emulator)
    expect(after == before | {"aiko": before["aiko"] + 1}, f"{before}, then {after}")


def test_pages(emulator):
    """How many test pages each was texted. What else is open pages on meanwhile."""
    words = ("テストの呼び出しです", "Test page: nothing is wrong")
    return {name: sum(any(word in text for word in words) for text in emulator.texts(number)) for name, number in PHONES.items()}


def a_newer_table(doctor):
    """`hansho doctor` finds a table that a newer version has written, and says not to deploy this one"""
    with written_by_a_newer_version(doctor.emulator):
        new = {found for found in doctor.ill() if found[0] == "schema"}
        _, said = doctor.run()
    expect(new == {("schema", "fault", "items are written in shape 2, and this command knows shape 1: the deployment is newer")}, new)
    expect("deploy no functions of this one" in said, said)


def a_caller_who_may_not(doctor):
    """`hansho doctor` says which permission its caller lacks, and takes it for no fault"""
    with doctor.emulator.somebody(without="dynamodb:DescribeTable") as key:
        _, said = doctor.run(key=key)
    expect("you may not look at it (dynamodb:DescribeTable)" in said and "allow your role dynamodb:DescribeTable" in said, said)


def a_deployment_of_another_name(doctor):
    """`hansho doctor` of a deployment that is not there says so, and what to do"""
    ended, said = doctor.run("--name", "staging")
    expect(ended == 1 and "staging-delivery with the alias live is not there" in said and "terraform -chdir=infra apply" in said, said)


ALL = [a_deployment, a_stream_that_is_off, a_way_in_that_is_closed, a_sandbox_of_ses, a_test_page, a_newer_table, a_caller_who_may_not, a_deployment_of_another_name]
