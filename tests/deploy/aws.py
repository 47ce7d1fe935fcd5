"""What scripts/deploy asks of AWS, of a file: `aws` and `cargo lambda`, as far as it uses them.

Called within tests/deploy/run, or as a program that stands in PATH as `aws` and as `cargo`. HANSHO_AWS names the folder: `state.json` has the
functions, `packages/` their packages. Of the calls that change something, the one numbered `fails_at` (from 1 on) fails: before it has done
it, or, with `is_lost`, after. Before the call numbered in MEANWHILE, somebody else is at work. Of a question in DENIED nobody gets an answer.
"""

import base64
import copy
import hashlib
import io
import json
import os
import pathlib
import sys
import zipfile

# By the number of a call, what somebody else does before it: called with the functions.
MEANWHILE = {}
# Pairs of a command and a function.
DENIED = set()
THROTTLED = "An error occurred (TooManyRequestsException) when calling the operation: Rate exceeded"


class Failure(Exception):
    """What the command says where it ends with an error."""


class Aws:
    def __init__(self):
        self.folder = pathlib.Path(os.environ["HANSHO_AWS"])
        self.path = self.folder / "state.json"
        self.state = json.loads(self.path.read_text())

    def changes(self, operation):
        """Counts a call that changes something, and lets the one fail that is to."""
        self.state["calls"] += 1
        if self.state["calls"] in MEANWHILE:
            MEANWHILE[self.state["calls"]](self)
        is_to_fail = self.state["calls"] == self.state["fails_at"]
        try:
            if is_to_fail and not self.state["is_lost"]:
                raise Failure(THROTTLED)
            answer = operation()
            if is_to_fail:
                raise Failure("Connection was closed before we received a valid response")
            return answer
        finally:
            self.path.write_text(json.dumps(self.state))

    def function(self, name):
        if name not in self.state["functions"]:
            raise Failure("An error occurred (ResourceNotFoundException) when calling the operation: Function not found")
        return self.state["functions"][name]

    def update_code(self, name, package, processor=None):
        self.function(name)["latest"] |= kept(self.folder, package) | ({"Architectures": [processor]} if processor else {})
        return self.function(name)["latest"]

    def publish(self, name, code=None):
        """Lambda makes no version where nothing has changed since the last (Lambda API reference, PublishVersion)."""
        function = self.function(name)
        if code not in (None, function["latest"]["CodeSha256"]):
            raise Failure("An error occurred (InvalidParameterValueException): CodeSHA256 is different from current CodeSHA256 in $LATEST")
        newest = max(function["versions"], key=int)
        if function["versions"][newest] != function["latest"]:
            newest = str(int(newest) + 1)
            function["versions"][newest] = copy.deepcopy(function["latest"])
        return newest

    def update_alias(self, name, version, weights=None, description=None, revision=None):
        """What is not said stays."""
        function = self.function(name)
        if version not in function["versions"]:
            raise Failure("An error occurred (ResourceNotFoundException) when calling the operation: Function not found")
        alias = function["alias"]
        if revision not in (None, alias["RevisionId"]):
            raise Failure("An error occurred (PreconditionFailedException): The RevisionId provided does not match the latest RevisionId")
        alias["RevisionId"] = str(int(alias["RevisionId"]) + 1)
        alias["FunctionVersion"] = version
        if description is not None:
            alias["Description"] = description
        if weights is not None:
            alias["RoutingConfig"] = weights
        return alias


def aws(service, command, options):
    stack = Aws()
    if service == "sts":
        return {}
    if service == "dynamodb":
        return {"Items": []}
    name = options["--function-name"]
    if (command, name) in DENIED:
        raise Failure(THROTTLED)
    function = stack.function(name)
    if command == "get-alias":
        return function["alias"]
    if command == "get-function-configuration":
        return function["latest"] | {"Version": "$LATEST"}
    if command == "list-versions-by-function":
        return {"Versions": [function["latest"] | {"Version": "$LATEST"}] + [found | {"Version": number} for number, found in function["versions"].items()]}
    if command == "get-function":
        return {"Code": {"Location": f"file://{function['versions'][options['--qualifier']]['package']}"}}
    if command == "wait":
        return None
    if command == "update-function-code":
        package = pathlib.Path(options["--zip-file"].removeprefix("fileb://")).read_bytes()
        return stack.changes(lambda: stack.update_code(name, package, options.get("--architectures")))
    if command == "publish-version":
        return stack.changes(lambda: {"Version": stack.publish(name, options.get("--code-sha256"))})
    if command == "update-alias":
        weights = json.loads(options["--routing-config"])
        moved = (options["--function-version"], weights, options["--description"], options.get("--revision-id"))
        return stack.changes(lambda: stack.update_alias(name, *moved))
    raise Failure(f"{service} {command} is not here")


def cargo(arguments):
    """`cargo lambda deploy NAME` uploads and publishes. With --alias it moves that too, and leaves everything else of it alone (cargo-lambda 1.9.2)."""
    pathlib.Path(os.environ["HANSHO_AWS"], "cargo").open("a").write(" ".join(arguments) + "\n")
    if arguments[:2] == ["lambda", "deploy"]:
        name, options = arguments[2], options_of([argument for argument in arguments[3:] if argument != "--merge-env"])
        entry = pathlib.Path(options["--lambda-dir"]) / options["--binary-name"] / "bootstrap"
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as made:
            made.writestr("bootstrap", entry.read_bytes())
        stack = Aws()
        stack.changes(lambda: stack.update_code(name, package.getvalue()))
        version = stack.changes(lambda: stack.publish(name))
        if "--alias" in options:
            stack.changes(lambda: stack.update_alias(name, version))
    elif arguments[:2] == ["lambda", "build"]:
        machine = 62 if "--x86-64" in arguments else 183
        for package in arguments:
            if package.startswith("--package="):
                folder = pathlib.Path(os.environ["CARGO_TARGET_DIR"]) / "lambda" / package.removeprefix("--package=")
                folder.mkdir(parents=True, exist_ok=True)
                with zipfile.ZipFile(folder / "bootstrap.zip", "w") as made:
                    made.writestr("bootstrap", binary("built", machine))
                if "--output-format" not in arguments:
                    (folder / "bootstrap").write_bytes(binary("built", machine))


def binary(text, machine=62):
    """What begins as a program for Linux does (ELF, e_machine at 18)."""
    return b"\x7fELF".ljust(18, b"\0") + machine.to_bytes(2, "little") + text.encode()


def options_of(arguments):
    return dict(zip(arguments[::2], arguments[1::2]))


def kept(folder, package):
    """A package that is stored, as a version names it."""
    path = folder / "packages" / hashlib.sha256(package).hexdigest()
    path.write_bytes(package)
    return {"CodeSha256": base64.b64encode(hashlib.sha256(package).digest()).decode(), "package": str(path)}


def answered(command):
    """What a command prints."""
    if command[0] == "cargo":
        cargo(list(command[1:]))
        return ""
    # `aws lambda wait function-updated-v2` has a word more, and one option has no value.
    rest = [word for word in command[4 if command[2] == "wait" else 3 :] if word != "--no-scan-index-forward"]
    return json.dumps(aws(command[1], command[2], options_of(rest)))


def main():
    try:
        print(answered([pathlib.Path(sys.argv[1]).name, *sys.argv[2:]]))
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 254
    return 0


if __name__ == "__main__":
    sys.exit(main())
