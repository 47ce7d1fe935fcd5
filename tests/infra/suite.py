"""What is tested, in its order. Every check has a name and, where it failed, a problem."""

import re
import shutil
import subprocess
import time

import agreement
import dead_letters
import deploying
import doctor
import guide
import mistakes
import models
import permissions
import stories
import teams
import watching
from emulator import Emulator, expect
from terraform import ALONE, ON_THE_EMULATOR, Terraform, changes

# What a failed check tells of itself at most.
PROBLEM_CHARS_MAX = 6000
VARIABLES = "tests/infra/emulator.tfvars"
# What a second plan would change on ministack and not on AWS: over the protocol that the provider speaks, it loses most of an alarm; and
# of a bus's policy it makes statements of its own.
KNOWN_DRIFT = re.compile(
    r"^module\.watch\.aws_cloudwatch_metric_alarm\.this\[|^aws_cloudwatch_metric_alarm\.(canary|bridge)\[0\]$"
    r"|^module\.sources\.aws_cloudwatch_event_bus_policy\.this\[0\]$"
)


class Results(list):
    """Names and problems, told as they come."""

    def check(self, name, is_so, *arguments):
        """Whether it passed. What it gave is kept as `given`."""
        began = time.monotonic()
        self.given = None
        try:
            self.given = is_so(*arguments)
            problem = None
        except Exception as error:  # Whatever it is, the rest is to be seen too.
            problem = f"{type(error).__name__}: {error}"[:PROBLEM_CHARS_MAX]
        self.append((name, problem))
        took = time.monotonic() - began
        print(f"ok: {name} ({took:.0f} s)" if problem is None else f"FAILED: {name}: {problem}", flush=True)
        return problem is None


def play(command, work, packages, calls, requests, free_port):
    results = Results()
    nobody = f"http://127.0.0.1:{free_port()}"
    alone = Terraform(command, work / "alone", ALONE, nobody)
    if results.check("the provider is there", alone.init):
        on_paper(results, alone)
    if calls is not None:
        results.check(permissions.calls_are_those_of.__doc__, permissions.calls_are_those_of, calls)
    if requests is not None:
        results.check(models.requests_fit.__doc__, models.requests_fit, requests)
    if packages is None:
        return results
    emulator = Emulator(free_port(), work)
    try:
        shutil.rmtree(work / "guide", ignore_errors=True)
        stack = Terraform(command, work / "guide" / "infra", ON_THE_EMULATOR, emulator.url)
        (stack.folder / "hansho.auto.tfvars").write_text((agreement.ROOT / VARIABLES).read_text())
        teams.write(stack, teams.of_the_guide())
        deployed(results, stack, emulator, packages)
    finally:
        emulator.stop()
    return results


def on_paper(results, alone):
    """What needs no server."""
    results.check("terraform fmt", alone.run, "fmt", "-check", "-recursive", "-diff")
    results.check("terraform validate", alone.run, "validate", "-no-color")
    if results.check("a plan needs nobody who answers", alone.plan, *variables(alone)):
        plan = results.given
        for check in agreement.ALL:
            results.check(check.__doc__, check, plan)
    results.check("terraform test", terraform_test, alone)
    results.check(checkov.__doc__, checkov)
    for check in (*permissions.ON_PAPER, guide.every_command_has_its_place):
        results.check(check.__doc__, check)


def terraform_test(alone):
    said = alone.run("test", "-no-color")
    counted = re.search(r"(\d+) passed, 0 failed", said)
    expect(counted and int(counted.group(1)) > 0, said)
    print(said.strip().splitlines()[-1])


