"""What somebody else does to a function: at the same time, by hand, or the day before and not to its end."""

import pathlib

import aws
from deployment import ARM64, X86_64, expect, settled, whichever_fails

API = "hansho-api"


def uploads(deployment, word):
    package = pathlib.Path(deployment.version(word)["package"]).read_bytes()
    return lambda stack: stack.update_code(API, package)


def deploys(deployment, word):
    """An upload, a version, and the alias on it."""

    def done(stack):
        uploads(deployment, word)(stack)
        stack.update_alias(API, stack.publish(API), {"AdditionalVersionWeights": {}}, "")

    return done


def by_hand(deployment, act):
    """What somebody does between two commands."""
    stack = aws.Aws()
    act(stack)
    deployment.state = stack.state
    deployment.written()


def moves(version):
    return lambda stack: stack.update_alias(API, version)


def an_upload_meanwhile(deployment):
    """whoever deploys brings their own code into force or is told that somebody else was at work: an upload between upload and version"""
    commands = (("--no-build", "api"), 2), (("--no-build", "--weight", "10", "api"), 2), (("--rollback", "api"), 3)
    for command, call in commands:
        deployment.has("api", "older", "good")
        deployment.fails(0)
        deployment.builds("api", "new")
        aws.MEANWHILE[call] = uploads(deployment, "theirs")
        said = deployment.script(*command, expected=1)
        aws.MEANWHILE.clear()
        expect("somebody else has uploaded other code at the same time" in said and "Somebody else was at work there: ask who" in said, said)
        expect("theirs" not in deployment.works("api") and set(deployment.works("api")) <= {"good", "older"}, deployment.works("api"))
        expect(deployment.is_refused_to_terraform("api"), "an apply would bring their code")


def a_deployment_meanwhile(deployment):
    """where somebody else has moved the alias meanwhile it stays there, whatever the command"""
    commands = (("--no-build", "api"), 3), (("--no-build", "--weight", "10", "api"), 3), (("--rollback", "api"), 1), (("--rollback", "api"), 4)
    for command, call in commands:
        deployment.has("api", "older", "good")
        deployment.fails(0)
        deployment.builds("api", "new")
        aws.MEANWHILE[call] = deploys(deployment, "theirs")
        said = deployment.script(*command, expected=1)
        aws.MEANWHILE.clear()
        expect("somebody else has moved the alias live meanwhile, to version " in said and "and there it stays" in said, said)
        expect(deployment.works("api") == {"theirs": 100}, f"{command} {call}: {deployment.works('api')}")
    deployment.has("api", "good")
    by_hand(deployment, uploads(deployment, "new"))
    by_hand(deployment, lambda stack: stack.publish(API))
    deployment.fails(0)
    aws.MEANWHILE[1] = deploys(deployment, "theirs")
    deployment.script("--promote", "api", expected=1)
    expect(deployment.works("api") == {"theirs": 100}, deployment.works("api"))


def the_answer_of_a_move_lost(deployment):
    """the alias that was moved by this very command, whose answer was lost and which was asked again, is no work of somebody else"""
    deployment.has("api", "good")
    deployment.fails(0)
    deployment.builds("api", "new")

    def done_before(stack):
        """What the AWS CLI has done before it asks again."""
        code = stack.function(API)["versions"]["2"]["CodeSha256"]
        stack.update_alias(API, "2", {"AdditionalVersionWeights": {}}, f"Deployed from version 1 to version 2. Code: {code}")

    aws.MEANWHILE[3] = done_before
    expect("version 2 works; before it was 1" in deployment.script("--no-build", "api"), "it is taken for somebody else's")
    settled(deployment, "api", "new")


def moved_back_by_hand(deployment):
    """an alias moved back by hand: good code deployed again, or its version named, is the newest again, and bad code is nowhere"""
    for command in (("--no-build", "api"), ("--rollback", "--to", "2", "api")):

        def made():
            deployment.has("api", "older", "good")
            deployment.builds("api", "bad")
            deployment.fails(0)
            deployment.script("--no-build", "api")
            by_hand(deployment, moves("2"))
            deployment.builds("api", "good")

        made()
        expect(deployment.is_refused_to_terraform("api"), "the test is about nothing")
        whichever_fails(deployment, made, command, lambda: settled(deployment, "api", "good"), never=["bad", "older"])
        said = deployment.script("--rollback", "api", expected=1)
        expect("version 4 works, with the code of version 2 that --to has named, and before it worked 3: say --to VERSION" in said, said)
        settled(deployment, "api", "good")


def uploaded_and_no_version(deployment):
    """code that was uploaded and is no version: --list and --promote say so, and the code that works, deployed again or named, is the newest"""
    for command in (("--no-build", "api"), ("--rollback", "--to", "1", "api")):

        def made():
            deployment.has("api", "good")
            deployment.builds("api", "bad")
            deployment.fails(2)
            deployment.script("--no-build", "api", expected=1)
            deployment.builds("api", "good")
            deployment.fails(0)

        made()
        expect("the newest is 1; code was uploaded since that is no version" in deployment.script("--list", "api"), "the list does not say so")
        said = deployment.script("--promote", "api", expected=1)
        expect("version 1 works, and code was uploaded since that is no version" in said and "--rollback --to 1 api" in said, said)
        whichever_fails(deployment, made, command, lambda: settled(deployment, "api", "good"), never=["bad"])
        expect("there is no version with other code before 1" in deployment.script("--rollback", "api", expected=1), "it goes back to itself")


