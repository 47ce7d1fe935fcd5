"""What Terraform says and what the code says is the same: the table, the functions' sizes, what is read and kept, and who is told."""

import json
import pathlib
import re
import tomllib

import watching
from emulator import expect
from ministack.services import eventbridge
from terraform import ROOT, kind_of, resources

SAMPLES = ROOT / "events" / "alarm-intake"
DOCUMENT = ROOT / "docs" / "access-patterns.md"


def table_of_the_code():
    """The keys of the table and of its indexes, as docs/access-patterns.md has them; tests/tests/access_patterns.rs holds that equal
    with what the store makes."""
    text = DOCUMENT.read_text()
    block = text[text.index("<!-- indexes:") : text.index("<!-- end of indexes -->")]
    rows = re.findall(r"^\| (?:index `(\w+)`|(table)) \| `(\w+)` \((\w)\) \| `(\w+)` \((\w)\) \| ([\w ]+) \|$", block, re.MULTILINE)
    expect(len(rows) >= 2, f"{DOCUMENT} has no table of indexes")
    return {index or table: ((partition, kind), (sort, sort_kind), projection) for index, table, partition, kind, sort, sort_kind, projection in rows}


def table_of_terraform(plan):
    table = resources(plan)["module.table.aws_dynamodb_table.this"]
    kinds = {attribute["name"]: attribute["type"] for attribute in table["attribute"]}
    found = {"table": (table["hash_key"], table["range_key"], "everything")}
    for index in table["global_secondary_index"]:
        found[index["name"]] = (index["hash_key"], index["range_key"], index["projection_type"])
    return {name: ((hash_key, kinds[hash_key]), (sort, kinds[sort]), projection) for name, (hash_key, sort, projection) in found.items()}, table


def table(plan):
    """the table is the one that the store makes"""
    found, whole = table_of_terraform(plan)
    expect(found == table_of_the_code(), f"Terraform: {found}; the code: {table_of_the_code()}")
    source = (ROOT / "shared" / "store" / "src" / "table.rs").read_text()
    expect(f'.attribute_name("{whole["ttl"][0]["attribute_name"]}")' in source, "time to live goes by another attribute than in table.rs")
    expect(whole["billing_mode"] == "PAY_PER_REQUEST" and "BillingMode::PayPerRequest" in source, "it is not on demand")


def functions(plan):
    """memory and time of each function are those of its Cargo.toml, which cargo-lambda sets"""
    planned = {
        values["function_name"].removeprefix("hansho-"): (values["memory_size"], values["timeout"], values["tracing_config"][0]["mode"].lower())
        for address, values in resources(plan).items()
        if ".aws_lambda_function.this" in address
    }
    written = {}
    for manifest in sorted((ROOT / "functions").glob("*/Cargo.toml")):
        deploy = tomllib.loads(manifest.read_text())["package"]["metadata"]["lambda"]["deploy"]
        written[manifest.parent.name] = (deploy["memory"], deploy["timeout"], deploy["tracing"])
    expect(planned == written, f"Terraform: {planned}; Cargo.toml: {written}")


def queues(plan):
    """a message is hidden for as long as its function says"""
    for function, queue in (("delivery", "module.delivery_queue"), ("incident-manager-bridge", "module.bridge_queue[0]")):
        source = (ROOT / "functions" / function / "src" / "lib.rs").read_text()
        seconds = int(re.search(r"VISIBILITY_SECONDS: u32 = (\d+);", source).group(1))
        planned = resources(plan)[f"{queue}.aws_sqs_queue.this"]["visibility_timeout_seconds"]
        expect(planned == seconds, f"messages of {function} are hidden for {planned} and not {seconds} seconds")


def settings(plan):
    """every setting that a function asks for is one that Terraform or Lambda sets, and every one that Terraform sets is asked for"""
    asked = set()
    for folder in ("functions", "shared"):
        for file in sorted((ROOT / folder).rglob("*.rs")):
            asked |= set(re.findall(r'"(HANSHO_[A-Z_]+)"', file.read_text()))
    # What a function reads of an address or a file on one machine only.
    local_only = {"HANSHO_LINK_KEY", "HANSHO_LINK_KEY_FILE"}
    given = set()
    for file in sorted((ROOT / "infra").glob("*.tf")):
        given |= set(re.findall(r"\b(HANSHO_[A-Z_]+)\b", pathlib.Path(file).read_text()))
    expect(asked - local_only <= given, f"Terraform does not set {sorted(asked - local_only - given)}")
    known = asked | {f"{name}_PARAMETER" for name in local_only}
    expect(given <= known, f"no function asks for {sorted(given - known)}")


