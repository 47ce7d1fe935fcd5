"""The deployment guide, infra/README.md, word by word: every command of its `sh` blocks is run here as it stands, or is in the guide's own
table of what is not, with what it prints where it is run."""

import os
import pty
import re
import subprocess

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
        target = os.environ.get("CARGO_TARGET_DIR", ROOT / "target")
        environment = self.stack.environment | {
            "PATH": f"{target}/debug:{os.environ['PATH']}",
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


def every_command_has_its_place():
    """every command of the deployment guide is run here, or stands in its table of those that are not, with what it prints"""
    GUIDE.every_command_has_its_place(RUN)


APPLY = "terraform -chdir=infra init && terraform -chdir=infra apply"
FOLDER = "hansho apply --config on-call/ --function hansho-config:live"
TOKEN = "hansho token make aiko --function hansho-config:live"
KEY = "aws ssm get-parameter --name /hansho/keys/shipping-events --with-decryption --query Parameter.Value --output text"
ROLLBACK = "scripts/deploy --rollback delivery"
LIST = "scripts/deploy --list"
BY_HAND = "cargo lambda deploy hansho-delivery --alias live --merge-env"
UNPROTECTED = "terraform -chdir=infra apply -var deletion_protection=false"
DESTROY = "terraform -chdir=infra destroy"
RUN = [APPLY, FOLDER, TOKEN, KEY, ROLLBACK, LIST, BY_HAND, UNPROTECTED, DESTROY]


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
    expect("aiko" in str(made), made)
    guide.emulator.invoke("hansho-config", {"action": "revoke_token", "name": "aiko"})


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


ON_PAPER = [every_command_has_its_place]
