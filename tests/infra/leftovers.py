"""What a teardown has to leave: nothing of whatever the deployment can make, nor of what AWS makes because of it."""

import dataclasses
import re

from emulator import expect
from terraform import ROOT, kind_of, resources


@dataclasses.dataclass(frozen=True)
class Listing:
    """How names of one kind are listed: the call, where they stand in its answer, and what every account has without anybody having made it."""

    service: str
    operation: str
    path: tuple
    but: str = "(?!)"
    arguments: dict = dataclasses.field(default_factory=dict)

    def names(self, client):
        return sorted(self.without_own(found_at(self.path, getattr(client(self.service), self.operation)(**self.arguments))))

    def without_own(self, names):
        return [name for name in map(str, names) if not re.search(self.but, name)]


class OfEachBus(Listing):
    """The same for every event bus."""

    def names(self, client):
        events = client(self.service)
        buses = found_at(("EventBuses", "Name"), events.list_event_buses())
        return sorted(name for bus in buses for name in found_at(self.path, getattr(events, self.operation)(EventBusName=bus)))


def found_at(path, answer):
    """The values at a path; where a list stands on it, of each of its members."""
    found = [answer]
    for key in path:
        found = [value for one in found for value in listed(one.get(key))]
    return found


def listed(value):
    return value if isinstance(value, list) else [] if value is None else [value]


# Every kind of what Terraform makes here, and what AWS makes because of it: how it is listed.
KINDS = {
    "functions": Listing("lambda", "list_functions", ("Functions", "FunctionName")),
    "event source mappings": Listing("lambda", "list_event_source_mappings", ("EventSourceMappings", "UUID")),
    "roles": Listing("iam", "list_roles", ("Roles", "RoleName"), but="^AWSServiceRoleFor"),
    "policies": Listing("iam", "list_policies", ("Policies", "PolicyName"), arguments={"Scope": "Local"}),
    # SNS makes a group for text messages that it could send, and one for those that it could not.
    "logs": Listing("logs", "describe_log_groups", ("logGroups", "logGroupName")),
    "tables": Listing("dynamodb", "list_tables", ("TableNames",)),
    "queues": Listing("sqs", "list_queues", ("QueueUrls",)),
    "topics": Listing("sns", "list_topics", ("Topics", "TopicArn")),
    "subscriptions": Listing("sns", "list_subscriptions", ("Subscriptions", "SubscriptionArn")),
    "schedules": Listing("scheduler", "list_schedules", ("Schedules", "Name")),
    "schedule groups": Listing("scheduler", "list_schedule_groups", ("ScheduleGroups", "Name"), but="^default$"),
    "event buses": Listing("events", "list_event_buses", ("EventBuses", "Name"), but="^default$"),
    "rules": OfEachBus("events", "list_rules", ("Rules", "Name")),
    "connections": Listing("events", "list_connections", ("Connections", "Name")),
    "API destinations": Listing("events", "list_api_destinations", ("ApiDestinations", "Name")),
    "APIs": Listing("apigatewayv2", "get_apis", ("Items", "Name")),
    "domain names": Listing("apigatewayv2", "get_domain_names", ("Items", "DomainName")),
    "certificates": Listing("acm", "list_certificates", ("CertificateSummaryList", "DomainName")),
    "hosted zones": Listing("route53", "list_hosted_zones", ("HostedZones", "Name")),
    "alarms": Listing("cloudwatch", "describe_alarms", ("MetricAlarms", "AlarmName")),
    "dashboards": Listing("cloudwatch", "list_dashboards", ("DashboardEntries", "DashboardName")),
    "mail identities": Listing("sesv2", "list_email_identities", ("EmailIdentities", "IdentityName")),
    "configuration sets": Listing("sesv2", "list_configuration_sets", ("ConfigurationSets",)),
    "receipt rule sets": Listing("ses", "list_receipt_rule_sets", ("RuleSets", "Name")),
    "active receipt rule set": Listing("ses", "describe_active_receipt_rule_set", ("Metadata", "Name")),
    "buckets": Listing("s3", "list_buckets", ("Buckets", "Name")),
    "parameters": Listing("ssm", "describe_parameters", ("Parameters", "Name")),
    "secrets": Listing("secretsmanager", "list_secrets", ("SecretList", "Name")),
    "CloudFormation stacks": Listing("cloudformation", "describe_stacks", ("Stacks", "StackName")),
    "keys": Listing("kms", "list_aliases", ("Aliases", "AliasName"), but="^alias/aws/"),
}

