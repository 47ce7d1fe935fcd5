"""Terraform on a copy of infra/, with the provider from a folder of this machine or from the registry."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Where Terraform itself looks for a mirror (Terraform, "Implied local mirror directories"), and where packages and images put one.
MIRRORS = [
    "~/.terraform.d/plugins",
    "~/.local/share/terraform/plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
    "/opt/*/",
]
PROVIDER = "registry.terraform.io/hashicorp/aws"

# The emulator has no certificates of AWS's and serves buckets by their path.
ON_THE_EMULATOR = {"skip_metadata_api_check": True, "s3_use_path_style": True}
# Nobody is asked who we are.
ALONE = {
    "skip_metadata_api_check": True,
    "skip_credentials_validation": True,
    "skip_requesting_account_id": True,
    "allowed_account_ids": None,
}


class TerraformError(Exception):
    """It ended otherwise than it should; with what it said."""


def mirror():
    """The folder that has the provider, or None."""
    for place in MIRRORS:
        pattern = pathlib.Path(place).expanduser()
        for folder in sorted(pattern.parent.glob(pattern.name)) if "*" in pattern.name else [pattern]:
            if (folder / PROVIDER).is_dir():
                return folder
    return None


class Terraform:
    """A copy of infra/ in `folder`, and the command on it."""

    def __init__(self, command, folder, provider, endpoint):
        self.command = command
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(ROOT / "infra", folder, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
        (folder / "test_override.tf.json").write_text(json.dumps({"provider": {"aws": provider}}))
        found = mirror()
        settings = folder / "terraform.rc"
        where = f'filesystem_mirror {{\n    path = "{found}"\n  }}' if found else "direct {}"
        settings.write_text(f"provider_installation {{\n  {where}\n}}\n")
        self.environment = os.environ | {
            "TF_CLI_CONFIG_FILE": str(settings),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        # No setting of whoever runs this changes what is tested.
        for name in list(self.environment):
            if name.startswith("TF_VAR_") or name in ("AWS_PROFILE", "AWS_REGION", "AWS_SESSION_TOKEN"):
                del self.environment[name]

    def run(self, *arguments, expected=(0,)):
        """What the command says on standard output; `expected` are the codes that it may end with."""
        done = subprocess.run(
            [self.command, *arguments], cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        if done.returncode not in expected:
            raise TerraformError(f"terraform {' '.join(arguments)} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-6000:]}")
        return done.stdout

    def init(self):
        try:
            self.run("init", "-input=false", "-no-color")
        except TerraformError as error:
            raise TerraformError(
                f"the provider hashicorp/aws is not to be had: neither is there a mirror in {', '.join(MIRRORS)}, nor could it be "
                f"fetched from registry.terraform.io. Put one there with `terraform providers mirror ~/.terraform.d/plugins` in infra/ "
                f"on a machine that reaches the registry.\n{error}"
            ) from None

    @contextlib.contextmanager
    def as_somebody_else(self, key):
        """The commands of an access key as IAM has made it."""
        before = self.environment
        self.environment = before | {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
        try:
            yield
        finally:
            self.environment = before

    def apply(self, *variables):
        return self.run("apply", "-auto-approve", "-input=false", "-no-color", *variables)

    def plan(self, *variables):
        """A plan, as JSON."""
        self.run("plan", "-input=false", "-no-color", "-lock=false", "-out=planned", *variables)
        return json.loads(self.run("show", "-json", "planned"))

    def outputs(self):
        return {name: output["value"] for name, output in json.loads(self.run("output", "-json")).items()}


def changes(plan):
    """What a plan would do: the address of each resource, and how."""
    return {
        change["address"]: change["change"]
        for change in plan.get("resource_changes", [])
        if change["mode"] == "managed" and change["change"]["actions"] != ["no-op"]
    }


def kind_of(address):
    """What kind of resource an address is of, such as aws_sqs_queue."""
    return re.search(r"(?:^|\.)(\w+)\.\w+(?:\[[^\[\]]*\])?$", address).group(1)


def resources(plan):
    """What a plan has in the end: every resource by its address."""

    def of(module):
        found = {resource["address"]: resource.get("values", {}) for resource in module.get("resources", [])}
        for child in module.get("child_modules", []):
            found |= of(child)
        return found

    return of(plan["planned_values"]["root_module"])
