# What a plan says, without AWS: settings, refusals, and what is made for whom.

mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/hansho" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:ap-northeast-1:111122223333:queue", url = "https://sqs.ap-northeast-1.amazonaws.com/111122223333/queue" }
  }
  mock_resource "aws_dynamodb_table" {
    defaults = { arn = "arn:aws:dynamodb:ap-northeast-1:111122223333:table/hansho", stream_arn = "arn:aws:dynamodb:ap-northeast-1:111122223333:table/hansho/stream/2026" }
  }
  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:ap-northeast-1:111122223333:function:hansho", version = "1", code_sha256 = "built" }
  }
  mock_data "aws_lambda_function" {
    defaults = { code_sha256 = "built" }
  }
  mock_resource "aws_lambda_alias" {
    defaults = { arn = "arn:aws:lambda:ap-northeast-1:111122223333:function:hansho:live", invoke_arn = "arn:aws:apigateway:ap-northeast-1:lambda:path/2015-03-31/functions/x/invocations" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:ap-northeast-1:111122223333:log-group:hansho" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:ap-northeast-1:111122223333:hansho" }
  }
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:ap-northeast-1:111122223333:rule/hansho" }
  }
  mock_resource "aws_cloudwatch_event_bus" {
    defaults = { arn = "arn:aws:events:ap-northeast-1:111122223333:event-bus/hansho" }
  }
  mock_resource "aws_scheduler_schedule_group" {
    defaults = { arn = "arn:aws:scheduler:ap-northeast-1:111122223333:schedule-group/hansho" }
  }
  mock_resource "aws_apigatewayv2_api" {
    defaults = { execution_arn = "arn:aws:execute-api:ap-northeast-1:111122223333:a1b2c3", api_endpoint = "https://a1b2c3.execute-api.ap-northeast-1.amazonaws.com" }
  }
  mock_resource "aws_acm_certificate" {
    defaults = {
      arn = "arn:aws:acm:ap-northeast-1:111122223333:certificate/11112222-3333-4444-5555-666677778888"
      domain_validation_options = [
        { domain_name = "oncall.example.com", resource_record_name = "_x.oncall.example.com", resource_record_type = "CNAME", resource_record_value = "_y.acm-validations.aws" },
      ]
    }
  }
  mock_resource "aws_acm_certificate_validation" {
    defaults = { certificate_arn = "arn:aws:acm:ap-northeast-1:111122223333:certificate/11112222-3333-4444-5555-666677778888" }
  }
  mock_resource "aws_sesv2_email_identity" {
    defaults = { arn = "arn:aws:ses:ap-northeast-1:111122223333:identity/oncall.example.com" }
  }
  mock_resource "aws_sesv2_configuration_set" {
    defaults = { arn = "arn:aws:ses:ap-northeast-1:111122223333:configuration-set/hansho" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::hansho-mails" }
  }
  mock_resource "aws_cloudwatch_event_connection" {
    defaults = { arn = "arn:aws:events:ap-northeast-1:111122223333:connection/hansho-ping/11112222-3333-4444-5555-666677778888" }
  }
  mock_resource "aws_cloudwatch_event_api_destination" {
    defaults = { arn = "arn:aws:events:ap-northeast-1:111122223333:api-destination/hansho-ping/11112222-3333-4444-5555-666677778888" }
  }
  mock_resource "aws_cloudwatch_metric_alarm" {
    defaults = { arn = "arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:x" }
  }
}

variables {
  account_id = "111122223333"
  region     = "ap-northeast-1"
  packages   = "tests/packages"
  operators  = { email = ["operator@example.com"] }
}

run "the_least_that_can_be_said" {
  assert {
    condition     = output.url == "https://a1b2c3.execute-api.ap-northeast-1.amazonaws.com"
    error_message = "Without a domain the address is that of API Gateway."
  }
  assert {
    condition     = length(module.mail) == 0 && length(output.dns_records) == 0
    error_message = "Without a domain for mail there is none."
  }
  assert {
    condition     = output.function_url == null
    error_message = "A function URL is only made when it is asked for."
  }
  assert {
    condition     = output.alarm_action == "arn:aws:lambda:ap-northeast-1:111122223333:function:hansho:live"
    error_message = "Alarms name the alias."
  }
}

