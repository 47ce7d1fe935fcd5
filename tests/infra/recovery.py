"""docs/recovery.md, word by word: a table that is lost is restored into a new one, and the functions are led to it."""

import json
import re

from emulator import ACCOUNT, REGION, eventually, expect
from guide import YES, Document
from stories import PHONES, arn, direct_alarm, now
from terraform import changes, resources

RECOVERY = Document("docs/recovery.md", "## Commands that no emulator runs", r"(aws|terraform) |hansho [\w -]+ --[a-z]+ \S")
RESTORED = "hansho-restored"
ADDRESS = "module.table.aws_dynamodb_table.this"

LINK_KEY = "aws ssm get-parameter --name /hansho/link-key --with-decryption --query Parameter.Value --output text"
WHEN = "aws dynamodb describe-continuous-backups --table-name hansho"
RESTORE = (
    "aws dynamodb restore-table-to-point-in-time --source-table-name hansho --target-table-name hansho-restored "
    "--restore-date-time 2026-11-20T18:00:00Z"
)
WAIT = "until aws dynamodb wait table-exists --table-name hansho-restored; do :; done"
SYSTEM_BACKUPS = "aws dynamodb list-backups --table-name hansho --backup-type SYSTEM"
FORGET = f"terraform -chdir=infra state rm {ADDRESS}"
IMPORT = f"terraform -chdir=infra import {ADDRESS} hansho-restored"
PLAN = "terraform -chdir=infra plan"
APPLY = "terraform -chdir=infra apply"
DOCTOR = "hansho doctor --region ap-northeast-1 --test-alarm checkout"
VERSIONS = "hansho versions --function hansho-config:live"
FOLDER = "hansho plan --config on-call/ --function hansho-config:live"
ALARMS = "aws cloudwatch describe-alarms --state-value ALARM --query 'MetricAlarms[].AlarmName'"
AGAIN = "aws cloudwatch set-alarm-state --alarm-name checkout-5xx --state-value INSUFFICIENT_DATA --state-reason 'Hansho was restored'"
RESUME = "hansho resume --region ap-northeast-1"
UNPROTECT = "aws dynamodb update-table --table-name hansho --no-deletion-protection-enabled"
DELETE = "aws dynamodb delete-table --table-name hansho"
PAUSE = "aws events disable-rule --name hansho-sweeper"
GO_ON = "aws events enable-rule --name hansho-sweeper"
MINUTE = {"detail-type": "Scheduled Event", "source": "aws.events", "detail": {}}
WORKSPACE = "terraform -chdir=infra workspace new standby"
FIRST_REGION = "terraform -chdir=infra workspace select default"
ASLEEP = "aws events disable-rule --region ap-northeast-1 --name hansho-sweeper"
CLOSED = "aws lambda put-function-concurrency --region ap-northeast-1 --function-name hansho-alarm-intake --reserved-concurrent-executions 0"
OPENED = "aws lambda delete-function-concurrency --function-name hansho-alarm-intake"
LETTERS = "hansho dead-letters --region ap-northeast-1"
REPLAY = "hansho dead-letters --region ap-northeast-1 --replay"
ALL_ALARMS = "aws cloudwatch describe-alarms --state-value ALARM"
RUN = [LINK_KEY, WHEN, RESTORE, WAIT, SYSTEM_BACKUPS, FORGET, IMPORT, PLAN, APPLY, DOCTOR, VERSIONS, FOLDER, ALARMS, AGAIN, RESUME, UNPROTECT, DELETE]
RUN += [PAUSE, GO_ON, WORKSPACE, FIRST_REGION, ASLEEP, CLOSED, OPENED, LETTERS, REPLAY, ALL_ALARMS]


def every_command_has_its_place():
    """every command of docs/recovery.md is run here, or stands in its table of those that are not, with what it prints"""
    RECOVERY.every_command_has_its_place(RUN)


def run(guide, command, answer="", expected=(0,)):
    return guide.run(command, answer, RECOVERY, expected)