def uploaded_again_beside_a_newer_version(deployment):
    """what works was uploaded again and is no version, and a newer version has bad code: an apply is refused, and what works is made the newest"""
    for command in (("--no-build", "api"), ("--rollback", "--to", "1", "api")):

        def made():
            deployment.has("api", "good")
            by_hand(deployment, uploads(deployment, "bad"))
            by_hand(deployment, lambda stack: stack.publish(API))
            by_hand(deployment, uploads(deployment, "good"))
            deployment.builds("api", "good")
            deployment.fails(0)

        made()
        expect(deployment.is_refused_to_terraform("api"), "the alias would follow to the newest version")
        for refused in ("--rollback", "--promote"):
            said = deployment.script(refused, "api", expected=1)
            expect("`scripts/deploy --rollback --to 1 api`" in said and deployment.works("api") == {"good": 100}, said)
        whichever_fails(deployment, made, command, lambda: settled(deployment, "api", "good"), never=["bad"])


def published_and_not_in_force(deployment):
    """newer code that does not work: a rollback asks which version is meant; what works, named, stays, and what worked before it stays known"""

    def made():
        deployment.has("api", "older")
        deployment.builds("api", "good")
        deployment.fails(0)
        deployment.script("--no-build", "api")
        by_hand(deployment, uploads(deployment, "bad"))
        by_hand(deployment, lambda stack: stack.publish(API))
        deployment.fails(0)

    made()
    said = deployment.script("--rollback", "api", expected=1)
    expect("version 2 works, and newer code is there that does not: `scripts/deploy --rollback --to 2 api` puts that aside" in said, said)
    expect("Nothing was changed there" in said and deployment.calls() == 0, said)
    whichever_fails(deployment, made, ("--rollback", "--to", "2", "api"), lambda: settled(deployment, "api", "good"), never=["bad", "older"])
    deployment.script("--rollback", "api")
    settled(deployment, "api", "older")


def an_aborted_one_before(deployment):
    """an aborted weighted deployment, then a deployment of which any call failed: a rollback goes to what worked, and never to aborted code"""

    def made():
        deployment.has("api", "older", "good")
        deployment.builds("api", "aborted")
        deployment.fails(3)
        deployment.script("--no-build", "--weight", "10", "api", expected=1)
        deployment.builds("api", "bad")
        deployment.fails(0)

    def ended():
        settled(deployment, "api", "bad")
        expect("Deployed from version 2 to version" in deployment.state["functions"][API]["alias"]["Description"], deployment.state)

    whichever_fails(deployment, made, ("--no-build", "api"), ended, never=["aborted"])
    deployment.script("--rollback", "api")
    settled(deployment, "api", "good")


def on_latest(deployment):
    """an alias on $LATEST is said, with the way to a version, and the other functions are done"""
    for function in ("api", "delivery"):
        deployment.has(function, "good", "bad")
    deployment.state["functions"][API]["alias"]["FunctionVersion"] = "$LATEST"
    deployment.written()
    said = deployment.script("--rollback", "api", "delivery", expected=1)
    expect("api: REFUSED: the alias live is on $LATEST, which is no version: `aws lambda publish-version --function-name hansho-api`" in said, said)
    settled(deployment, "delivery", "good")


def a_bridge_that_cannot_be_asked_for(deployment):
    """whether there is a function that need not be there could not be asked: it is said, and nothing is done"""
    deployment.has("api", "good")
    aws.DENIED.add(("get-function-configuration", "hansho-incident-manager-bridge"))
    said = deployment.script("--list", expected=1)
    expect("nothing was done, for whether there is a hansho-incident-manager-bridge could not be asked. Try again, or name the functions." in said, said)
    expect("version 1 works" in deployment.script("--list", "api"), "a function that was named is not listed")


def another_architecture(deployment):
    """--architecture has a function run on another processor, with what was built for it, whichever call failed"""

    def made():
        deployment.has("api", "good")
        deployment.builds("api", "new", ARM64)
        deployment.fails(0)

    def ended():
        settled(deployment, "api", "new")
        expect(deployment.state["functions"][API]["latest"]["Architectures"] == ["arm64"], deployment.state)

    whichever_fails(deployment, made, ("--no-build", "--architecture", "arm64", "api"), ended)
    deployment.builds("api", "newer", X86_64)
    said = deployment.script("--no-build", "--architecture", "arm64", "api", expected=1)
    expect("--architecture says arm64, and what was built is for x86_64: leave out --no-build" in said, said)
    expect("--architecture goes with a deployment to all invocations" in deployment.script("--rollback", "--architecture", "arm64", "api", expected=1), "it was taken")


ALL = [
    *(an_upload_meanwhile, a_deployment_meanwhile, the_answer_of_a_move_lost, moved_back_by_hand, uploaded_and_no_version, uploaded_again_beside_a_newer_version),
    *(published_and_not_in_force, an_aborted_one_before, on_latest, a_bridge_that_cannot_be_asked_for, another_architecture),
]
