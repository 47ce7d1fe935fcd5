"""ministack, with a record of its decisions: a JSON line for every call of a role that was allowed or refused.

    server.py RECORD

It listens where GATEWAY_PORT and BIND_HOST say, and has to run with AUTH=true, or nothing is decided. Where it looks at a request otherwise
than AWS does, it is put right below; each of these says what AWS does.
"""

import collections
import contextvars
import json
import re
import runpy
import sys
import threading

import ministack.app
from hypercorn.config import Config
from ministack.core import iam_actions, iam_evaluator
from ministack.services import eventbridge, lambda_svc

# Longer than any connection of a test is idle, and more than is asked on it.
CONNECTION_SECONDS = 6 * 3600
CONNECTION_REQUESTS = 10**9
# How many answers are kept for whoever asks once more.
ANSWERS = 1000
LOCK = threading.Lock()
SENDER = contextvars.ContextVar("SENDER", default=None)
CONFIGURATION_SET = contextvars.ContextVar("CONFIGURATION_SET", default=None)


def recording(enforce, record):
    """Writes down what is decided about a role; roles assumed otherwise than by a function are none of the deployment's."""

    def enforce_and_tell(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        refusal = decided(access_key_id, iam_action, service, region, resource_arn, service_context)
        if iam_action == "ses:SendEmail" and refusal is None and CONFIGURATION_SET.get():
            of_set = f"{resource_arn.split(':identity/')[0]}:configuration-set/{CONFIGURATION_SET.get()}"
            refusal = decided(access_key_id, iam_action, service, region, of_set, service_context)
        return refusal

    def decided(access_key_id, iam_action, service, region, resource_arn, service_context):
        context = dict(service_context or {})
        if iam_action == "ses:SendEmail":
            context["ses:FromAddress"] = SENDER.get()
        refusal = enforce(access_key_id, iam_action, service, region, resource_arn=resource_arn, service_context=context)
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


def naming(extract_resource_arn):
    """The group of a schedule is in the body of CreateSchedule (Scheduler API reference), and a mail is sent as the identity of its sender's
    domain and by a configuration set, which both have to be allowed (SES developer guide, "Controlling access to Amazon SES")."""

    def extract(service, method, path, headers, body, query_params, region, account_id):
        arn = extract_resource_arn(service, method, path, headers, body, query_params, region, account_id)
        if service == "scheduler" and ":schedule/default/" in arn and body:
            group = json.loads(body).get("GroupName", "default")
            return arn.replace(":schedule/default/", f":schedule/{group}/")
        if service == "ses" and path.endswith("/outbound-emails") and body:
            mail = json.loads(body)
            sender = mail.get("FromEmailAddress", "").split("<")[-1].rstrip(">")
            SENDER.set(sender)
            CONFIGURATION_SET.set(mail.get("ConfigurationSetName"))
            return f"arn:aws:ses:{region}:{account_id}:identity/{sender.split('@')[-1]}"
        return arn

    return extract


def asking(lambda_action):
    """To ask for the concurrency of a function is another permission than to set it, and to ask for one mapping another than to list them
    (Lambda API reference, GetFunctionConcurrency and GetEventSourceMapping)."""

    def action(method, path):
        if method == "GET" and path.rstrip("/").endswith("/concurrency"):
            return "GetFunctionConcurrency"
        if method == "GET" and re.search(r"/event-source-mappings/[^/]+$", path):
            return "GetEventSourceMapping"
        return lambda_action(method, path)

    return action


def kept():
    """Terraform keeps a connection for 90 seconds, and ministack has hypercorn close it after 75. A request that comes in that moment may be
    carried out and not answered; the provider then asks once more, and what can be made once only is there already ("The statement id provided
    already exists"). So connections are not closed here, whatever is set."""
    return property(lambda config: CONNECTION_SECONDS, lambda config, seconds: None)


def answering_again(app):
    """The SDKs number the tries of a call (`amz-sdk-invocation-id`, `amz-sdk-request: attempt=2`). What was carried out here and asked for
    once more gets the answer of the first time: on a loaded machine one is lost now and then, and whoever makes what can be made once only
    is told that it is there already."""
    kept = collections.OrderedDict()

    async def answer(scope, receive, send):
        headers = {name.decode(): value.decode() for name, value in scope.get("headers", [])}
        call = headers.get("amz-sdk-invocation-id")
        if scope["type"] != "http" or call is None:
            return await app(scope, receive, send)
        attempt = re.search(r"attempt=(\d+)", headers.get("amz-sdk-request", ""))
        if attempt and int(attempt[1]) > 1 and call in kept:
            print(f"the answer to {scope['method']} {scope['path']} was lost, and is given again", flush=True)
            for message in kept[call]:
                await send(message)
            return None
        messages = []

        async def keep(message):
            messages.append(message)
            if not message.get("more_body") and message["type"] == "http.response.body" and messages[0]["status"] < 300:
                kept[call] = messages
                while len(kept) > ANSWERS:
                    kept.popitem(last=False)
            await send(message)

        return await app(scope, receive, keep)

    return answer


def over_tls(resolve):
    """On AWS everything comes over TLS; on loopback nothing does."""
    return lambda key, context: "true" if key.lower() == "aws:securetransport" else resolve(key, context)


def of_aws(put_events):
    """CloudWatch and GuardDuty put events under names that nobody else may use; here a test does it for them."""
    return lambda data, allow_aws_source=False: put_events(data, allow_aws_source=True)


def with_versions(get_function):
    """Each version has its own code (Lambda API reference, GetFunction): its address names the version."""

    def get(name, qualifier=None):
        status, headers, body = get_function(name, qualifier)
        _, configuration = lambda_svc._get_func_record_for_qualifier(name, qualifier)
        if status == 200 and configuration["Version"] != "$LATEST":
            body = body.replace(f"/{name}?".encode(), f"/{name}:{configuration['Version']}?".encode())
        return status, headers, body

    return get


def of_versions(serve_function_code):
    """See `with_versions`."""

    def serve(name, account_id=None, region=None):
        name, _, version = name.partition(":")
        if not version:
            return serve_function_code(name, account_id, region)
        function = lambda_svc._functions.get_scoped(account_id, region, name)
        return 200, {"Content-Type": "application/zip"}, function["versions"][version]["code_zip"]

    return serve


if __name__ == "__main__":
    Config.keep_alive_timeout = kept()
    Config.keep_alive_max_requests = CONNECTION_REQUESTS
    ministack.app.app = answering_again(ministack.app.app)
    iam_evaluator.enforce = recording(iam_evaluator.enforce, open(sys.argv[1], "a"))
    iam_evaluator._resolve_condition_key = over_tls(iam_evaluator._resolve_condition_key)
    iam_actions._lambda_action = asking(iam_actions._lambda_action)
    iam_actions.extract_resource_arn = naming(iam_actions.extract_resource_arn)
    eventbridge._put_events = of_aws(eventbridge._put_events)
    lambda_svc._get_function = with_versions(lambda_svc._get_function)
    lambda_svc.serve_function_code = of_versions(lambda_svc.serve_function_code)
    sys.argv = ["ministack"]
    runpy.run_module("ministack", run_name="__main__", alter_sys=True)
