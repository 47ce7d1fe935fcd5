"""ministack, with a record of its decisions: a JSON line for every call of a role that was allowed or refused.

    server.py RECORD

It listens where GATEWAY_PORT and BIND_HOST say, and has to run with AUTH=true, or nothing is decided.
"""

import json
import runpy
import sys
import threading

from ministack.core import iam_actions, iam_evaluator

LOCK = threading.Lock()


def recording(enforce, record):
    def enforce_and_tell(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        refusal = enforce(access_key_id, iam_action, service, region, resource_arn=resource_arn, service_context=service_context)
        caller = iam_evaluator.resolve_caller_identity(access_key_id) or {}
        arn = caller.get("userArn", "")
        if ":assumed-role/" in arn:
            role = arn.split(":assumed-role/")[1].split("/")[0]
            line = json.dumps({"role": role, "action": iam_action, "resource": resource_arn, "allowed": refusal is None})
            with LOCK:
                record.write(line + "\n")
                record.flush()
        return refusal

    return enforce_and_tell


def with_schedule_groups(extract_resource_arn):
    """ministack looks for the group of a schedule in the query, where CreateSchedule does not have it: it is in the body."""

    def extract(service, method, path, headers, body, *rest):
        arn = extract_resource_arn(service, method, path, headers, body, *rest)
        if service == "scheduler" and ":schedule/default/" in arn and body:
            group = json.loads(body).get("GroupName", "default")
            return arn.replace(":schedule/default/", f":schedule/{group}/")
        return arn

    return extract


if __name__ == "__main__":
    iam_evaluator.enforce = recording(iam_evaluator.enforce, open(sys.argv[1], "a"))
    iam_actions.extract_resource_arn = with_schedule_groups(iam_actions.extract_resource_arn)
    sys.argv = ["ministack"]
    runpy.run_module("ministack", run_name="__main__", alter_sys=True)