def watched(plan):
    """whatever may fail has an alarm, and alarms on Hansho reach people by no way of Hansho"""
    planned = resources(plan)
    alarms = {address.split('"')[1] for address in planned if address.startswith("module.watch.aws_cloudwatch_metric_alarm.this[")}
    all_functions = {path.parent.name for path in (ROOT / "functions").glob("*/Cargo.toml")}
    wanted = {f"{function}-{trouble}" for function in all_functions for trouble in ("errors", "throttles")}
    queues_of = {address.split(".")[1].split("[")[0].replace("_", "-") for address in planned if address.endswith(".aws_sqs_queue.dead_letters[0]")}
    wanted |= {f"{function}-{trouble}" for function in queues_of for trouble in ("dead-letters", "destinations")}
    wanted |= {"heartbeat", "stream", "deliveries", "iterator-age", "scheduler", "scheduler-beat", "sweeper-rule", "unknown-parts", "paused", "http", "sms-spend", "bounces", "complaints"}
    expect(wanted <= alarms, f"there is no alarm {sorted(wanted - alarms)}")
    for name in sorted(f"{function}-dead-letters" for function in queues_of):
        said = planned[f'module.watch.aws_cloudwatch_metric_alarm.this["{name}"]']["alarm_description"]
        expect("`hansho dead-letters --region" in said, f"{name} does not say how dead letters are read: {said}")
    for name in ("heartbeat", "scheduler-beat"):
        missing = planned[f'module.watch.aws_cloudwatch_metric_alarm.this["{name}"]']["treat_missing_data"]
        expect(missing == "breaching", f"what {name} does not count is {missing}")
    ways = {v["protocol"] for a, v in planned.items() if a.startswith("module.watch.module.operators.aws_sns_topic_subscription.operators[")}
    expect(ways and ways <= {"email", "sms", "https"}, f"operators are told by {ways}")
    metrics = set(re.findall(r'"(Sweep\w+|Swept\w+)"', (ROOT / "functions" / "sweeper" / "src" / "lib.rs").read_text()))
    metrics |= set(re.findall(r'"(Canary\w+)"', (ROOT / "functions" / "delivery" / "src" / "canary.rs").read_text()))
    metrics |= set(re.findall(r'"(Bridge\w+)"', (ROOT / "functions" / "incident-manager-bridge" / "src" / "poll.rs").read_text()))
    measured = [watching.measured(v) for a, v in planned.items() if "aws_cloudwatch_metric_alarm." in a]
    looked_at = {alarm["metric_name"] for alarm in measured if alarm["namespace"] == "Hansho"}
    expect(looked_at and looked_at <= metrics, f"nobody counts {sorted(looked_at - metrics)}; counted are {sorted(metrics)}")
    # Only to be looked at: how long the canary took, and for how many deadlines the sweeper stood in.
    unwatched = metrics - looked_at - {"CanarySeconds", "SweptDeadlines"}
    expect(not unwatched, f"no alarm looks at {sorted(unwatched)}")


def first_apply(plan):
    """every alarm on Hansho itself tells operators when it is on, and none does in OK, which CloudWatch says of each that was just made; what is over is told to no phone"""
    made = {change["address"]: change["change"] for change in plan["resource_changes"] if change["type"] == "aws_cloudwatch_metric_alarm"}
    expect(len(made) > 40, f"there are only {sorted(made)}")
    for address, change in made.items():
        # The topics are known once they are made.
        names = [name for name in ("alarm_actions", "ok_actions", "insufficient_data_actions") if change["after"].get(name) or change["after_unknown"].get(name)]
        expect(names == ["alarm_actions"], f"{address} has {names}")
    ways = {v["protocol"] for a, v in resources(plan).items() if a.startswith("module.watch.module.operators.aws_sns_topic_subscription.ok[")}
    expect(ways == {"email"}, f"what is over is told by {ways}")