# Which kind a resource of Terraform's is, or goes with. One that is nowhere here fails the test.
KIND_OF = {
    "aws_lambda_function": "functions",
    "aws_lambda_alias": "functions",
    "aws_lambda_permission": "functions",
    "aws_lambda_function_event_invoke_config": "functions",
    "aws_lambda_function_url": "functions",
    "aws_lambda_event_source_mapping": "event source mappings",
    # It calls a function, and what that has written goes with the table.
    "aws_lambda_invocation": "tables",
    "aws_dynamodb_table": "tables",
    "aws_iam_role": "roles",
    "aws_iam_role_policy": "roles",
    "aws_cloudwatch_log_group": "logs",
    "aws_cloudwatch_log_subscription_filter": "logs",
    "aws_cloudwatch_metric_alarm": "alarms",
    "aws_cloudwatch_dashboard": "dashboards",
    "aws_cloudwatch_event_bus": "event buses",
    "aws_cloudwatch_event_bus_policy": "event buses",
    "aws_cloudwatch_event_rule": "rules",
    "aws_cloudwatch_event_target": "rules",
    "aws_cloudwatch_event_connection": "connections",
    "aws_cloudwatch_event_api_destination": "API destinations",
    "aws_scheduler_schedule_group": "schedule groups",
    "aws_scheduler_schedule": "schedules",
    "aws_sqs_queue": "queues",
    "aws_sqs_queue_policy": "queues",
    "aws_sns_topic": "topics",
    "aws_sns_topic_policy": "topics",
    "aws_sns_topic_subscription": "subscriptions",
    "aws_apigatewayv2_api": "APIs",
    "aws_apigatewayv2_integration": "APIs",
    "aws_apigatewayv2_route": "APIs",
    "aws_apigatewayv2_stage": "APIs",
    "aws_apigatewayv2_domain_name": "domain names",
    "aws_apigatewayv2_api_mapping": "domain names",
    "aws_acm_certificate": "certificates",
    "aws_acm_certificate_validation": "certificates",
    # They stand in a zone that is somebody else's.
    "aws_route53_record": "hosted zones",
    "aws_sesv2_email_identity": "mail identities",
    "aws_sesv2_email_identity_mail_from_attributes": "mail identities",
    "aws_sesv2_configuration_set": "configuration sets",
    "aws_sesv2_configuration_set_event_destination": "configuration sets",
    "aws_ses_receipt_rule_set": "receipt rule sets",
    "aws_ses_receipt_rule": "receipt rule sets",
    "aws_ses_active_receipt_rule_set": "active receipt rule set",
    "aws_s3_bucket": "buckets",
    "aws_s3_bucket_lifecycle_configuration": "buckets",
    "aws_s3_bucket_ownership_controls": "buckets",
    "aws_s3_bucket_policy": "buckets",
    "aws_s3_bucket_public_access_block": "buckets",
    "aws_s3_bucket_server_side_encryption_configuration": "buckets",
    "aws_ssm_parameter": "parameters",
    "aws_cloudformation_stack": "CloudFormation stacks",
}
# A setting of the account, which goes back to AWS's own; and what is in the state only.
NOTHING = {"aws_sns_sms_preferences", "terraform_data"}


def left(client):
    """What is there, by its kind."""
    found = {kind: listing.names(client) for kind, listing in KINDS.items()}
    return {kind: names for kind, names in found.items() if names}


def zone(emulator):
    """The id of a hosted zone that is there before, as a domain that somebody owns."""
    made = emulator.client("route53").create_hosted_zone(Name="example.com", CallerReference="tests/infra")
    return made["HostedZone"]["Id"].rsplit("/", 1)[-1]


def nothing_is_left(stack, emulator):
    """after `destroy` there is nothing of any kind that the deployment can make, and no log that AWS has made because of it"""
    expect(stack.run("state", "list").strip() == "", "the state still has resources")
    found = left(emulator.client)
    expect(found.pop("hosted zones", None) == ["example.com."], "the zone that was there before is gone")
    expect(not found, f"left: {found}")
    for zone in emulator.client("route53").list_hosted_zones()["HostedZones"]:
        records = emulator.client("route53").list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
        others = [record["Name"] for record in records if record["Type"] not in ("NS", "SOA")]
        expect(not others, f"in the zone there are still {others}")


def everything_is_looked_for(plan):
    """whatever the deployment can make is of a kind that is looked for after `destroy`"""
    planned = {kind_of(address) for address in resources(plan) if "data." not in address}
    written = set(re.findall(r'^resource "(\w+)"', "\n".join(file.read_text() for file in (ROOT / "infra").rglob("*.tf")), re.MULTILINE))
    unknown = (planned | written) - set(KIND_OF) - NOTHING
    expect(not unknown, f"nobody looks for {sorted(unknown)}")
    expect(set(KIND_OF.values()) <= set(KINDS), f"nobody lists {sorted(set(KIND_OF.values()) - set(KINDS))}")
    gone = set(KIND_OF) - written
    expect(not gone, f"nobody makes {sorted(gone)} any more")


def whatever_is_left_is_found():
    """one thing of any kind that a teardown has left is found; what every account has is not"""
    expect(not left(Account({}).client), "in an empty account something is left")
    for kind, listing in KINDS.items():
        planted = {(listing.service, listing.operation): answer(listing.path, "of-hansho")}
        if isinstance(listing, OfEachBus):
            planted["events", "list_event_buses"] = {"EventBuses": [{"Name": "default"}]}
        found = left(Account(planted).client)
        expect(found == {kind: ["of-hansho"]}, f"{found} is found, and planted was one of {kind}")
    own = {("events", "list_event_buses"): {"EventBuses": [{"Name": "default"}]}, ("kms", "list_aliases"): {"Aliases": [{"AliasName": "alias/aws/ssm"}]}}
    expect(not left(Account(own).client), "what every account has is found")


def answer(path, name):
    """What a listing answers that has one name at a path."""
    for key in reversed(path):
        name = {key: [name]}
    return name


class Account:
    """An account that answers each call as was planted, and everything else with nothing."""

    def __init__(self, planted):
        self.planted = planted

    def client(self, service):
        return Service(self.planted, service)


class Service:
    """What a client of one service looks like from here."""

    def __init__(self, planted, name):
        self.planted, self.name = planted, name

    def __getattr__(self, operation):
        return lambda **arguments: self.planted.get((self.name, operation), {})


ON_PAPER = [whatever_is_left_is_found]
