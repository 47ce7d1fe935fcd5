"""What the emulator lacks of what the deployment makes. `leave_out` in emulator.tfvars is the one list, each with its reason, and is what
Terraform goes by; here each is asked for in vain, so that nothing stays on the list that is there."""

import re

from botocore.exceptions import ClientError
from emulator import expect
from terraform import ROOT

LIST = ROOT / "tests" / "infra" / "emulator.tfvars"
# What is asked for: service, operation, arguments.
ASKED = {
    "mail_from": ("sesv2", "put_email_identity_mail_from_attributes", {"EmailIdentity": "example.com", "MailFromDomain": "bounce.example.com"}),
    "sms_preferences": ("sns", "set_sms_attributes", {"attributes": {"MonthlySpendLimit": "1"}}),
}
# It is not the stack's: an account that still has Incident Manager has made it once, for all that uses it (docs/incident-manager.md). The bridge's
# requests are held against its model instead (models.py).
REPLICATION_SET = ("ssm-incidents", "create_replication_set", {"regions": {"ap-northeast-1": {}}})
# What an emulator says to an operation that it does not know.
UNKNOWN = ("NotFoundException", "InvalidAction", "UnknownOperationException", "400", "UnknownError")


def listed():
    """What is left out, with the reason that stands beside it."""
    block = re.search(r"^leave_out = \[\n(.*?)^\]", LIST.read_text(), re.DOTALL | re.MULTILINE)
    expect(block, f"{LIST} has no leave_out")
    return dict(re.findall(r'^  "(\w+)",\s+# (.+)$', block.group(1), re.MULTILINE))


def the_list():
    """what the emulator lacks stands in one list, each with its reason, and Terraform leaves out whatever stands there"""
    names = re.findall(r'"(\w+)"', re.search(r"^leave_out = \[(.*?)\]", LIST.read_text(), re.DOTALL | re.MULTILINE).group(1))
    expect(sorted(names) == sorted(listed()) and names, f"without a reason are {sorted(set(names) - set(listed()))}")
    known = set()
    for file in (ROOT / "infra").rglob("*.tf"):
        known |= set(re.findall(r'contains\(var\.leave_out, "(\w+)"\)', file.read_text()))
    expect(known == set(names), f"Terraform can leave out {sorted(known)}, and the list has {sorted(names)}")
    expect(set(names) == set(ASKED), f"nobody asks the emulator for {sorted(set(names) - set(ASKED))}")


def is_lacking(emulator):
    """whatever is on the list of what the emulator lacks is asked for in vain"""
    for name, (service, operation, arguments) in (ASKED | {"replication_set": REPLICATION_SET}).items():
        try:
            getattr(emulator.client(service), operation)(**arguments)
        except ClientError as error:
            expect(error.response["Error"]["Code"] in UNKNOWN, f"{name}: {error}")
        else:
            raise AssertionError(f"the emulator has {name} by now: take it off the list in {LIST}")


ON_PAPER = [the_list]
ALL = [is_lacking]
