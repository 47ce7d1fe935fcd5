"""ministack on loopback, under enforced permissions, and clients for what it has."""

import contextlib
import http.client
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request

import boto3
from botocore.config import Config

REGION = "ap-northeast-1"
ACCOUNT = "000000000000"
HERE = pathlib.Path(__file__).resolve().parent
# How long the server may take to start, and a call.
PATIENCE_SECONDS = 30


class Emulator:
    """A server of its own, ended with `stop`. It trusts the key `test` in everything, and each function's role in what its policy says."""

    def __init__(self, port, folder):
        self.url = f"http://127.0.0.1:{port}"
        self.record = folder / "decisions.jsonl"
        self.record.write_text("")
        self.meant = []
        self.log = folder / "ministack.log"
        environment = os.environ | {
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "LAMBDA_EXECUTOR": "local",
            # Where the functions find AWS.
            "AWS_ENDPOINT_URL": self.url,
        }
        command = [sys.executable, str(HERE / "server.py"), str(self.record)]
        self.process = subprocess.Popen(command, env=environment, stdout=self.log.open("w"), stderr=subprocess.STDOUT)
        eventually("the server answers", lambda: self.get("/_ministack/health") is not None)
        self.idle = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        self.idle.connect()
        # Where the server has closed it, none is made in its place.
        self.idle.auto_open = 0

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def ask_on_the_idle_connection(self):
        """a connection that nobody used since the beginning is still open, so that Terraform loses no answer"""
        self.idle.request("GET", "/_ministack/health")
        expect(self.idle.getresponse().read(), "there is no answer")

    def client(self, service):
        options = Config(retries={"max_attempts": 0}, read_timeout=PATIENCE_SECONDS * 3)
        return boto3.client(
            service, endpoint_url=self.url, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test", config=options
        )

    @contextlib.contextmanager
    def somebody(self, without):
        """An access key of a user who may do everything but one thing."""
        iam = self.client("iam")
        iam.create_user(UserName="somebody")
        statements = [{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": without, "Resource": "*"}]
        iam.put_user_policy(UserName="somebody", PolicyName="all", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}))
        key = iam.create_access_key(UserName="somebody")["AccessKey"]
        try:
            yield key
        finally:
            iam.delete_access_key(UserName="somebody", AccessKeyId=key["AccessKeyId"])
            iam.delete_user_policy(UserName="somebody", PolicyName="all")
            iam.delete_user(UserName="somebody")

    def get(self, path):
        """The JSON at a path; None while nobody answers."""
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            return json.load(urllib.request.urlopen(self.url + path, timeout=PATIENCE_SECONDS))

    def invoke(self, function, event, qualifier="live"):
        """The answer of a function that is waited for."""
        answer = self.client("lambda").invoke(FunctionName=function, Qualifier=qualifier, Payload=json.dumps(event).encode())
        body = json.load(answer["Payload"])
        expect("FunctionError" not in answer, f"{function} failed: {body}")
        return body

    def invoke_without_waiting(self, function, event, qualifier="live"):
        self.client("lambda").invoke(FunctionName=function, Qualifier=qualifier, InvocationType="Event", Payload=json.dumps(event).encode())

    def texts(self, number):
        """The text messages to a number, oldest first."""
        found = self.get(f"/_ministack/sns/sms-messages?phoneNumber={number.replace('+', '%2B')}&region={REGION}")
        return [message["Message"] for message in found["sms_messages"].get(number, [])]

    def mails(self):
        by_account = self.get("/_ministack/ses/messages")["messages"]
        return [mail for mails in by_account.values() for mail in mails]

    def messages(self, queue):
        """How many messages of a queue are seen, worked on, and delayed."""
        sqs = self.client("sqs")
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"]
        counted = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return [int(counted[name]) for name in names]

    def decisions(self):
        """What was decided about roles, oldest first, without the refusals that a test has brought about."""
        found = [json.loads(line) for line in self.record.read_text().splitlines()]
        return [decision for number, decision in enumerate(found) if decision["allowed"] or not any(number in numbers for numbers in self.meant)]

    @contextlib.contextmanager
    def refusals_are_meant(self):
        """What is refused meanwhile is no finding."""
        begun = len(self.record.read_text().splitlines())
        try:
            yield
        finally:
            self.meant.append(range(begun, len(self.record.read_text().splitlines())))

    def logged(self, function):
        """The lines in the log of a function."""
        logs = self.client("logs")
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/{function}").get("events", [])
        return [line for event in events for line in event["message"].splitlines()]


def expect(is_so, otherwise):
    if not is_so:
        raise AssertionError(otherwise)


def eventually(what, is_so, within_seconds=PATIENCE_SECONDS):
    """The first value of `is_so` that counts, asked for until then."""
    until = time.monotonic() + within_seconds
    while True:
        value = is_so()
        if value:
            return value
        expect(time.monotonic() < until, f"after {within_seconds} seconds it is not so that {what}")
        time.sleep(0.3)