def checkov():
    """checkov finds nothing that infra/.checkov.yaml does not explain"""
    command = ["checkov", "-d", "infra", "--config-file", "infra/.checkov.yaml", "--compact", "--skip-download"]
    done = subprocess.run(command, cwd=agreement.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    expect(done.returncode == 0, done.stdout[-PROBLEM_CHARS_MAX:])


def variables(terraform):
    source = terraform.folder / "emulator.tfvars"
    source.write_text((agreement.ROOT / VARIABLES).read_text())
    return ("-var-file=emulator.tfvars", "-var=packages=.")


def deployed(results, stack, emulator, packages):
    """The whole on the emulator, from apply to destroy."""
    guided = guide.Guide(stack, emulator, packages)
    if not results.check(guide.apply.__doc__, guide.apply, guided):
        return
    outputs = stack.outputs()
    for story in stories.ALL:
        results.check(f"story: {story.__doc__}", story, emulator, outputs)
    for check in (guide.key, guide.team):
        results.check(check.__doc__, check, guided)
    a_team(results, stack, emulator, outputs)
    results.check("a second plan changes nothing but the known drift", second_plan, stack)
    for check in mistakes.ALL:
        results.check(check.__doc__, check, stack, emulator)
    alarms = watching.Alarms(stack.plan(), emulator)
    for check in watching.ALL:
        results.check(check.__doc__, check, alarms)
    if results.check("the command is there", doctor.Doctor, emulator):
        command = results.given
        for check in doctor.ALL:
            results.check(check.__doc__, check, command)
    for check in dead_letters.ALL:
        results.check(check.__doc__, check, emulator)
    if results.check("the packages are there", deploying.Deploying, emulator, packages, stack.folder / "other"):
        other = results.given
        for check in deploying.ALL:
            results.check(check.__doc__, check, other)
        results.check(guide.code.__doc__, guide.code, guided)
        results.check("after new code, a plan changes nothing but the known drift", second_plan, stack)
    for check in permissions.ALL:
        results.check(check.__doc__, check, emulator)
    results.check(emulator.ask_on_the_idle_connection.__doc__, emulator.ask_on_the_idle_connection)
    results.check(guide.destroy.__doc__, guide.destroy, guided)
    results.check("nothing is left", nothing_is_left, stack, emulator)


def a_team(results, stack, emulator, outputs):
    """A team of Terraform's, used and changed. Only it is planned, which is all that these are about."""
    given = ("-target=module.shipping",)
    results.check(teams.a_wrong_team.__doc__, teams.a_wrong_team, stack, given)
    results.check(teams.it_pages.__doc__, teams.it_pages, emulator)
    if results.check(teams.under_its_key.__doc__, teams.under_its_key, emulator, outputs):
        results.check(teams.nothing_of_the_key.__doc__, teams.nothing_of_the_key, stack, given, results.given)
    for check in (teams.it_changes, teams.it_goes):
        results.check(check.__doc__, check, stack, given, emulator)
    results.check(teams.somebody_elses.__doc__, teams.somebody_elses, stack, given)


def second_plan(stack):
    changed = changes(stack.plan())
    unknown = {address: change["actions"] for address, change in changed.items() if not KNOWN_DRIFT.search(address)}
    expect(not unknown, f"it would change {unknown}")
    expect(all(change["actions"] == ["update"] for change in changed.values()), f"it would do more than update {sorted(changed)}")


def nothing_is_left(stack, emulator):
    expect(stack.run("state", "list").strip() == "", "the state still has resources")
    left = {
        "functions": [function["FunctionName"] for function in emulator.client("lambda").list_functions()["Functions"]],
        "queues": emulator.client("sqs").list_queues().get("QueueUrls", []),
        "tables": emulator.client("dynamodb").list_tables()["TableNames"],
        "topics": [topic["TopicArn"] for topic in emulator.client("sns").list_topics()["Topics"]],
        "roles": [role["RoleName"] for role in emulator.client("iam").list_roles()["Roles"] if role["RoleName"].startswith("hansho")],
        "buckets": [bucket["Name"] for bucket in emulator.client("s3").list_buckets()["Buckets"]],
        "parameters": [found["Name"] for found in emulator.client("ssm").describe_parameters()["Parameters"]],
        "schedules": [found["Name"] for found in emulator.client("scheduler").list_schedules()["Schedules"]],
        "logs": [group["logGroupName"] for group in emulator.client("logs").describe_log_groups()["logGroups"] if "hansho" in group["logGroupName"]],
    }
    expect(not any(left.values()), f"left: { {kind: names for kind, names in left.items() if names} }")
