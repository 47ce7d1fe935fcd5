"""Functions in a folder, whose code is a word, with scripts/deploy on them, and what is expected of them."""

import contextlib
import importlib.machinery
import importlib.util
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import zipfile

import aws

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
X86_64, ARM64 = 62, 183
# More changing calls than any command makes for one function.
CALLS_MAX = 8


def the_script():
    """scripts/deploy, whose commands are answered in this process: there are hundreds."""
    loader = importlib.machinery.SourceFileLoader("deploy", str(ROOT / "scripts" / "deploy"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("deploy", loader))
    loader.exec_module(module)

    def run(*command, cwd=None):
        try:
            return aws.answered(command)
        except aws.Failure as failure:
            raise module.CommandError(f"{' '.join(command[:3])} ended with 254: {failure}") from None

    module.run = run
    return module


class Deployment:
    """Functions whose code is a word, and the script on them."""

    def __init__(self, folder):
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "packages").mkdir(parents=True)
        os.environ["HANSHO_AWS"] = str(folder)
        self.deploy = the_script()
        aws.MEANWHILE.clear()
        aws.DENIED.clear()
        self.state = {"functions": {}, "calls": 0, "fails_at": 0, "is_lost": False}
        self.written()

    def written(self):
        (self.folder / "state.json").write_text(json.dumps(self.state))

    def read(self):
        self.state = json.loads((self.folder / "state.json").read_text())
        return self.state["functions"]

    def has(self, function, *versions, processor="x86_64"):
        """A function with versions: words, or words with a setting. The last one works."""
        made = {}
        for number, version in enumerate(versions, 1):
            word, setting = version if isinstance(version, tuple) else (version, "1")
            made[str(number)] = self.version(word, setting, processor)
        newest = str(len(versions))
        alias = {"FunctionVersion": newest, "Description": "Deployed by Terraform.", "RevisionId": "1"}
        self.state["functions"][f"hansho-{function}"] = {"versions": made, "latest": dict(made[newest]), "alias": alias}
        self.written()

    def version(self, word, setting="1", processor="x86_64"):
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as made:
            made.writestr(zipfile.ZipInfo("bootstrap"), aws.binary(word, X86_64 if processor == "x86_64" else ARM64))
        environment = {"Variables": {"HANSHO_TABLE": "hansho", "SETTING": setting}}
        return aws.kept(self.folder, package.getvalue()) | {"Environment": environment, "Architectures": [processor], "Role": "role"}

    def builds(self, function, word, machine=X86_64):
        folder = self.folder / "lambda" / f"hansho-{function}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "bootstrap").write_bytes(aws.binary(word, machine))

    def applies(self, function, setting):
        """`terraform apply` with another setting, where it is not refused: a version of what is newest, which the alias follows."""
        found = self.read()[f"hansho-{function}"]
        found["latest"]["Environment"]["Variables"]["SETTING"] = setting
        newest = str(max(map(int, found["versions"])) + 1)
        found["versions"][newest] = json.loads(json.dumps(found["latest"]))
        found["alias"]["FunctionVersion"] = newest
        self.written()

    def fails(self, call, is_lost=False):
        self.read()
        self.state |= {"calls": 0, "fails_at": call, "is_lost": is_lost}
        self.written()

    def calls(self):
        self.read()
        return self.state["calls"]

    def script(self, *arguments, expected=0):
        said, before = io.StringIO(), sys.argv
        sys.argv = ["scripts/deploy", "--lambda-dir", str(self.folder / "lambda"), *arguments]
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            try:
                self.deploy.main()
                ended = 0
            except SystemExit as exit:
                ended = exit.code
        sys.argv = before
        expect(expected is None or ended == expected, f"{arguments} ended with {ended}: {said.getvalue()}")
        return said.getvalue()

    def program(self, *arguments):
        """The script as it is, with programs in PATH."""
        (self.folder / "bin").mkdir(exist_ok=True)
        for command in ("aws", "cargo"):
            path = self.folder / "bin" / command
            path.write_text(f'#!/bin/sh\nexec {sys.executable} {HERE / "aws.py"} "$0" "$@"\n')
            path.chmod(0o755)
        environment = os.environ | {"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "CARGO_TARGET_DIR": str(self.folder)}
        command = [sys.executable, str(ROOT / "scripts" / "deploy"), *arguments]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.returncode, done.stdout

    def word(self, version):
        with zipfile.ZipFile(version["package"]) as package:
            return package.read("bootstrap")[20:].decode()

    def works(self, function):
        """The code that works, by its share of a hundred."""
        found = self.read()[f"hansho-{function}"]
        weights = (found["alias"].get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
        shares = {found["alias"]["FunctionVersion"]: 1 - sum(weights.values())} | weights
        return {self.word(found["versions"][version]): round(share * 100) for version, share in shares.items()}

    def newest(self, function):
        """The code and the setting that an apply of Terraform would bring."""
        found = self.read()[f"hansho-{function}"]
        version = found["versions"][max(found["versions"], key=int)]
        return self.word(version), version["Environment"]["Variables"]["SETTING"]

    def is_refused_to_terraform(self, function):
        """What infra/modules/function refuses: tests/infra/deploying.py shows that it does."""
        found = self.read()[f"hansho-{function}"]
        working = found["versions"][found["alias"]["FunctionVersion"]]["CodeSha256"]
        newest = found["versions"][max(found["versions"], key=int)]["CodeSha256"]
        note = found["alias"]["Description"]
        return {found["latest"]["CodeSha256"], newest} != {working} or note.startswith("Rolling back") and note.endswith(working)


def expect(is_so, otherwise):
    if not is_so:
        raise AssertionError(otherwise)


def settled(deployment, function, word, setting="1"):
    expect(deployment.works(function) == {word: 100}, f"{deployment.works(function)} works and not {word} alone")
    expect(deployment.newest(function) == (word, setting), f"the newest version is {deployment.newest(function)}")
    expect(not deployment.is_refused_to_terraform(function), f"Terraform is refused: {deployment.state}")


def whichever_fails(deployment, made, command, ended, never=()):
    """After a failure of any one call, of which the answer was lost or which did nothing, the same command again ends the same way. Meanwhile
    Terraform either brings what works or is refused, and none of `never` is anywhere once the first call has passed."""
    failures = 0
    for is_lost in (False, True):
        for call in range(1, CALLS_MAX):
            made()
            deployment.fails(call, is_lost)
            said = deployment.script(*command, expected=None)
            if deployment.calls() < call:
                break
            failures += 1
            expect("not finished: api. What is done stays, and the same command again does the rest" in said, said)
            function = deployment.read()["hansho-api"]
            newest = max(function["versions"], key=int)
            would_change = deployment.word(function["versions"][newest]) not in deployment.works("api")
            expect(not would_change or deployment.is_refused_to_terraform("api"), f"after call {call} an apply would bring {deployment.newest('api')}: {said}")
            if (call, is_lost) != (1, False):
                expect(not set(never) & set(deployment.works("api")), f"after call {call}: {deployment.works('api')}")
            deployment.fails(0)
            deployment.script(*command)
            ended()
            deployment.script(*command, expected=None)
            ended()
        deployment.fails(0)
    expect(failures >= 2, "no call has failed")
