# In another account or Region: what is to open incidents is put on Hansho's event bus. Its deployment has to name the account in
# `event_accounts`; until it does, the bus refuses every event, nobody sees that over there, and here it is a dead letter that operators
# are told of.

terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 6.0.0"
    }
  }
}

variable "name" {
  description = "The name of the rule and its role; one of its own in each Region, because roles belong to the whole account."
  type        = string
}

variable "event_bus_arn" {
  description = "Hansho's event bus: the output `event_bus_arn` of its deployment."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:events:[a-z0-9-]+:[0-9]{12}:event-bus/", var.event_bus_arn))
    error_message = "event_bus_arn must be the ARN of an event bus, as the output event_bus_arn of Hansho's deployment says it."
  }
}

variable "sources" {
  description = "Whose events are forwarded. What of them opens incidents is decided where Hansho is."
  type        = set(string)
  default     = ["aws.cloudwatch", "aws.guardduty", "aws.securityhub", "aws.health"]
}

variable "operators" {
  description = "Who is told when events can not be forwarded: by mail, by text message (+819000000001), or at an https address. Mail addresses have to be confirmed once for each of two topics: what is wrong, and, for mail and https only, what is over. The deployment's own operators do not hear of it: what never came is not seen there."
  type = object({
    email = optional(set(string), [])
    sms   = optional(set(string), [])
    https = optional(set(string), [])
  })

  validation {
    condition     = length(var.operators.email) + length(var.operators.sms) + length(var.operators.https) > 0
    error_message = "operators must have at least one address: without one, events of this account that Hansho refuses are lost and nobody hears of it."
  }
}

locals {
  # The alarms below would go round in a circle: an event that is refused puts one on, whose own event is refused, too. What has no name of an
  # alarm, as the events of the other sources, goes on; values of one field are alternatives (EventBridge, "Comparison operators").
  no_own_alarms = { detail = { alarmName = [{ exists = false }, { "anything-but" = { prefix = "${var.name}: " } }] } }
}

resource "aws_cloudwatch_event_rule" "this" {
  name          = var.name
  description   = "For Hansho: ${var.event_bus_arn}"
  event_pattern = jsonencode(merge({ source = sort(var.sources) }, contains(var.sources, "aws.cloudwatch") ? local.no_own_alarms : {}))
}

resource "aws_iam_role" "this" {
  name        = var.name
  description = "With this role EventBridge puts events on Hansho's bus."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "events.amazonaws.com" }
      Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.this.arn } }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = var.name
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["events:PutEvents"], Resource = var.event_bus_arn }]
  })
}

resource "aws_cloudwatch_event_target" "this" {
  rule     = aws_cloudwatch_event_rule.this.name
  arn      = var.event_bus_arn
  role_arn = aws_iam_role.this.arn

  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 185
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }

  depends_on = [aws_sqs_queue_policy.dead_letters]
}

# --- what could not be forwarded -----------------------------------------------------------------------------------------------

resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.name}-dead-letters"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.url

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.dead_letters.arn
      Principal = { Service = "events.amazonaws.com" }
      Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.this.arn } }
    }]
  })
}

locals {
  # What to look at, whatever went wrong.
  causes = "Look whether Hansho's deployment names this account in event_accounts, whether ${var.event_bus_arn} is there, and whether the role ${var.name} may put events on it."

  alarms = {
    dead-letters = {
      description = "Events that were to open incidents could not be forwarded and lie in ${aws_sqs_queue.dead_letters.name}: nobody was paged for them. ${local.causes} Then work on them again (docs/recovery.md of Hansho says how)."
      namespace   = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", dimensions = { QueueName = aws_sqs_queue.dead_letters.name }, statistic = "Maximum"
    }
    # Seen at once, where a queue's metrics may come a quarter of an hour late (SQS developer guide, "Available CloudWatch metrics").
    failed = {
      description = "EventBridge could not put events on Hansho's bus: nobody was paged for them. ${local.causes} They lie in ${aws_sqs_queue.dead_letters.name}."
      namespace   = "AWS/Events", metric = "FailedInvocations", dimensions = { RuleName = aws_cloudwatch_event_rule.this.name }, statistic = "Sum"
    }
    lost = {
      description = "Events that were to open incidents are lost: they could neither be forwarded nor be kept in ${aws_sqs_queue.dead_letters.name}. Look whether the queue is there, run `terraform apply`, and look at the alarms of this account. ${local.causes}"
      namespace   = "AWS/Events", metric = "InvocationsFailedToBeSentToDlq", dimensions = { RuleName = aws_cloudwatch_event_rule.this.name }, statistic = "Sum"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}: ${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = 60
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [module.operators.topic_arn]
}

# Nothing of Hansho is on this way.
module "operators" {
  source = "../operators"

  name      = var.name
  operators = var.operators
}

# Addresses that are confirmed stay so.
moved {
  from = aws_sns_topic.operators
  to   = module.operators.aws_sns_topic.operators
}

moved {
  from = aws_sns_topic_policy.operators
  to   = module.operators.aws_sns_topic_policy.operators
}

moved {
  from = aws_sns_topic_subscription.operators
  to   = module.operators.aws_sns_topic_subscription.operators
}

output "dead_letters" {
  description = "The address of the queue with what could not be forwarded."
  value       = aws_sqs_queue.dead_letters.url
}