run "a_domain_is_served_from_its_root" {
  variables {
    domain  = "oncall.example.com"
    zone_id = "Z0123456789ABCDEFGHIJ"
  }

  assert {
    condition     = output.url == "https://oncall.example.com"
    error_message = "Links lead to the domain."
  }
  assert {
    condition     = length(output.dns_records) == 0
    error_message = "With a hosted zone nothing has to be entered by hand."
  }
}

run "a_certificate_of_ones_own_leaves_one_record" {
  variables {
    domain          = "oncall.example.com"
    certificate_arn = "arn:aws:acm:ap-northeast-1:111122223333:certificate/11112222-3333-4444-5555-666677778888"
  }

  assert {
    condition     = join(" ", [for record in output.dns_records : record.type if record.name == "oncall.example.com"]) == "CNAME"
    error_message = "Whoever keeps names elsewhere is told what to enter."
  }
}

run "mail_says_its_records" {
  variables {
    mail_domain               = "oncall.example.com"
    activate_receipt_rule_set = true
  }

  assert {
    # The three keys are SES's, and not mocked.
    condition     = join(" ", sort([for record in output.dns_records : "${record.name}/${record.type}"])) == "_dmarc.oncall.example.com/TXT bounce.oncall.example.com/MX bounce.oncall.example.com/TXT oncall.example.com/MX"
    error_message = "The return path, what may send, what is done with the others, and where mail goes."
  }
  assert {
    condition     = module.mail[0].dkim_domain == "dkim.amazonses.com"
    error_message = "SES finds its keys below the domain of the older Regions."
  }
  assert {
    # SES asks for the recipient's identity too, where that is verified in the account.
    condition = contains(flatten([for statement in local.sends_mails : statement.Resource]), "arn:aws:ses:ap-northeast-1:111122223333:identity/*") && alltrue([
      for statement in local.sends_mails : statement.Condition.StringEquals["ses:FromAddress"] == local.from_address
    ])
    error_message = "Mail may go to whoever is verified, and from one sender only."
  }
}

run "keys_of_mails_are_below_the_domain_of_their_region" {
  variables {
    region                    = "ap-northeast-3"
    mail_domain               = "oncall.example.com"
    activate_receipt_rule_set = true
  }

  assert {
    condition     = module.mail[0].dkim_domain == "dkim.ap-northeast-3.amazonses.com"
    error_message = "Elsewhere SES does not find its keys, and never verifies the domain."
  }
}

run "pages_and_mail_at_one_name_are_refused_where_dns_would_refuse_them" {
  command = plan
  variables {
    domain                    = "oncall.example.com"
    certificate_arn           = "arn:aws:acm:ap-northeast-1:111122223333:certificate/11112222-3333-4444-5555-666677778888"
    mail_domain               = "oncall.example.com"
    activate_receipt_rule_set = true
  }
  expect_failures = [var.domain]
}

run "with_a_hosted_zone_pages_and_mail_may_be_at_one_name" {
  command = plan
  variables {
    domain                    = "oncall.example.com"
    zone_id                   = "Z0123456789ABCDEFGHIJ"
    mail_domain               = "oncall.example.com"
    activate_receipt_rule_set = true
  }

  assert {
    condition     = output.url == "https://oncall.example.com" && length(output.dns_records) == 0
    error_message = "Route 53 has aliases, which stand beside an MX record."
  }
}

run "pages_and_mail_at_two_names_have_no_two_records_that_exclude_each_other" {
  variables {
    domain                    = "oncall.example.com"
    certificate_arn           = "arn:aws:acm:ap-northeast-1:111122223333:certificate/11112222-3333-4444-5555-666677778888"
    mail_domain               = "mail.oncall.example.com"
    activate_receipt_rule_set = true
  }

  assert {
    condition = alltrue([
      for cname in output.dns_records : length([for record in output.dns_records : record if record.name == cname.name]) == 1 if cname.type == "CNAME"
    ])
    error_message = "Nothing may stand beside a CNAME."
  }
}

