"""The deployment guide, infra/README.md, word by word: every command of its `sh` blocks is run here as it stands, or is in the guide's own
table of what is not, with what it prints where it is run. In Japanese, infra/README.ja.md, it has the same commands."""

import os
import pathlib
import pty
import re
import subprocess
import tempfile

from emulator import REGION, expect
from stories import TEAM
from terraform import ROOT

# Terraform colours what it prints for a pipe, too.
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# Whom a command asks whether it shall.
YES = "yes\n"


class Document:
    """A page of commands: those of its `sh` blocks, those in its sentences where it says so, and its table of what is not run here."""

    def __init__(self, path, table, in_sentences=None):
        self.path = ROOT / path
        self.table = table
        self.in_sentences = in_sentences

    def commands(self):
        """The commands, in their order."""
        text = self.path.read_text().split(self.table)[0]
        found = []
        for match in re.finditer(r"^ *```sh\n(.*?)^ *```|`([^`\n]+)`", text, re.DOTALL | re.MULTILINE):
            block, word = match.groups()
            if block:
                found += commands_of(block)
            elif self.in_sentences and re.match(self.in_sentences, word):
                found.append(word)
        expect(len(found) > 10, f"{self.path} has only {found}")
        return found

    def not_run(self):
        """What the page says of commands that are not run here: what they print."""
        text = self.path.read_text()
        expect(self.table in text, f"{self.path} has no {self.table!r}")
        section = text.split(self.table)[1].split("\n## ")[0]
        return dict(re.findall(r"^\| `([^|]+)` \| ([^|]+) \|$", section, re.MULTILINE))

    def every_command_has_its_place(self, run):
        """Fails unless each is run, or stands in the table with what it prints."""
        said, listed, run = self.commands(), self.not_run(), set(run)
        nowhere = [command for command in said if command not in run and command not in listed]
        expect(not nowhere, f"neither run nor listed: {nowhere}")
        expect(not run & set(listed), f"run and listed: {sorted(run & set(listed))}")
        expect(run | set(listed) <= set(said), f"not in {self.path}: {sorted((run | set(listed)) - set(said))}")
        expect(all(len(prints.strip()) > 10 for prints in listed.values()), f"{self.table} does not say what each prints")


def commands_of(block):
    """The commands of a block, without remarks; one that goes on behind a backslash is one line."""
    lines = re.sub(r"\s*\\\n\s*", " ", block).splitlines()
    return [command for command in (re.sub(r"\s+#.*", "", line).strip() for line in lines) if command]


GUIDE = Document("infra/README.md", "## Commands that no emulator runs")
JAPANESE = "infra/README.ja.md"
# The tables of refusals, by how their headings are in both languages.
TABLES = {"When no phone rings": "電話が鳴らないとき", "When an apply is refused": "適用が拒否されたとき"}


