# What there is, as `hansho doctor` holds it against AWS: what somebody has taken out by hand is missing there, and not here.

locals {
  present = {
    # Names, without the beginning that they have in common.
    alarms = sort([for name in concat(module.watch.alarms, aws_cloudwatch_metric_alarm.canary[*].alarm_name, aws_cloudwatch_metric_alarm.bridge[*].alarm_name, aws_cloudwatch_metric_alarm.bridge_off[*].alarm_name) : trimprefix(name, "${var.name}: ")])
    # Whose alarms may name alarm-intake in their actions.
    accounts = [var.account_id]
    topics = merge(
      { alarm-intake = [module.sources.topic_arn] },
      { for report in module.mail : "delivery" => [report.reports_topic_arn] },
      { for topic in aws_sns_topic.bridge : "incident-manager-bridge" => [topic.arn] },
    )
    # As BUS/NAME.
    rules = merge(
      {
        alarm-intake = concat(module.sources.rules, [for rule in aws_cloudwatch_event_rule.canary : "default/${rule.name}"])
        sweeper      = ["default/${aws_cloudwatch_event_rule.sweeper.name}"]
      },
      { for rule in aws_cloudwatch_event_rule.bridge : "incident-manager-bridge" => ["default/${rule.name}"] },
    )
    api              = module.http.api_id
    receipt_rule_set = local.receives_mail ? coalesce(var.receipt_rule_set, var.name) : null
    sms_failures     = local.manages_sms ? local.sms_failures : null
    ops_center       = local.bridge.ops_center
    ping             = var.ping_url != null
    # How many parameters below this one have the rest.
    more = length(local.present_elsewhere)
  }

  # Whatever there may be many of, in parameters of its own: a parameter has 4 KB, an account's number 12 characters, and a topic's ARN up to
  # 310. How many there are is known before anything is made.
  present_elsewhere = concat(
    [for topics in chunklist(sort(var.alarm_topics), 12) : { topics = { alarm-intake = topics } }],
    [for accounts in chunklist(sort(setsubtract(var.alarm_accounts, [var.account_id])), 200) : { accounts = accounts }],
    [for plans in chunklist(sort(local.bridge.response_plans), 12) : { response_plans = plans }],
  )

}

resource "aws_ssm_parameter" "deployment" {
  name        = "/${var.name}/deployment"
  description = "What belongs to ${var.name}, for hansho doctor. No secret."
  type        = "String"
  value       = jsonencode(local.present)
}

resource "aws_ssm_parameter" "deployment_more" {
  count = length(local.present_elsewhere)

  name        = "/${var.name}/deployment/${count.index + 1}"
  description = "What else belongs to ${var.name}, for hansho doctor. No secret."
  type        = "String"
  value       = jsonencode(local.present_elsewhere[count.index])
}
