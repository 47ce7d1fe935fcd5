"""What is tested, in its order. Every check has a name and, where it failed, a problem."""

import concurrent.futures
import re
import shutil
import subprocess
import time

import agreement
import dead_letters
import deploying
import doctor
import drift
import guide
import lacking
import leftovers
import mistakes
import models
import pages
import permissions
import recovery
import stories
import teams
import watching
from emulator import Emulator, expect
from terraform import ALONE, ON_THE_EMULATOR, Terraform

# What a failed check tells of itself at most.
PROBLEM_CHARS_MAX = 6000
VARIABLES = "tests/infra/emulator.tfvars"
# How many of the checks that took longest are named in the end.
SLOWEST = 12


class Results(list):
    """Names, problems and seconds, told as they come."""

    def check(self, name, is_so, *arguments):
        """Whether it passed. What it gave is kept as `given`."""
        began = time.monotonic()
        self.given = None
        try:
            self.given = is_so(*arguments)
            problem = None
        except Exception as error:  # Whatever it is, the rest is to be seen too.
            problem = f"{type(error).__name__}: {error}"[:PROBLEM_CHARS_MAX]
        took = time.monotonic() - began
        self.append((name, problem, took))
        print(f"ok: {name} ({took:.0f} s)" if problem is None else f"FAILED: {name}: {problem}", flush=True)
        return problem is None


def play(command, work, packages, calls, requests, free_port):
    results, papers = Results(), Results()
    nobody = f"http://127.0.0.1:{free_port()}"
    alone = Terraform(command, work / "alone", ALONE, nobody)
    # It needs a processor, and what is deployed waits most of the time.
    with concurrent.futures.ThreadPoolExecutor(1) as beside:
        paper = beside.submit(on_paper, papers, alone, calls, requests)
        if packages is not None:
            on_the_emulator(results, command, work, packages, free_port)
        paper.result()
    results += papers
    print("took longest: " + "; ".join(f"{took:.0f} s {name[:80]}" for name, _, took in sorted(results, key=lambda one: -one[2])[:SLOWEST]), flush=True)
    return results


def on_the_emulator(results, command, work, packages, free_port):
    emulator = Emulator(free_port(), work)
    try:
        shutil.rmtree(work / "guide", ignore_errors=True)
        stack = Terraform(command, work / "guide" / "infra", ON_THE_EMULATOR, emulator.url)
        (stack.folder / "hansho.auto.tfvars").write_text((agreement.ROOT / VARIABLES).read_text())
        (stack.folder / "zone.auto.tfvars").write_text(f'zone_id = "{leftovers.zone(emulator)}"\n')
        teams.write(stack, teams.of_the_guide())
        deployed(results, stack, emulator, packages)
    finally:
        emulator.stop()


def on_paper(results, alone, calls, requests):
    """What needs no server."""
    if not results.check("the provider is there", alone.init):
        return
    results.check("terraform fmt", alone.run, "fmt", "-check", "-recursive", "-diff")
    results.check("terraform validate", alone.run, "validate", "-no-color")
    if results.check("a plan needs nobody who answers", alone.plan, *variables(alone)):
        plan = results.given
        for check in (*agreement.ALL, leftovers.everything_is_looked_for, watching.silence_on_paper):
            results.check(check.__doc__, check, plan)
    for check in (*permissions.ON_PAPER, *leftovers.ON_PAPER, *drift.ON_PAPER, *lacking.ON_PAPER, *guide.ON_PAPER, *recovery.ON_PAPER):
        results.check(check.__doc__, check)
    if calls is not None:
        results.check(permissions.calls_are_those_of.__doc__, permissions.calls_are_those_of, calls)
    if requests is not None:
        results.check(models.requests_fit.__doc__, models.requests_fit, requests)
    results.check(checkov.__doc__, checkov)
    results.check("terraform test", terraform_test, alone)


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
    return ("-var-file=emulator.tfvars", "-var=packages=tests/packages", "-var=zone_id=Z0123456789ABCDEFGHIJ")


def deployed(results, stack, emulator, packages):
    """The whole on the emulator, from apply to destroy."""
    for check in lacking.ALL:
        results.check(check.__doc__, check, emulator)
    guided = guide.Guide(stack, emulator, packages)
    if not results.check(guide.apply.__doc__, guide.apply, guided):
        return
    outputs = stack.outputs()
    for story in (*stories.ALL, *pages.ALL):
        results.check(f"story: {story.__doc__}", story, emulator, outputs)
    for check in (guide.key, guide.team, guide.first_alarm):
        results.check(check.__doc__, check, guided)
    a_team(results, stack, emulator, outputs)
    if results.check(drift.a_second_plan.__doc__, drift.a_second_plan, stack):
        alarms = watching.Alarms(results.given, emulator)
        for check in watching.ALL:
            results.check(check.__doc__, check, alarms)
    for check in dead_letters.ALL:
        results.check(check.__doc__, check, emulator)
    for check in mistakes.ALL:
        results.check(check.__doc__, check, stack, emulator)
    if results.check("the command is there", doctor.Doctor, emulator):
        command = results.given
        for check in doctor.ALL:
            results.check(check.__doc__, check, command)
    if results.check("the packages are there", deploying.Deploying, stack, emulator, packages):
        other = results.given
        for check in deploying.ALL:
            results.check(check.__doc__, check, other)
        results.check(guide.code.__doc__, guide.code, guided)
        results.check(f"after new code, {drift.a_second_plan.__doc__}", drift.a_second_plan, stack)
    for check in permissions.ALL:
        results.check(check.__doc__, check, emulator)
    for check in recovery.ALL:
        results.check(f"recovery: {check.__doc__}", check, guided)
    results.check(emulator.ask_on_the_idle_connection.__doc__, emulator.ask_on_the_idle_connection)
    results.check(guide.destroy.__doc__, guide.destroy, guided)
    results.check(leftovers.nothing_is_left.__doc__, leftovers.nothing_is_left, stack, emulator)


def a_team(results, stack, emulator, outputs):
    """A team of Terraform's, used and changed. Only it is planned, which is all that these are about."""
    given = ("-target=module.shipping",)
    results.check(teams.a_wrong_team.__doc__, teams.a_wrong_team, stack, given)
    results.check(teams.it_pages.__doc__, teams.it_pages, emulator)
    if results.check(teams.under_its_key.__doc__, teams.under_its_key, emulator, outputs):
        results.check(teams.nothing_of_the_key.__doc__, teams.nothing_of_the_key, stack, given, results.given)
    for check in (teams.it_changes, teams.its_secret, teams.it_goes):
        results.check(check.__doc__, check, stack, given, emulator)
    results.check(teams.somebody_elses.__doc__, teams.somebody_elses, stack, given)
