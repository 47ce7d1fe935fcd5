"""The local run that the browser looks at, and what is asked of it beside the browser."""

import json
import pathlib
import re
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from datetime import datetime, timezone

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PATIENCE_SECONDS = 20
# Links to sign in are sent to an address half a minute apart (shared/store/src/sign_in.rs).
LINKS_APART_SECONDS = 31


class Local:
    """`hansho local` with the team of this folder, on the machine's clock."""

    def __init__(self, hansho, data):
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        command = [hansho, "local", "--config", ROOT / "tests/browser/team", "--data", data, "--port", str(self.port), "--no-smtp"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self.asked_at = {}
        try:
            eventually("hansho local answers", lambda: urllib.request.urlopen(f"{self.url}/health", timeout=10).status == 200)
            self.token = (data / "secrets").read_text().splitlines()[1]
        except Exception:
            self.stop()
            raise

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def get(self, path):
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {self.token}"})
        return json.load(urllib.request.urlopen(request, timeout=10))

    def sent(self, address):
        """What was sent to an address, oldest first."""
        return [message["text"] for message in self.get("/_local/outbox")["messages"] if message["to"] == address]

    def alarm(self, name, title, state="ALARM"):
        """An alarm of CloudWatch; gives the incident's id, if there is one."""
        sample = json.loads((ROOT / "events/alarm-intake/alarm-direct-metric.json").read_text())
        at = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"
        data = sample["alarmData"]
        data["alarmName"], data["state"]["value"], data["state"]["timestamp"] = name, state, at
        data.setdefault("configuration", {})["description"] = title
        sample["alarmArn"] = re.sub(r":alarm:.*", f":alarm:{name}", sample["alarmArn"])
        path = "/2015-03-31/functions/alarm-intake/invocations"
        answer = json.load(urllib.request.urlopen(urllib.request.Request(self.url + path, json.dumps(sample).encode()), timeout=10))
        return answer["results"][0].get("incident")

    def link(self, address, ask):
        """A link that signs in, which `ask` has sent to an address."""
        wait = self.asked_at.get(address, 0) + LINKS_APART_SECONDS - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        before = len(self.sent(address))
        ask()
        self.asked_at[address] = time.monotonic()
        mail = eventually("a link is mailed", lambda: self.sent(address)[before:])[0]
        return re.search(r"http://\S+/s/\w+", mail).group()

    def incident(self, id):
        return self.get(f"/incidents/{id}")["incident"]

    def on_call(self, schedule):
        line = self.get(f"/oncall?schedule={urllib.parse.quote(schedule)}")["schedules"][0]
        return [person["user"] for person in line["now"]["people"]]


def eventually(what, is_so, within=PATIENCE_SECONDS):
    """Asks until it is so."""
    until = time.monotonic() + within
    while True:
        try:
            found, why = is_so(), ""
        except OSError as error:
            found, why = None, f" ({error})"
        if found:
            return found
        expect(time.monotonic() < until, f"within {within} seconds it is not so that {what}{why}")
        time.sleep(0.05)


def expect(is_so, otherwise):
    if not is_so:
        raise AssertionError(str(otherwise)[:2000])


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def linked(text):
    """The address in a message."""
    return text[text.index("http"):].split()[0]