run "an_active_rule_set_is_not_switched_off_by_the_way" {
  command = plan
  variables {
    mail_domain = "oncall.example.com"
  }
  expect_failures = [var.receipt_rule_set]
}

run "a_rule_set_is_either_named_or_made" {
  command = plan
  variables {
    mail_domain               = "oncall.example.com"
    receipt_rule_set          = "of-the-account"
    activate_receipt_rule_set = true
  }
  expect_failures = [var.receipt_rule_set]
}

run "a_domain_for_mail_that_is_an_address_is_refused" {
  command = plan
  variables {
    mail_domain    = "hansho@oncall.example.com"
    mail_receiving = false
  }
  expect_failures = [var.mail_domain]
}

run "mail_that_is_only_sent_needs_no_bucket" {
  variables {
    mail_domain    = "oncall.example.com"
    mail_receiving = false
  }

  assert {
    condition     = length([for record in output.dns_records : record if record.name == "oncall.example.com"]) == 0
    error_message = "Mail for the domain does not go to SES."
  }
}

run "a_restored_table_is_everybodys" {
  variables {
    table_name = "hansho-restored"
  }

  assert {
    condition     = module.table.name == "hansho-restored" && local.settings.HANSHO_TABLE == "hansho-restored"
    error_message = "The functions work on the table that is named."
  }
}

run "without_a_limit_that_somebody_has_said_no_alarm_goes_by_one" {
  assert {
    condition     = !contains(module.watch.alarms, "hansho: sms-spend") && contains(module.watch.alarms, "hansho: heartbeat")
    error_message = "An account may have any limit; four fifths of a guess are a false alarm, or none."
  }
}

run "four_fifths_of_the_limit_are_an_alarm_whoever_sets_it" {
  variables {
    sms = { monthly_limit_usd = 100 }
  }

  assert {
    condition     = contains(module.watch.alarms, "hansho: sms-spend") && module.watch.sms_spend_usd == 80
    error_message = "Operators are told before SNS stops."
  }
  assert {
    condition     = length(aws_sns_sms_preferences.this) == 0 && length(aws_cloudwatch_log_group.sms_failures) == 0
    error_message = "Settings of the account are changed only where that is asked for."
  }
}

run "the_accounts_limit_is_not_set_without_saying_to_what" {
  command = plan
  variables {
    sms = { manage_account = true }
  }
  expect_failures = [var.sms]
}

run "logs_of_text_messages_are_taken_down_with_the_rest" {
  variables {
    sms = { manage_account = true, monthly_limit_usd = 50, success_sample_rate = 10 }
  }

  assert {
    condition = [aws_cloudwatch_log_group.sms_failures[0].name, aws_cloudwatch_log_group.sms_successes[0].name] == [
      "sns/ap-northeast-1/111122223333/DirectPublishToPhoneNumber/Failure", "sns/ap-northeast-1/111122223333/DirectPublishToPhoneNumber",
    ]
    error_message = "What SNS would make by itself, nobody would take down."
  }
}

run "logs_that_the_account_has_are_used_and_left" {
  variables {
    sms = { manage_account = true, monthly_limit_usd = 50, success_sample_rate = 10, existing_logs = ["failure", "success"] }
  }

  assert {
    condition     = length(aws_cloudwatch_log_group.sms_failures) + length(aws_cloudwatch_log_group.sms_successes) == 0
    error_message = "A second one of the same name is refused."
  }
  assert {
    condition     = aws_cloudwatch_log_subscription_filter.sms_failures[0].log_group_name == "sns/ap-northeast-1/111122223333/DirectPublishToPhoneNumber/Failure"
    error_message = "Failures start the person's next method all the same."
  }
}

run "logs_that_there_are_not_are_refused" {
  command = plan
  variables {
    sms = { existing_logs = ["failures"] }
  }
  expect_failures = [var.sms]
}

