"""The intake's work as a Python function: an alarm in, an incident with its outbox rows out, in one transaction."""

import datetime
import hashlib
import json
import os
import uuid

import boto3

TABLE = os.environ["HANSHO_TABLE"]
dynamodb = boto3.client("dynamodb")


def handle(event, context):
    alarm = event["alarmData"]
    key = hashlib.sha256(event["alarmArn"].encode()).hexdigest()
    pointer = {"pk": {"S": f"BENCH#DEDUP#{key}"}, "sk": {"S": "POINTER"}}
    configuration = dynamodb.get_item(TableName=TABLE, Key={"pk": {"S": "CONFIGURATION"}, "sk": {"S": "CURRENT"}}, ConsistentRead=True)
    known = dynamodb.get_item(TableName=TABLE, Key=pointer, ConsistentRead=True).get("Item")
    if known:
        return {"result": "repeated", "incident": known["incident"]["S"]}
    incident = uuid.uuid4().hex
    open_incident(incident, alarm, event, pointer, version=configuration.get("Item", {}))
    return {"result": "opened", "incident": incident}


def open_incident(incident, alarm, event, pointer, version):
    now = datetime.datetime.now(datetime.timezone.utc).isoformat()
    partition = f"BENCH#INCIDENT#{incident}"
    body = {
        "title": alarm["alarmName"],
        "details": alarm["state"]["reason"],
        "description": alarm["configuration"].get("description", ""),
        "occurred_at": alarm["state"]["timestamp"],
        "opened_at": now,
        "phase": "triggered",
        "configuration": len(version),
    }
    items = [
        {**pointer, "incident": {"S": incident}},
        item(partition, "META", body),
        item(partition, "ENTRY#0000000001", {"at": now, "what": "opened"}),
        item(partition, "ALERT#1", event),
        item(partition, "OUTBOX#0000000001#0000", {"arm_timer": now}),
        item(partition, "OUTBOX#0000000001#0001", {"notify": "first"}),
    ]
    condition = "attribute_not_exists(pk)"
    puts = [{"Put": {"TableName": TABLE, "Item": each, "ConditionExpression": condition}} for each in items]
    dynamodb.transact_write_items(TransactItems=puts)


def item(partition, sort, body):
    return {"pk": {"S": partition}, "sk": {"S": sort}, "body": {"S": json.dumps(body, ensure_ascii=False)}}