def a_copy_of_the_key(guide):
    """the link key can be kept elsewhere"""
    expect(len(run(guide, LINK_KEY).strip()) == 3 * 36, "it is not the key of 366 bits that Terraform has made")


def taken_over(guide):
    """a first Region that still answers is stopped, alarms that come meanwhile are dead letters, and it is let go on again"""
    emulator = guide.emulator
    before = sum(emulator.messages("hansho-alarm-intake-dead-letters"))
    rules = emulator.client("events")
    run(guide, ASLEEP)
    expect(rules.describe_rule(Name="hansho-sweeper")["State"] == "DISABLED", "the sweeper is still woken")
    run(guide, CLOSED)
    try:
        concurrency = emulator.client("lambda").get_function_concurrency(FunctionName="hansho-alarm-intake")
        expect(concurrency["ReservedConcurrentExecutions"] == 0, concurrency)
    finally:
        run(guide, OPENED)
        run(guide, GO_ON)
    expect(rules.describe_rule(Name="hansho-sweeper")["State"] == "ENABLED", "the sweeper is not woken again")
    expect("ReservedConcurrentExecutions" not in emulator.client("lambda").get_function_concurrency(FunctionName="hansho-alarm-intake"), "it stays closed")
    expect(sum(emulator.messages("hansho-alarm-intake-dead-letters")) >= before, "dead letters are gone")
    # Poison is among what lies there, and is a dead letter again.
    run(guide, LETTERS, expected=(0, 1))
    run(guide, REPLAY, expected=(0, 1))
    expect("MetricAlarms" in run(guide, ALL_ALARMS), "alarms are not listed")


def restored(guide):
    """the table is restored into a new one, and the old one pages on meanwhile"""
    answer = json.loads(run(guide, WHEN))
    expect("PointInTimeRecoveryDescription" in json.dumps(answer), answer)
    run(guide, SYSTEM_BACKUPS)
    run(guide, RESTORE)
    run(guide, WAIT)
    tables = guide.emulator.client("dynamodb")
    old, new = (tables.describe_table(TableName=name)["Table"] for name in ("hansho", RESTORED))
    expect([key["AttributeName"] for key in new["KeySchema"]] == [key["AttributeName"] for key in old["KeySchema"]], new["KeySchema"])


def switched(guide):
    """the restored table takes the old one's place: it is changed and not replaced, and a page goes through it"""
    (guide.folder / "infra" / "restored.auto.tfvars").write_text(f'table_name = "{RESTORED}"\n')
    run(guide, PAUSE)
    run(guide, FORGET)
    run(guide, IMPORT)
    said = run(guide, PLAN)
    expect(f"# {ADDRESS} will be updated in-place" in said, said[-3000:])
    said = run(guide, APPLY, YES)
    expect("Apply complete!" in said, said[-3000:])
    table = guide.emulator.client("dynamodb").describe_table(TableName=RESTORED)["Table"]
    expect(table["StreamSpecification"]["StreamEnabled"] and table["DeletionProtectionEnabled"], table)
    sources = {m["EventSourceArn"] for m in guide.emulator.client("lambda").list_event_source_mappings()["EventSourceMappings"] if ":dynamodb:" in m["EventSourceArn"]}
    expect(all(f":table/{RESTORED}/stream/" in source for source in sources) and sources, f"the stream of {sources} is read")
    run(guide, GO_ON)


def looked_at(guide):
    """after the switch `hansho doctor` names the restored table, the versions are there, and an alarm pages"""
    emulator = guide.emulator
    # In the middle of the switch roles have the new table and functions still the old one: what comes then is refused, and tried again.
    switching = len(emulator.decisions())
    said = run(guide, DOCTOR, expected=(0, 1))
    expect(RESTORED in said, said)
    expect(re.search(r"\d", run(guide, VERSIONS)), "there is no version")
    run(guide, FOLDER, expected=(0, 1, 2))
    before = len(emulator.texts(PHONES["emi"]))
    emulator.invoke("hansho-alarm-intake", direct_alarm("search-latency", "search", now()))
    eventually("emi is texted", lambda: len(emulator.texts(PHONES["emi"])) > before, 120)
    refused = [d for d in emulator.decisions()[switching:] if not d["allowed"]]
    expect(not refused, f"refused: {refused[-3:]}")