run "what_belongs_to_the_deployment_is_written_down_for_the_doctor" {
  variables {
    events                  = { alarms = [""] }
    alarm_accounts          = ["444455556666"]
    incident_manager_bridge = { ops_center = true }
    sms                     = { manage_account = true, monthly_limit_usd = 50 }
  }

  assert {
    condition = jsondecode(aws_ssm_parameter.deployment.value).rules == {
      alarm-intake            = ["hansho/hansho-alarms-forwarded", "default/hansho-alarms-here", "default/hansho-canary"]
      incident-manager-bridge = ["default/hansho-incident-manager-bridge"]
      sweeper                 = ["default/hansho-sweeper"]
    }
    error_message = "Each rule that wakes a function, on its bus."
  }
  assert {
    condition     = length(setsubtract(["bridge", "canary", "heartbeat", "sms-spend"], jsondecode(aws_ssm_parameter.deployment.value).alarms)) == 0
    error_message = "Each alarm on Hansho itself."
  }
  assert {
    condition = (
      jsondecode(aws_ssm_parameter.deployment.value).accounts == ["111122223333"] && jsondecode(aws_ssm_parameter.deployment.value).more == 1 &&
      jsondecode(aws_ssm_parameter.deployment_more[0].value).accounts == ["444455556666"] && jsondecode(aws_ssm_parameter.deployment.value).sms_failures == local.sms_failures
    )
    error_message = "Whoever has to be let in."
  }
}

# As large as a deployment can be: a function's policy of 20 KB has room for some sixty topics and accounts, a topic's name for 256 characters.
run "what_is_written_down_for_the_doctor_fits_however_large_a_deployment_is" {
  variables {
    name                    = "a-name-of-20-letters"
    mail_domain             = "mail.oncall.example.com"
    receipt_rule_set        = "a-rule-set-with-a-name-that-is-as-long-as-names-of-rule-sets-are"
    alarm_accounts          = [for number in range(15) : tostring(200000000000 + number)]
    alarm_topics            = [for number in range(16) : "arn:aws-us-gov:sns:ap-northeast-1:111122223333:${join("", [for letter in range(252) : "t"])}-${100 + number}"]
    events                  = { alarms = [""], guardduty = 7, security_hub = ["CRITICAL", "HIGH"], health = ["issue"] }
    event_accounts          = ["444455556666"]
    incident_manager_bridge = { ops_center = true, response_plans = [for number in range(100) : "arn:aws:ssm-incidents::111122223333:response-plan/${join("", [for letter in range(196) : "p"])}-${100 + number}"] }
    ping_url                = "https://ping.example.com/hansho"
    sms                     = { manage_account = true, monthly_limit_usd = 50 }
  }

  assert {
    condition     = alltrue([for parameter in concat([aws_ssm_parameter.deployment], aws_ssm_parameter.deployment_more) : length(parameter.value) <= 4000])
    error_message = "A parameter of SSM has 4 KB; they have ${join(", ", [for parameter in concat([aws_ssm_parameter.deployment], aws_ssm_parameter.deployment_more) : nonsensitive(length(parameter.value))])}."
  }
  assert {
    condition = (
      jsondecode(aws_ssm_parameter.deployment.value).more == length(aws_ssm_parameter.deployment_more) &&
      length(flatten([for parameter in aws_ssm_parameter.deployment_more : try(jsondecode(parameter.value).topics["alarm-intake"], [])])) == 16 &&
      length(flatten([for parameter in aws_ssm_parameter.deployment_more : try(jsondecode(parameter.value).accounts, [])])) == 15 &&
      length(flatten([for parameter in aws_ssm_parameter.deployment_more : try(jsondecode(parameter.value).response_plans, [])])) == 100
    )
    error_message = "None is left out."
  }
}

# tests/infra/agreement.py has the same of those in modules/watch.
run "alarms_of_the_canary_and_of_the_bridge_say_ok_to_nobody_by_themselves" {
  variables {
    incident_manager_bridge = { ops_center = true }
  }

  assert {
    condition = alltrue([
      for alarm in concat(aws_cloudwatch_metric_alarm.canary, aws_cloudwatch_metric_alarm.bridge, aws_cloudwatch_metric_alarm.bridge_off) :
      alarm.alarm_actions == toset([module.watch.topic_arn]) && alarm.ok_actions == null
    ])
    error_message = "They tell the operators when they are on. What CloudWatch says in OK it says of each alarm that was just made, too."
  }
}

