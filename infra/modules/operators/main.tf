# Who is told of alarms by SNS, and when. Alarms name the topic `operators` in ALARM and nothing in OK: CloudWatch runs OK actions also of an
# alarm that was just made and is well (API reference, "PutMetricAlarm"), and some 45 texts at once are more than the month's limit of a new
# account. That an alarm is over is told by a rule, which knows what it was before, on a topic of its own that has no phones.

resource "aws_sns_topic" "operators" {
  name         = "${var.name}-operators"
  display_name = "Hansho"
}

resource "aws_sns_topic_policy" "operators" {
  arn = aws_sns_topic.operators.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.operators.arn
      Principal = { Service = "cloudwatch.amazonaws.com" }
      # Of this account, whose alarms these are.
      Condition = { StringEquals = { "aws:SourceAccount" = local.account_id } }
    }]
  })
}

resource "aws_sns_topic_subscription" "operators" {
  for_each = merge(local.mailboxes, local.addresses, { for number in var.operators.sms : "sms ${number}" => { protocol = "sms", endpoint = number } })

  topic_arn = aws_sns_topic.operators.arn
  protocol  = each.value.protocol
  endpoint  = each.value.endpoint
}

locals {
  account_id = split(":", aws_sns_topic.operators.arn)[4]
  mailboxes  = { for address in var.operators.email : "email ${address}" => { protocol = "email", endpoint = address } }
  addresses  = { for url in var.operators.https : "https ${url}" => { protocol = "https", endpoint = url } }
  tell_ok    = length(local.mailboxes) + length(local.addresses) > 0
}

# --- what is over ----------------------------------------------------------------------------------------------------------------

resource "aws_sns_topic" "ok" {
  count = local.tell_ok ? 1 : 0

  name         = "${var.name}-operators-ok"
  display_name = "Hansho"
}

resource "aws_sns_topic_policy" "ok" {
  count = local.tell_ok ? 1 : 0
  arn   = aws_sns_topic.ok[0].arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.ok[0].arn
      Principal = { Service = "events.amazonaws.com" }
      # EventBridge's guide shows no condition for topics, so none is asked for that it may not fill in; what it does fill in has to fit.
      Condition = {
        ArnEqualsIfExists    = { "aws:SourceArn" = aws_cloudwatch_event_rule.ok[0].arn }
        StringEqualsIfExists = { "aws:SourceAccount" = local.account_id }
      }
    }]
  })
}

resource "aws_sns_topic_subscription" "ok" {
  for_each = merge(local.mailboxes, local.addresses)

  topic_arn = aws_sns_topic.ok[0].arn
  protocol  = each.value.protocol
  endpoint  = each.value.endpoint
}

resource "aws_cloudwatch_event_rule" "ok" {
  count = local.tell_ok ? 1 : 0

  name        = "${var.name}-operators-ok"
  description = "Alarms of ${var.name} that are over."

  event_pattern = jsonencode({
    source        = ["aws.cloudwatch"]
    "detail-type" = ["CloudWatch Alarm State Change"]
    detail = {
      alarmName     = [{ prefix = "${var.name}: " }]
      state         = { value = ["OK"] }
      previousState = { value = ["ALARM"] }
    }
  })
}

resource "aws_cloudwatch_event_target" "ok" {
  count = local.tell_ok ? 1 : 0

  rule = aws_cloudwatch_event_rule.ok[0].name
  arn  = aws_sns_topic.ok[0].arn

  # With the names of CloudWatch's own notification, by which tools behind an https address know what is over.
  input_transformer {
    input_paths = {
      account     = "$.account"
      alarm       = "$.detail.alarmName"
      description = "$.detail.configuration.description"
      reason      = "$.detail.state.reason"
      region      = "$.region"
      time        = "$.detail.state.timestamp"
    }

    input_template = <<-EOT
      {
        "AlarmName": <alarm>,
        "NewStateValue": "OK",
        "OldStateValue": "ALARM",
        "NewStateReason": <reason>,
        "StateChangeTime": <time>,
        "AlarmDescription": <description>,
        "AWSAccountId": <account>,
        "Region": <region>
      }
    EOT
  }

  depends_on = [aws_sns_topic_policy.ok]
}

output "topic_arn" {
  description = "For the alarm actions of alarms whose names begin with the name, a colon and a space."
  value       = aws_sns_topic.operators.arn
}