def let_go(guide):
    """the restored table leaves what was due before while new alarms page, and `hansho resume` lets it go"""
    emulator = guide.emulator
    said = emulator.invoke("hansho-sweeper", MINUTE)
    expect(said["paused_until"] and said["heartbeat"], f"nobody has noticed that the table is a restored one: {said}")
    expect("is a restored one" in run(guide, DOCTOR, expected=(0, 1)), "the doctor says nothing of it")
    expect("works on what was due before" in run(guide, RESUME), "it was not let go")
    said = emulator.invoke("hansho-sweeper", MINUTE)
    expect(said["paused_until"] is None and said["left"] == 0, said)
    expect("Nothing was paused" in run(guide, RESUME), "there is something more to let go")


def evaluated_again(guide):
    """an alarm that is on is found and evaluated once more, which runs its actions"""
    client = guide.emulator.client("cloudwatch")
    alarm = {"AlarmName": "checkout-5xx", "Namespace": "x", "MetricName": "y", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1, "Statistic": "Sum"}
    client.put_metric_alarm(**alarm, ComparisonOperator="GreaterThanThreshold", TreatMissingData="ignore")
    try:
        client.set_alarm_state(AlarmName="checkout-5xx", StateValue="ALARM", StateReason="test")
        expect("checkout-5xx" in run(guide, ALARMS), "it is not found")
        run(guide, AGAIN)
        state = client.describe_alarms(AlarmNames=["checkout-5xx"])["MetricAlarms"][0]["StateValue"]
        expect(state == "INSUFFICIENT_DATA", state)
    finally:
        client.delete_alarms(AlarmNames=["checkout-5xx"])


def the_old_one_goes(guide):
    """the old table is deleted once its protection is off, and not before"""
    tables = guide.emulator.client("dynamodb")
    try:
        tables.delete_table(TableName="hansho")
        raise AssertionError("it is not protected")
    except tables.exceptions.ClientError as error:
        expect("protection" in str(error), error)
    run(guide, UNPROTECT)
    run(guide, DELETE)
    eventually("it is gone", lambda: "hansho" not in tables.list_tables()["TableNames"])


def what_differs():
    """What the page says of a standby's own variables."""
    blocks = re.findall(r"^```hcl\n(.*?)^```", RECOVERY.path.read_text(), re.DOTALL | re.MULTILINE)
    expect(len(blocks) == 1, f"{RECOVERY.path} has {len(blocks)} blocks of settings")
    return blocks[0]


def a_standby(guide):
    """a second Region is planned in a workspace of its own, with nothing of the first one's, its link key by itself before all else; other plans stay the first Region's"""
    (guide.folder / "infra" / "standby.tfvars").write_text(what_differs())
    run(guide, WORKSPACE)
    run(guide, FIRST_REGION)
    expect(guide.stack.run("workspace", "show").strip() == "default", "the next apply would be the standby's")
    first, variables = guide.stack.environment, ("-var", "region=ap-southeast-1", "-var-file=standby.tfvars")
    guide.stack.environment = first | {"TF_WORKSPACE": "standby"}
    try:
        begun = changes(guide.stack.plan(*variables, "-target=aws_ssm_parameter.link_key"))
        expect({address: change["actions"] for address, change in begun.items()} == {"aws_ssm_parameter.link_key": ["create"]}, begun)
        plan = guide.stack.plan(*variables, "-refresh=false")
    finally:
        guide.stack.environment = first
    planned = changes(plan)
    expect(all(change["actions"] in (["create"], ["read"]) for change in planned.values()), "something of the first Region would be changed")
    text = json.dumps(resources(plan))
    expect("hansho-sg" in text and not re.search(rf"{REGION}:{ACCOUNT}:\w+:hansho-(?!sg)", text), "it names something of the first Region")


ON_PAPER = [every_command_has_its_place]
ALL = [a_copy_of_the_key, taken_over, a_standby, restored, switched, looked_at, let_go, evaluated_again, the_old_one_goes]
