"""New code: scripts/deploy with cargo-lambda and the AWS CLI as they are, and Terraform that leaves it alone."""

import io
import json
import os
import subprocess
import urllib.request
import zipfile

from emulator import REGION, expect
from stories import written_by_a_newer_version
from terraform import ROOT

FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/Cargo.toml"))


class Deploying:
    """A folder with other code than what was applied, and the script on it."""

    def __init__(self, emulator, packages, folder):
        self.emulator = emulator
        self.folder = folder
        self.binaries = {}
        for function in FUNCTIONS:
            binary = zipfile.ZipFile(packages / f"hansho-{function}" / "bootstrap.zip").read("bootstrap")
            target = folder / f"hansho-{function}"
            target.mkdir(parents=True, exist_ok=True)
            # Another binary that does the same: what stands behind the last section is never loaded.
            self.binaries[function] = (binary, binary + b"\n")
            (target / "bootstrap").write_bytes(binary + b"\n")

    def script(self, *arguments, expected=0):
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
        command = [str(ROOT / "scripts" / "deploy"), *arguments]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        expect(done.returncode == expected, f"scripts/deploy {' '.join(arguments)} ended with {done.returncode}: {done.stdout[-3000:]}")
        return done.stdout

    def alias(self, function):
        return self.emulator.client("lambda").get_alias(FunctionName=f"hansho-{function}", Name="live")

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


def one_function(deploying):
    """one function goes back to the code before at once; another gets its new code for a part of what comes"""
    deploying.script("--rollback", "delivery")
    expect(deploying.code("delivery") == deploying.binaries["delivery"][0], "it has not the code of before")
    expect(deploying.alias("delivery")["FunctionVersion"] == "3", deploying.alias("delivery"))
    (deploying.folder / "hansho-api" / "bootstrap").write_bytes(deploying.binaries["api"][0])
    deploying.script("--no-build", "--lambda-dir", str(deploying.folder), "--weight", "10", "api")
    alias = deploying.alias("api")
    expect((alias["FunctionVersion"], alias["RoutingConfig"]["AdditionalVersionWeights"]) == ("2", {"3": 0.1}), alias)
    expect("and version 3 for 10%" in deploying.script("--list", "api"), "the list does not say so")
    deploying.script("--promote", "api")
    alias = deploying.alias("api")
    expect(alias["FunctionVersion"] == "3" and not (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights"), alias)


def mistakes(deploying):
    """whoever mistypes is told what there is"""
    said = deploying.script("--no-build", "deliveries", expected=1)
    expect("there is no function deliveries; there are alarm-intake, api" in said, said)
    said = deploying.script("--no-build", "--name", "staging", "api", expected=1)
    expect("there is no staging-api with the alias live: run 'terraform -chdir=infra apply' first" in said, said)


def a_newer_table(deploying):
    """code for a table that a newer version has written is not deployed, and what to do is said"""
    before = deploying.alias("api")["FunctionVersion"]
    (deploying.folder / "hansho-api" / "bootstrap").write_bytes(deploying.binaries["api"][1])
    with written_by_a_newer_version(deploying.emulator):
        said = deploying.script("--no-build", "--lambda-dir", str(deploying.folder), "api", expected=1)
    expect("the table hansho was written by a newer version: its items have the shape 2, and these functions know 1" in said, said)
    expect(deploying.alias("api")["FunctionVersion"] == before, "it was deployed all the same")


def configuration(deploying, function):
    """What Terraform has said about a function."""
    found = deploying.emulator.client("lambda").get_function_configuration(FunctionName=f"hansho-{function}")
    names = ("MemorySize", "Timeout", "Role", "Environment", "TracingConfig", "Architectures", "Runtime", "Description", "LoggingConfig")
    return {name: json.dumps(found.get(name), sort_keys=True) for name in names}


ALL = [every_function, one_function, mistakes, a_newer_table]
