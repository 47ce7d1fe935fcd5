"""`hansho dead-letters` on the deployment: an alarm that alarm-intake could not take in is listed, worked on again, and pages."""

import contextlib
import json
import os
import subprocess

from doctor import TRUSTED, Doctor
from emulator import REGION, eventually, expect
from stories import PHONES, direct_alarm, now

FUNCTION = "hansho-alarm-intake"
QUEUE = f"{FUNCTION}-dead-letters"
# An invocation is tried three times before it is given up.
GIVEN_UP_WITHIN_SECONDS = 90


class DeadLetters(Doctor):
    """The command, with the credentials that the emulator trusts."""

    def run(self, *arguments, key=TRUSTED):
        """How it ended, and what it said in JSON."""
        environment = os.environ | {
            "AWS_ENDPOINT_URL": self.emulator.url,
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
            "AWS_REGION": REGION,
        }
        environment.pop("AWS_SESSION_TOKEN", None)
        command = [str(self.command), "dead-letters", "--json", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        expect(done.returncode in (0, 1), f"dead-letters ended with {done.returncode}: {done.stderr}")
        answer = json.loads(done.stdout)
        expect((done.returncode == 0) == answer["is_empty"], done.stdout)
        return [letter for queue in answer["queues"] for letter in queue["letters"]]


@contextlib.contextmanager
def without_the_table(emulator):
    """alarm-intake may not use its table."""
    iam = emulator.client("iam")
    document = iam.get_role_policy(RoleName=FUNCTION, PolicyName=FUNCTION)["PolicyDocument"]
    document = json.loads(document) if isinstance(document, str) else document
    rest = [statement for statement in document["Statement"] if statement["Sid"] != "Table"]
    with emulator.refusals_are_meant():
        iam.put_role_policy(RoleName=FUNCTION, PolicyName=FUNCTION, PolicyDocument=json.dumps(document | {"Statement": rest}))
        try:
            yield
        finally:
            iam.put_role_policy(RoleName=FUNCTION, PolicyName=FUNCTION, PolicyDocument=json.dumps(document))


def about(letters):
    """Those of the alarm. What the others of the deployment could not take in meanwhile may lie there too."""
    return [one for one in letters if "payments-replayed" in one["letter"]["about"]]


def an_alarm_pages_after_all(emulator):
    """an alarm that could not be taken in is a dead letter; `hansho dead-letters` lists it, `--replay` has it page, and twice is once"""
    command = DeadLetters(emulator)
    event = direct_alarm("payments-replayed", "payments", now())
    texts = lambda: len(emulator.texts(PHONES["gen"]))
    before, lying = texts(), sum(emulator.messages(QUEUE))
    with without_the_table(emulator):
        # Without the alias, whose destination the emulator does not go by.
        emulator.invoke_without_waiting(FUNCTION, event, qualifier="$LATEST")
        eventually("the alarm is a dead letter", lambda: sum(emulator.messages(QUEUE)) > lying, GIVEN_UP_WITHIN_SECONDS)
    expect(texts() == before, "somebody was paged")
    listed = command.run("--function", "alarm-intake")
    found = [one["letter"] for one in about(listed)]
    expect(len(found) == 1 and found[0]["kind"] == "invocation" and found[0]["why"].startswith("RetriesExhausted"), listed)
    expect(all(one["outcome"] == {"result": "kept"} for one in listed), listed)
    sqs = emulator.client("sqs")
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    again = eventually("it lies there as before", lambda: sqs.receive_message(QueueUrl=url, VisibilityTimeout=0).get("Messages"))[0]["Body"]
    replayed = command.run("--function", "alarm-intake", "--replay")
    expect(all(one["outcome"] == {"result": "replayed"} for one in replayed) and len(replayed) == len(listed), replayed)
    eventually("gen is texted", lambda: texts() > before)
    expect(not about(command.run("--function", "alarm-intake")), "it lies there still")
    # Whoever is interrupted before it is deleted, takes it twice.
    sqs.send_message(QueueUrl=url, MessageBody=again)
    taken = about(command.run("--function", "alarm-intake", "--replay"))
    expect([one["outcome"] for one in taken] == [{"result": "replayed"}], f"not taken again: {taken}")
    emulator.invoke(FUNCTION, event)
    expect(texts() == before + 1, f"gen was texted {texts() - before} times")
    emulator.invoke(FUNCTION, direct_alarm("payments-replayed", "payments", now(), state="OK"))


ALL = [an_alarm_pages_after_all]
