"""New code: scripts/deploy with cargo-lambda and the AWS CLI as they are, and Terraform that leaves it alone."""

import io
import json
import os
import subprocess
import urllib.request
import zipfile

from emulator import REGION, expect
from stories import written_by_a_newer_version
from terraform import ROOT, TerraformError, changes

FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/Cargo.toml"))


class Deploying:
    """A folder with other code than what was applied, and the script on it."""

    def __init__(self, stack, emulator, packages):
        self.stack = stack
        self.emulator = emulator
        self.folder = folder = stack.folder / "other"
        self.binaries = {}
        for function in FUNCTIONS:
            binary = zipfile.ZipFile(packages / f"hansho-{function}" / "bootstrap.zip").read("bootstrap")
            target = folder / f"hansho-{function}"
            target.mkdir(parents=True, exist_ok=True)
            # Another binary that does the same: what stands behind the last section is never loaded.
            self.binaries[function] = (binary, binary + b"\n")
            (target / "bootstrap").write_bytes(binary + b"\n")

    def script(self, *arguments, expected=0):
        return self.ended([str(ROOT / "scripts" / "deploy"), *arguments], expected)

    def ended(self, command, expected=0):
        """What a command says of somebody who may do everything."""
        environment = os.environ | {
            "AWS_ENDPOINT_URL": self.emulator.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
            environment.pop(name, None)
        done = subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        expect(done.returncode == expected, f"{' '.join(command)} ended with {done.returncode}: {done.stdout[-3000:]}")
        return done.stdout

    def builds(self, function, which):
        (self.folder / f"hansho-{function}" / "bootstrap").write_bytes(self.binaries[function][which])

    def alias(self, function):
        return self.emulator.client("lambda").get_alias(FunctionName=f"hansho-{function}", Name="live")

    def working(self, function):
        """Which versions work, by their weights."""
        alias = self.alias(function)
        weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
        return {alias["FunctionVersion"]: round(1 - sum(weights.values()), 2)} | weights

    def refused(self, *arguments):
        """What Terraform says where it refuses, in one line."""
        try:
            self.stack.run(*arguments)
        except TerraformError as error:
            return " ".join(str(error).split())
        raise AssertionError(f"terraform {' '.join(arguments)} is not refused")

    def code(self, function):
        version = self.alias(function)["FunctionVersion"]
        found = self.emulator.client("lambda").get_function(FunctionName=f"hansho-{function}", Qualifier=version)
        package = urllib.request.urlopen(found["Code"]["Location"], timeout=30).read()
        return zipfile.ZipFile(io.BytesIO(package)).read("bootstrap")


def every_function(deploying):
    """`cargo lambda deploy` changes the code of each function, and nothing else about it"""
    before = {function: configuration(deploying, function) for function in FUNCTIONS}
    deploying.script("--no-build", "--lambda-dir", str(deploying.folder))
    for function in FUNCTIONS:
        expect(deploying.alias(function)["FunctionVersion"] == "2", deploying.alias(function))
        expect(deploying.code(function) == deploying.binaries[function][1], f"{function} has not the new code")
        expect(configuration(deploying, function) == before[function], f"{before[function]} has become {configuration(deploying, function)}")
    said = deploying.script("--no-build", "--lambda-dir", str(deploying.folder))
    expect(said.count("has this code already") == len(FUNCTIONS), f"the same code was deployed again: {said}")
    answer = deploying.emulator.invoke("hansho-config", {"action": "versions"})
    expect(answer["result"] == "versions", f"the new code does not work: {answer}")


def a_rollback(deploying):
    """one function goes back to the code before at once; the same command again leaves it there, and a plan too; another version is named"""
    deploying.script("--rollback", "delivery")
    expect(deploying.code("delivery") == deploying.binaries["delivery"][0], "it has not the code of before")
    expect(deploying.working("delivery") == {"3": 1}, deploying.alias("delivery"))
    said = deploying.script("--rollback", "delivery")
    expect("version 3 works, with the code of version 1: it was rolled back from version 2" in said, said)
    expect(deploying.working("delivery") == {"3": 1}, deploying.alias("delivery"))
    changes_nothing(deploying, "delivery")
    deploying.script("--rollback", "--to", "2", "delivery")
    expect(deploying.code("delivery") == deploying.binaries["delivery"][1] and deploying.working("delivery") == {"4": 1}, deploying.alias("delivery"))


def half_a_rollback(deploying):
    """while a rollback is not finished, Terraform is refused, and the same command again finishes it"""
    deploying.builds("escalation", 0)
    answer = deploying.alias("escalation")
    # As it is where the second call of the rollback has failed.
    code = deploying.emulator.client("lambda").get_function_configuration(FunctionName="hansho-escalation", Qualifier="1")["CodeSha256"]
    begun = {"FunctionVersion": "1", "Description": f"Rolling back from version 2 to version 1. Code: {code}"}
    deploying.emulator.client("lambda").update_alias(FunctionName="hansho-escalation", Name="live", **begun)
    said = deploying.refused("plan", *PLAN, "-target=module.escalation")
    expect("The newest code of hansho-escalation is not what works, and an apply brings no code into force. Nothing was changed." in said, said)
    deploying.script("--rollback", "escalation")
    expect(answer["FunctionVersion"] == "2" and deploying.working("escalation") == {"3": 1}, deploying.alias("escalation"))
    expect(deploying.code("escalation") == deploying.binaries["escalation"][0], "it has not the code of before")
    changes_nothing(deploying, "escalation")


def weighted(deploying):
    """in the middle of a weighted deployment a plan is empty and an apply leaves both shares; a changed setting waits for its end, and is
    then in force"""
    deploying.builds("api", 0)
    deploying.script("--no-build", "--lambda-dir", str(deploying.folder), "--weight", "10", "api")
    shares = {"3": 0.1, "2": 0.9}
    expect(deploying.working("api") == shares, deploying.alias("api"))
    expect("version 3 works for 10%, beside version 2" in deploying.script("--list", "api"), "the list does not say so")
    changes_nothing(deploying, "api")
    deploying.stack.apply("-target=module.api")
    expect(deploying.working("api") == shares, f"an apply has made {deploying.alias('api')} of it")
    said = deploying.refused("apply", "-auto-approve", *PLAN, "-target=module.api", "-var=log_level=debug")
    expect("Two versions of hansho-api share what comes (scripts/deploy --weight), and a changed setting would be in force for one of them only." in said, said)
    expect("`scripts/deploy --promote api` or `scripts/deploy --rollback api`, and apply again" in said, said)
    expect(deploying.working("api") == shares and setting(deploying, "api") == "info", f"it was applied all the same: {deploying.alias('api')}")
    deploying.script("--promote", "api")
    expect(deploying.working("api") == {"3": 1}, deploying.alias("api"))
    changes_nothing(deploying, "api")
    for level, version in (("debug", "4"), ("info", "5")):
        deploying.stack.apply("-target=module.api", f"-var=log_level={level}")
        expect(deploying.working("api") == {version: 1} and setting(deploying, "api") == level, f"{level} is not in force: {deploying.alias('api')}")
    expect(deploying.code("api") == deploying.binaries["api"][0], "the setting has brought other code")
    deploying.script("--rollback", "api")
    expect(deploying.code("api") == deploying.binaries["api"][1] and setting(deploying, "api") == "info", "it has not the code of before, or not the setting of today")


def published_only(deploying):
    """code that was published and not brought into force, is not brought into force by an apply"""
    deploying.builds("config", 0)
    by_hand = ("cargo", "lambda", "deploy", "hansho-config", "--merge-env", "--lambda-dir", str(deploying.folder), "--endpoint-url", deploying.emulator.url)
    deploying.ended(by_hand)
    expect(deploying.working("config") == {"2": 1}, deploying.alias("config"))
    said = deploying.refused("apply", "-auto-approve", *PLAN, "-target=module.config")
    expect("The newest code of hansho-config is not what works" in said and "say `scripts/deploy --promote config` for the newest code" in said, said)
    expect(deploying.working("config") == {"2": 1}, deploying.alias("config"))
    deploying.script("--promote", "config")
    expect(deploying.code("config") == deploying.binaries["config"][0], "it has not the newest code")
    changes_nothing(deploying, "config")


def one_by_hand(deploying):
    """`cargo lambda deploy` of one function by hand, as its guide has it: new code, the settings of before, an empty plan, and a way back"""
    before = configuration(deploying, "sweeper")
    deploying.builds("sweeper", 0)
    deploying.ended(
        ("cargo", "lambda", "deploy", "hansho-sweeper", "--alias", "live", "--merge-env")
        + ("--lambda-dir", str(deploying.folder), "--endpoint-url", deploying.emulator.url)
    )
    expect(deploying.code("sweeper") == deploying.binaries["sweeper"][0] and deploying.working("sweeper") == {"3": 1}, deploying.alias("sweeper"))
    expect(configuration(deploying, "sweeper") == before, f"{before} has become {configuration(deploying, 'sweeper')}")
    changes_nothing(deploying, "sweeper")
    deploying.script("--rollback", "sweeper")
    expect(deploying.code("sweeper") == deploying.binaries["sweeper"][1], "it has not the code of before")


PLAN = ("-input=false", "-no-color", "-lock=false")


def changes_nothing(deploying, function):
    """A plan for a function leaves everything as it is."""
    changed = changes(deploying.stack.plan(f"-target=module.{function}"))
    expect(not changed, f"it would change {sorted(changed)}")


def setting(deploying, function):
    """The level of the log that is in force."""
    found = deploying.emulator.client("lambda").get_function_configuration(FunctionName=f"hansho-{function}", Qualifier="live")
    return found["Environment"]["Variables"]["HANSHO_LOG"]


def mistakes(deploying):
    """whoever mistypes is told what there is"""
    said = deploying.script("--no-build", "deliveries", expected=1)
    expect("there is no function deliveries; there are alarm-intake, api" in said, said)
    said = deploying.script("--no-build", "--name", "staging", "api", expected=1)
    expect("there is no staging-api with the alias live: run 'terraform -chdir=infra apply' first" in said, said)


def a_newer_table(deploying):
    """code for a table that a newer version has written is not deployed, and what to do is said"""
    before = deploying.alias("api")["FunctionVersion"]
    deploying.builds("api", 0)
    with written_by_a_newer_version(deploying.emulator):
        said = deploying.script("--no-build", "--lambda-dir", str(deploying.folder), "api", expected=1)
    expect("the table hansho was written by a newer version: its items have the shape 2, and these functions know 1" in said, said)
    expect(deploying.alias("api")["FunctionVersion"] == before, "it was deployed all the same")


def configuration(deploying, function):
    """What Terraform has said about a function."""
    found = deploying.emulator.client("lambda").get_function_configuration(FunctionName=f"hansho-{function}")
    names = ("MemorySize", "Timeout", "Role", "Environment", "TracingConfig", "Architectures", "Runtime", "Description", "LoggingConfig")
    return {name: json.dumps(found.get(name), sort_keys=True) for name in names}


def another_processor(deploying):
    """code for another processor is not deployed, and what to do is said"""
    path = deploying.folder / "hansho-api" / "bootstrap"
    binary = path.read_bytes()
    # The field e_machine of ELF: AArch64.
    path.write_bytes(binary[:18] + (183).to_bytes(2, "little") + binary[20:])
    before = deploying.alias("api")["FunctionVersion"]
    said = deploying.script("--no-build", "--lambda-dir", str(deploying.folder), "api", expected=1)
    expect("hansho-api runs on x86_64, and what was built is for arm64" in said and "`scripts/build-lambdas --x86-64`" in said, said)
    expect(deploying.alias("api")["FunctionVersion"] == before, "it was deployed all the same")
    path.write_bytes(binary)


ALL = [every_function, a_rollback, half_a_rollback, weighted, published_only, one_by_hand, mistakes, a_newer_table, another_processor]