class Guide:
    """The repository, but that `infra` is a copy and that the functions are those that are tested."""

    def __init__(self, stack, emulator, packages):
        self.stack = stack
        self.emulator = emulator
        self.folder = stack.folder.parent
        (self.folder / "on-call").mkdir()
        (self.folder / "on-call" / "team.yaml").write_text(TEAM)
        (self.folder / "target").mkdir()
        (self.folder / "target" / "lambda").symlink_to(packages)
        for path in ROOT.iterdir():
            if path.name not in ("infra", "target", "on-call", ".git"):
                (self.folder / path.name).symlink_to(path)

    def run(self, command, answer="", document=GUIDE, expected=(0,)):
        """What a command of a page prints on standard output; `expected` are the codes that it may end with."""
        expect(command in document.commands(), f"{document.path} does not say {command!r}")
        environment = self.stack.environment | {
            "PATH": with_hansho(),
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
        }
        done = self.ended(["bash", "-euc", command], environment, answer)
        expect(done.returncode in expected, f"{command} ended with {done.returncode}: {(done.stdout + done.stderr)[-6000:]}")
        return COLOUR.sub("", done.stdout)

    def ended(self, command, environment, answer):
        """How a command ended that somebody at a terminal has answered."""
        keyboard, terminal = pty.openpty()
        try:
            os.write(keyboard, answer.encode())
            return subprocess.run(
                command, cwd=self.folder, env=environment, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        finally:
            os.close(keyboard)
            os.close(terminal)


def with_hansho():
    """Where commands are found, the debug build of `hansho` first."""
    return f"{pathlib.Path(os.environ.get('CARGO_TARGET_DIR', ROOT / 'target')).resolve()}/debug:{os.environ['PATH']}"


def every_command_has_its_place():
    """every command of the deployment guide is run here, or stands in its table of those that are not, with what it prints"""
    GUIDE.every_command_has_its_place(RUN)


def the_same_in_japanese():
    """the guide in Japanese has the same blocks of commands and of settings, in the same order, and the same refusals in its tables"""
    english, japanese = (ROOT / "infra" / "README.md").read_text().split(GUIDE.table)[0], (ROOT / JAPANESE).read_text()
    expect(len(blocks(english)) > 15, f"there are only {blocks(english)}")
    for number, (one, other) in enumerate(zip(blocks(english), blocks(japanese)), 1):
        expect(one == other, f"block {number} is {one}, and in Japanese {other}")
    expect(len(blocks(english)) == len(blocks(japanese)), f"{len(blocks(english))} blocks, and in Japanese {len(blocks(japanese))}")
    for heading, heading_ja in TABLES.items():
        one, other = refusals(english, heading), refusals(japanese, heading_ja)
        expect(len(one) > 3 and one == other, f"{heading}: {one}, and in Japanese {other}")


def blocks(text):
    """The blocks of commands and settings without remarks, which are in a language."""
    found = re.findall(r"^ *```(sh|hcl)\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    return [(language, commands_of(block)) for language, block in found]


def refusals(text, heading):
    """What is quoted in the first column of the table below a heading."""
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [row.split("|")[1] for row in section.splitlines() if row.startswith("| ") and "---" not in row]
    return [sorted(re.findall(r"`+([^`]+)`+", row)) for row in rows]


def first_page():
    """the configuration of one person that the guide begins with is right as it is copied, and its person is on call"""
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "infra").symlink_to(ROOT / "infra")
        said = {}
        for command in (COPY, CHECK, WHO):
            expect(command in GUIDE.commands(), f"{GUIDE.path} does not say {command!r}")
            done = subprocess.run(["bash", "-euc", command], cwd=folder, env=os.environ | {"PATH": with_hansho()}, capture_output=True, text=True)
            expect(done.returncode == 0, f"{command} ended with {done.returncode}: {done.stdout}{done.stderr}")
            said[command] = done.stdout
    expect("no problems" in said[CHECK] and "1 user" in said[CHECK], said[CHECK])
    expect(re.search(r"^checkout +Your Name \(you\) ", said[WHO], re.MULTILINE), said[WHO])


APPLY = "terraform -chdir=infra init && terraform -chdir=infra apply"
COPY = "cp -r infra/first-page on-call"
CHECK = "hansho check --config on-call/"
WHO = "hansho oncall --config on-call/"
FOLDER = "hansho apply --config on-call/ --function hansho-config:live"
TOKEN = "hansho token make you --function hansho-config:live"
ALARM = (
    "HANSHO=$(terraform -chdir=infra output -raw alarm_action) && aws cloudwatch put-metric-alarm --alarm-name checkout-5xx "
    "--namespace AWS/ApplicationELB --metric-name HTTPCode_Target_5XX_Count --dimensions Name=LoadBalancer,Value=app/checkout/0123456789abcdef "
    "--statistic Sum --period 60 --evaluation-periods 1 --threshold 10 --comparison-operator GreaterThanOrEqualToThreshold "
    '--treat-missing-data notBreaching --alarm-actions "$HANSHO" --ok-actions "$HANSHO"'
)
FIRE = "aws cloudwatch set-alarm-state --alarm-name checkout-5xx --state-value ALARM --state-reason test"
KEY = "aws ssm get-parameter --name /hansho/keys/shipping-events --with-decryption --query Parameter.Value --output text"
ROLLBACK = "scripts/deploy --rollback delivery"
LIST = "scripts/deploy --list"
BY_HAND = "cargo lambda deploy hansho-delivery --alias live --merge-env"
UNPROTECTED = "terraform -chdir=infra apply -var deletion_protection=false"
DESTROY = "terraform -chdir=infra destroy"
RUN = [APPLY, COPY, CHECK, WHO, FOLDER, TOKEN, ALARM, FIRE, KEY, ROLLBACK, LIST, BY_HAND, UNPROTECTED, DESTROY]


def apply(guide):
    """`terraform init` and `apply` of the guide make the whole, with a team that nobody could check before"""
    said = guide.run(APPLY, YES)
    expect(re.search(r"Apply complete! Resources: \d\d\d+ added, 0 changed, 0 destroyed", said), said[-3000:])


def team(guide):
    """`hansho apply` and `hansho token make` of the guide put a team in force and give a token"""
    (guide.folder / "on-call" / "team.yaml").write_text(TEAM.replace("wait: 30m", "wait: 29m"))
    said = guide.run(FOLDER, YES)
    expect("version" in said, said)
    answer = guide.emulator.invoke("hansho-config", {"action": "versions"})
    expect(f"{answer['versions'][0]['version']}" in said, f"{said} and {answer}")
    said = guide.run(TOKEN)
    made = guide.emulator.invoke("hansho-config", {"action": "tokens"})
    expect("you" in [token["name"] for token in made["tokens"]], made)
    guide.emulator.invoke("hansho-config", {"action": "revoke_token", "name": "you"})


def first_alarm(guide):
    """the guide's first alarm names the function in ALARM and in OK, and is on when that is tried"""
    client = guide.emulator.client("cloudwatch")
    try:
        guide.run(ALARM)
        guide.run(FIRE)
        alarm = client.describe_alarms(AlarmNames=["checkout-5xx"])["MetricAlarms"][0]
    finally:
        client.delete_alarms(AlarmNames=["checkout-5xx"])
    action = [guide.stack.outputs()["alarm_action"]]
    expect((alarm["AlarmActions"], alarm["OKActions"], alarm["StateValue"]) == (action, action, "ALARM"), alarm)


def key(guide):
    """the guide's command prints the key that Terraform has made"""
    expect(re.fullmatch(r"[0-9a-f]{32}\n", guide.run(KEY)), "it is no key")


def code(guide):
    """the guide's commands deploy one function by hand, list what works, and go back to the version before"""
    guide.run(BY_HAND)
    before = guide.run(LIST)
    expect(re.search(r"^delivery: version \d+ works", before, re.MULTILINE) and before.count("works") == 9, before)
    said = guide.run(ROLLBACK)
    expect(re.search(r"^delivery: version \d+ works, with the code of version \d+$", said, re.MULTILINE), said)


def destroy(guide):
    """`terraform apply` without the protection and `terraform destroy` of the guide take everything down"""
    said = guide.run(UNPROTECTED, YES)
    expect("Apply complete!" in said, said[-3000:])
    said = guide.run(DESTROY, YES)
    expect("Destroy complete!" in said, said[-3000:])


ON_PAPER = [every_command_has_its_place, the_same_in_japanese, first_page]
