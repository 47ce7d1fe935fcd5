# The ways of an alarm into alarm-intake: from the alarm itself, through a topic, as an event.

locals {
  accounts = setunion(var.alarm_accounts, [var.account_id])

  # On the alias, and on the function for alarms that name it without one: CloudWatch does not say when it may not invoke.
  doors = { for pair in setproduct(local.accounts, ["live", "latest"]) : "${pair[0]}-${pair[1]}" => { account = pair[0], is_live = pair[1] == "live" } }
}

# --- from the alarm ------------------------------------------------------------------------------------------------------------

resource "aws_lambda_permission" "alarms" {
  for_each = local.doors

  statement_id  = "Alarms-${each.key}"
  action        = "lambda:InvokeFunction"
  function_name = var.intake.name
  qualifier     = each.value.is_live ? var.intake.alias : null
  principal     = "lambda.alarms.cloudwatch.amazonaws.com"
  # One statement for an account and not one for an alarm: a function's policy has 20 KB.
  source_account = each.value.account
  source_arn     = "arn:${var.partition}:cloudwatch:${var.region}:${each.value.account}:alarm:*"
}

# --- through a topic -----------------------------------------------------------------------------------------------------------

resource "aws_sns_topic" "alarms" {
  name = "${var.name}-alarms"
}

resource "aws_sns_topic_policy" "alarms" {
  arn = aws_sns_topic.alarms.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.alarms.arn
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = sort(local.accounts) } }
    }]
  })
}

locals {
  topics = merge({ own = aws_sns_topic.alarms.arn }, { for arn in var.alarm_topics : arn => arn })
}

resource "aws_lambda_permission" "topic" {
  for_each = local.topics

  statement_id  = "Topic-${substr(sha256(each.key), 0, 12)}"
  action        = "lambda:InvokeFunction"
  function_name = var.intake.name
  qualifier     = var.intake.alias
  principal     = "sns.amazonaws.com"
  source_arn    = each.value
}

resource "aws_sns_topic_subscription" "intake" {
  for_each = local.topics

  topic_arn      = each.value
  protocol       = "lambda"
  endpoint       = var.intake.live_arn
  redrive_policy = jsonencode({ deadLetterTargetArn = var.intake.dead_letter_arn })

  depends_on = [aws_lambda_permission.topic]
}

# --- as an event ---------------------------------------------------------------------------------------------------------------

# What other accounts and Regions forward comes here.
resource "aws_cloudwatch_event_bus" "this" {
  name = var.name
}

resource "aws_cloudwatch_event_bus_policy" "this" {
  count = length(var.event_accounts) == 0 ? 0 : 1

  event_bus_name = aws_cloudwatch_event_bus.this.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OtherAccounts"
      Effect    = "Allow"
      Action    = "events:PutEvents"
      Resource  = aws_cloudwatch_event_bus.this.arn
      Principal = { AWS = [for account in sort(var.event_accounts) : "arn:${var.partition}:iam::${account}:root"] }
    }]
  })
}

locals {
  # Hansho's own alarms reach people without Hansho; they would go round in a circle here. A pattern has nothing for "begins so, but not so"
  # of one field, so where a beginning takes them in too they are left out by their ARNs.
  own       = "${var.name}: "
  takes_all = contains(var.events.alarms, "")
  takes_own = !local.takes_all && anytrue([for prefix in var.events.alarms : startswith(local.own, prefix)])
  alarm_names = concat(
    local.takes_all ? [{ "anything-but" = { prefix = local.own } }] : [],
    [for prefix in var.events.alarms : { prefix = prefix } if !local.takes_all],
  )

  all_patterns = {
    alarms = merge({
      source        = ["aws.cloudwatch"]
      "detail-type" = ["CloudWatch Alarm State Change", "CloudWatch Alarm Contributor State Change"]
      detail        = { alarmName = local.alarm_names }
      }, local.takes_own ? {
      resources = [{ "anything-but" = { prefix = "arn:${var.partition}:cloudwatch:${var.region}:${var.account_id}:alarm:${local.own}" } }]
    } : {})
    guardduty = {
      source        = ["aws.guardduty"]
      "detail-type" = ["GuardDuty Finding"]
      # An archived one too, which resolves what it opened.
      detail = { severity = [{ numeric = [">=", coalesce(var.events.guardduty, 7)] }] }
    }
    security-hub = {
      source        = ["aws.securityhub"]
      "detail-type" = ["Security Hub Findings - Imported"]
      # And what ends one: its severity is another by then. A check that has passed sets the workflow to RESOLVED by itself.
      detail = {
        findings = {
          "$or" = [
            { RecordState = ["ACTIVE"], Workflow = { Status = ["NEW", "NOTIFIED"] }, Severity = { Label = var.events.security_hub } },
            { Workflow = { Status = ["RESOLVED", "SUPPRESSED"] } },
            { RecordState = ["ARCHIVED"] },
          ]
        }
      }
    }
    health = {
      source        = ["aws.health"]
      "detail-type" = ["AWS Health Event", "AWS Health Abuse Event"]
      detail        = { eventTypeCategory = var.events.health }
    }
  }

  wanted = {
    alarms       = length(var.events.alarms) > 0
    guardduty    = var.events.guardduty != null
    security-hub = length(var.events.security_hub) > 0
    health       = length(var.events.health) > 0
  }

  # From this account's own bus and from what is forwarded, the same events.
  rules = {
    for pair in setproduct([for kind, is_wanted in local.wanted : kind if is_wanted], ["here", "forwarded"]) :
    "${pair[0]}-${pair[1]}" => { kind = pair[0], bus = pair[1] == "here" ? "default" : aws_cloudwatch_event_bus.this.name }
  }
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.rules

  name           = "${var.name}-${each.key}"
  description    = "Events that open incidents."
  event_bus_name = each.value.bus
  event_pattern  = jsonencode(local.all_patterns[each.value.kind])
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = local.rules

  rule           = aws_cloudwatch_event_rule.this[each.key].name
  event_bus_name = each.value.bus
  arn            = var.intake.live_arn

  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 185
  }

  dead_letter_config {
    arn = var.intake.dead_letter_arn
  }
}

resource "aws_lambda_permission" "rule" {
  for_each = local.rules

  statement_id  = "Rule-${each.key}"
  action        = "lambda:InvokeFunction"
  function_name = var.intake.name
  qualifier     = var.intake.alias
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.this[each.key].arn
}

output "rules" {
  description = "The rules that invoke it, as BUS/NAME."
  value       = [for key in sort(keys(local.rules)) : "${local.rules[key].bus}/${var.name}-${key}"]
}

output "patterns" {
  description = "Which events open incidents, by their kind."
  value       = { for kind, is_wanted in local.wanted : kind => local.all_patterns[kind] if is_wanted }
}

output "topic_arn" {
  description = "The topic for alarms that reach Hansho through SNS."
  value       = aws_sns_topic.alarms.arn
}

output "event_bus_arn" {
  description = "The bus for what other accounts and Regions forward."
  value       = aws_cloudwatch_event_bus.this.arn
}