def mappings(plan):
    """the stream's readers get only rows of their own, halve a batch that fails, give up after a few tries and leave what failed; every reader fails for single rows only"""
    found = {address: v for address, v in resources(plan).items() if kind_of(address) == "aws_lambda_event_source_mapping"}
    streams = {address: v for address, v in found.items() if v["starting_position"]}
    expect(len(found) == 5 and len(streams) == 2, f"{sorted(found)} read, {sorted(streams)} of them a stream")
    for address, mapping in found.items():
        expect(mapping["function_response_types"] == ["ReportBatchItemFailures"], f"{address} fails for whole batches")
    for address, mapping in streams.items():
        expect(mapping["bisect_batch_on_function_error"] and 0 < mapping["maximum_retry_attempts"] <= 5, f"{address} is held up by what can not be read")
        expect(mapping["destination_config"][0]["on_failure"] is not None, f"{address} loses what it gives up")
    wanted = {"aws_lambda_event_source_mapping.stream": '{"entity":{"S":["OUTBOX","NOTICE"]}}', "aws_lambda_event_source_mapping.bridge_stream[0]": '{"sk":{"S":[{"prefix":"ENTRY#"}]}}'}
    for address, rows in wanted.items():
        pattern = streams[address]["filter_criteria"][0]["filter"][0]["pattern"]
        expect(rows in pattern and json.loads(pattern)["eventName"] == ["INSERT"], f"{address} reads {pattern}")


def what_is_kept(plan):
    """the table is restored to any second and refuses to be deleted; logs and mails end some day; mails are for nobody else; whatever has tags says whose it is"""
    planned = resources(plan)
    table = planned["module.table.aws_dynamodb_table.this"]
    expect(table["deletion_protection_enabled"] and table["point_in_time_recovery"][0]["enabled"] and table["ttl"][0]["enabled"] and table["stream_enabled"], table)
    logs = {address: v["retention_in_days"] for address, v in planned.items() if kind_of(address) == "aws_cloudwatch_log_group"}
    expect(len(logs) >= 9 and all(logs.values()), f"logs are kept for {logs}")
    bucket = {kind_of(address): v for address, v in planned.items() if kind_of(address).startswith("aws_s3_bucket")}
    closed = bucket["aws_s3_bucket_public_access_block"]
    expect(all(closed[name] for name in ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")), closed)
    expect(bucket["aws_s3_bucket_server_side_encryption_configuration"]["rule"][0]["apply_server_side_encryption_by_default"][0]["sse_algorithm"] == "AES256", bucket)
    expect(bucket["aws_s3_bucket_lifecycle_configuration"]["rule"][0]["expiration"][0]["days"] == 30, bucket)
    untagged = [address for address, v in planned.items() if "tags_all" in v and not {"Application": "hansho", "Deployment": "hansho"}.items() <= (v["tags_all"] or {}).items()]
    expect(not untagged, f"on a bill nobody knows whose {untagged} are")


def events(plan):
    """every sample of an event of AWS is let in by a rule, whether it opens an incident or ends one; Hansho's own alarms and small findings are not"""
    rules = {values["event_pattern"] for address, values in resources(plan).items() if address.startswith("module.sources.aws_cloudwatch_event_rule.this[")}

    def is_let_in(event):
        asked = [eventbridge._test_event_pattern({"EventPattern": rule, "Event": json.dumps(event)}) for rule in rules]
        return any(json.loads(body)["Result"] for _, _, body in asked)

    samples = {file.name: json.loads(file.read_text()) for kind in ("alarm", "ok") for file in SAMPLES.glob(f"{kind}-eventbridge-*.json")}
    expect(len(samples) >= 3, f"there are only {sorted(samples)}")
    kept_out = [name for name, event in samples.items() if not is_let_in(event)]
    expect(not kept_out, f"no rule lets in {sorted(kept_out)}")
    own = samples["alarm-eventbridge-metric.json"]
    expect(not is_let_in(own | {"detail": own["detail"] | {"alarmName": "hansho: heartbeat"}}), "Hansho's own alarms go round in a circle")
    finding = {"id": "1", "source": "aws.guardduty", "detail-type": "GuardDuty Finding", "detail": {"severity": 2, "service": {"archived": False}}}
    expect(not is_let_in(finding), "a finding that nobody asked for is let in")


ALL = [table, functions, queues, settings, mappings, what_is_kept, watched, first_apply, events]
