"""Teams through `infra/modules/team`: the lines of the deployment guide, from the first plan to the end."""

import base64
import gzip
import json
import re

from emulator import eventually, expect
from stories import direct_alarm, now, requested
from terraform import ROOT, TerraformError

FILE = "teams.tf"
PHONES = ("+819000000011", "+819000000012")
PARAMETER = "/hansho/keys/shipping-events"
SECRET = "/hansho/secrets/shipping/tool"
# Whoever was told a moment ago is told again when half a minute is over (shared/store/src/gate.rs).
TOLD_AGAIN_WITHIN_SECONDS = 90


def of_the_guide():
    """The module that the guide shows."""
    found = re.search(r'```hcl\n(module "shipping" \{.*?\n\}\n)```', (ROOT / "infra" / "README.md").read_text(), re.DOTALL)
    expect(found, "infra/README.md shows no team")
    return found.group(1)


def write(stack, text):
    (stack.folder / FILE).write_text(text)


def changed(text, old, new):
    expect(old in text, f"{old!r} is not in {text}")
    return text.replace(old, new)


def fails(work, *arguments):
    """What Terraform says when it ends with an error, without its frame and line breaks."""
    try:
        work(*arguments)
    except TerraformError as error:
        return re.sub(r"[\s│╵╷]+", " ", str(error))
    raise AssertionError("it does not fail")


def a_wrong_team(stack, given):
    """a wrong team fails the plan with the sentence of `hansho check`, by the argument"""
    try:
        for old, new, sentence in [
            ('phone = "+819000000011", ', "", "users.mio: can not be reached; add `phone`, `email` or `webhook`"),
            ("rotation      = { start", 'wait = "soon"\n  rotation      = { start', "escalation_policies.shipping.steps[0].wait"),
            ('alarms = ["shipping-*"]', 'alarms = ["shipping-*"], urgent = true', "services.shipping: unknown key `urgent`; did you mean `urgency`?"),
        ]:
            write(stack, changed(of_the_guide(), old, new))
            said = fails(stack.plan, *given)
            expect(sentence in said and "The team shipping is not put in force" in said, said)
    finally:
        write(stack, of_the_guide())


def it_pages(emulator):
    """an alarm of the team's, and an event under the key that Terraform has made, page whoever is on call"""
    before = texts(emulator)
    emulator.invoke("hansho-alarm-intake", direct_alarm("shipping-late", "shipping", now()))
    eventually("the team is texted", lambda: texts(emulator) == before + 1)


def under_its_key(emulator, outputs):
    """the key that Terraform has made is in a parameter, in no state and in no plan, and takes events"""
    key = emulator.client("ssm").get_parameter(Name=PARAMETER, WithDecryption=True)["Parameter"]["Value"]
    expect(re.fullmatch(r"[0-9a-f]{32}", key), "it is no key")
    before = texts(emulator)
    payload = {"summary": "Parcels wait", "source": "depot", "severity": "critical"}
    requested(emulator, f"{outputs['url']}/v2/enqueue", body={"routing_key": key, "event_action": "trigger", "payload": payload})
    eventually("the team is texted", lambda: texts(emulator) == before + 1, TOLD_AGAIN_WITHIN_SECONDS)
    return key


def texts(emulator):
    return sum(len(emulator.texts(number)) for number in PHONES)


def it_changes(stack, given, emulator):
    """a change is applied to the team only, and the plan after it is empty"""
    before = exported(emulator)
    write(stack, changed(of_the_guide(), 'every = "1 week"', 'every = "1 day"'))
    stack.apply(*given)
    after = exported(emulator)
    differs = sorted(name for name in before | after if before.get(name) != after.get(name))
    expect(differs == ["from-terraform/shipping.yaml"], f"it has changed {differs}")
    expect('"every": "1 day"' in after["from-terraform/shipping.yaml"], after["from-terraform/shipping.yaml"])


def its_secret(stack, given, emulator):
    """a secret in a parameter of the team's is put in force, and stands in no state, plan or export"""
    secret, ssm = "1f0e2d3c4b5a69788796a5b4c3d2e1f0", emulator.client("ssm")
    ssm.put_parameter(Name=SECRET, Value=secret, Type="SecureString")
    tool = f'destinations = {{ tool = {{ webhook = "https://tool.example.net/", secret = "ssm:{SECRET}" }} }}'
    write(stack, changed(of_the_guide(), "rotation      = { start", f"{tool}\n  rotation      = {{ start"))
    stack.apply(*given)
    file = exported(emulator)["from-terraform/shipping.yaml"]
    expect(f"ssm:{SECRET}" in file and secret not in file, file)
    nothing_of_the_key(stack, given, secret)
    write(stack, of_the_guide())
    stack.apply(*given)
    ssm.delete_parameter(Name=SECRET)


def somebody_elses(stack, given):
    """what the folder has already is refused with what to do, and the folder's apply leaves the team as it is"""
    write(stack, changed(of_the_guide(), "    mio  = {", "    aiko = {"))
    said = fails(stack.plan, *given)
    expect("users.aiko is in team.yaml already, which `hansho apply` brings; give it another name, or take it out there" in said, said)
    write(stack, of_the_guide())


def it_goes(stack, given, emulator):
    """without its module the team is gone, and nothing else is"""
    before = exported(emulator)
    write(stack, "")
    stack.apply(*given)
    after = exported(emulator)
    expect(sorted(before.keys() - after.keys()) == ["from-terraform/shipping.yaml"], f"{sorted(before)} has become {sorted(after)}")
    expect(all(before[name] == text for name, text in after.items()), "something else has changed")
    names = [found["Name"] for found in emulator.client("ssm").describe_parameters()["Parameters"]]
    expect(PARAMETER not in names, f"there is still {names}")
    write(stack, of_the_guide())
    stack.apply(*given)


def nothing_of_the_key(stack, given, key):
    """the key is in neither state nor plan"""
    for text in (stack.run("show", "-json"), str(stack.plan(*given, "-refresh=false"))):
        expect(key not in text, "it is")


def exported(emulator):
    answer = emulator.invoke("hansho-config", {"action": "export"})
    return json.loads(gzip.decompress(base64.b64decode(answer["files_gzip"])))