run "who_can_not_be_asked_about_parts_is_an_alarm_and_not_for_a_moment" {
  assert {
    condition     = contains(module.watch.alarms, "hansho: unknown-parts")
    error_message = "What the sweeper can not ask about it would not hear of."
  }
}

run "alarms_that_begin_like_hanshos_own_go_in_without_those" {
  variables {
    events = { alarms = ["h", "checkout"] }
  }

  assert {
    condition = module.sources.patterns["alarms"] == {
      source        = ["aws.cloudwatch"]
      "detail-type" = ["CloudWatch Alarm State Change", "CloudWatch Alarm Contributor State Change"]
      detail        = { alarmName = [{ prefix = "h" }, { prefix = "checkout" }] }
      resources     = [{ "anything-but" = { prefix = "arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:hansho: " } }]
    }
    error_message = "Hansho's own alarms would tell Hansho's trouble by Hansho."
  }
}

run "alarms_that_are_hanshos_own_are_refused" {
  command = plan
  variables {
    events = { alarms = ["hansho: heart"] }
  }
  expect_failures = [var.events]
}

run "another_account_id_is_refused" {
  command = plan
  variables {
    account_id = "1111-2222-3333"
  }
  expect_failures = [var.account_id]
}

run "a_region_that_is_none_is_refused" {
  command = plan
  variables {
    region = "Tokyo"
  }
  expect_failures = [var.region]
}

run "a_name_that_is_too_long_is_refused" {
  command = plan
  variables {
    name = "hansho-of-the-payments-team"
  }
  expect_failures = [var.name]
}

run "a_domain_without_a_certificate_is_refused" {
  command = plan
  variables {
    domain = "oncall.example.com"
  }
  expect_failures = [var.domain]
}

run "a_function_that_never_runs_is_refused" {
  command = plan
  variables {
    reserved_concurrency = { alarm-intake = 0 }
  }
  expect_failures = [var.reserved_concurrency]
}

run "a_function_that_there_is_not_is_refused" {
  command = plan
  variables {
    reserved_concurrency = { intake = 5 }
  }
  expect_failures = [var.reserved_concurrency]
}

run "without_a_bridge_there_is_nothing_of_it" {
  assert {
    condition     = length(module.incident_manager_bridge) == 0 && length(aws_lambda_event_source_mapping.bridge_stream) == 0 && output.bridge_topic == null
    error_message = "The bridge is off unless it is asked for."
  }
}

run "a_bridge_may_do_what_it_was_asked_for_and_nothing_else" {
  variables {
    incident_manager_bridge = { response_plans = ["arn:aws:ssm-incidents::111122223333:response-plan/checkout"] }
  }
  assert {
    condition     = !strcontains(jsonencode(local.bridge_statements), "OpsItem") && contains(local.incident_records, "arn:aws:ssm-incidents::111122223333:incident-record/checkout/*")
    error_message = "The records of its plans, and no OpsItems."
  }
  assert {
    condition     = contains(keys(output.functions), "incident-manager-bridge")
    error_message = "It is one of the functions that are deployed."
  }
}

run "a_bridge_that_is_behind_is_an_alarm" {
  variables {
    incident_manager_bridge = { ops_center = true }
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.bridge[0].metric_name == "BridgeBehind" && aws_cloudwatch_metric_alarm.bridge[0].period * aws_cloudwatch_metric_alarm.bridge[0].evaluation_periods == 7200 && length(aws_cloudwatch_metric_alarm.bridge[0].alarm_actions) == 1
    error_message = "Operators are told when the bridge is behind."
  }
}

run "a_bridge_that_leads_nowhere_is_refused" {
  command = plan
  variables {
    incident_manager_bridge = {}
  }
  expect_failures = [var.incident_manager_bridge]
}

run "a_response_plan_that_is_none_is_refused" {
  command = plan
  variables {
    incident_manager_bridge = { response_plans = ["checkout"] }
  }
  expect_failures = [var.incident_manager_bridge]
}

run "whoever_tells_nobody_is_told_so" {
  command = plan
  variables {
    operators = {}
  }
  expect_failures = [check.operators]
}
