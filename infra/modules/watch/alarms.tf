# Alarms on Hansho itself. They reach the operators through SNS, and nothing of Hansho is on that way.

locals {
  # Silence is wrong where `missing` is "breaching". CloudWatch looks back further than over the periods of an alarm, and takes older points
  # before it minds what is missing (user guide, "How alarm state is evaluated when data is missing"): by itself such an alarm needs five
  # silent minutes. So the metric is filled with noughts, which are points. Two in a row, because the last minute's may still be on its way
  # (user guide, "Using metric math", FILL). Where the whole range is empty there may be nothing to fill, and "breaching" counts.
  alarms = merge(
    {
      "heartbeat" = {
        description = "The sweeper has not ended cleanly for two minutes: it does not run, the table or a queue does not answer, something is overdue that it could not work on, or a function, a queue or the stream is switched off. Pages may be late. Look at the log of ${var.functions["sweeper"]}."
        namespace   = var.namespace, metric = "SweeperHeartbeat", dimensions = {}, statistic = "Sum"
        comparison  = "LessThanThreshold", threshold = 1, periods = 2, datapoints = 2, missing = "breaching"
      }
      "stream" = {
        description = "The sweeper relays what the table's stream should have brought: pages are up to a minute late. Look at the stream mapping of ${var.functions["outbox-relay"]}."
        namespace   = var.namespace, metric = "SweptRows", dimensions = {}, statistic = "Sum"
        comparison  = "GreaterThanOrEqualToThreshold", threshold = 1, periods = 1, datapoints = 1, missing = "notBreaching"
      }
      "deliveries" = {
        description = "Deliveries do not move and are sent on their way again: messages do not reach people, or a minute late. Look at the log of ${var.functions["delivery"]}."
        namespace   = var.namespace, metric = "SweptDeliveries", dimensions = {}, statistic = "Sum"
        comparison  = "GreaterThanOrEqualToThreshold", threshold = 1, periods = 3, datapoints = 2, missing = "notBreaching"
      }
      "iterator-age" = {
        description = "Records of the table's stream wait for more than a minute for ${var.functions["outbox-relay"]}."
        namespace   = "AWS/Lambda", metric = "IteratorAge", dimensions = { FunctionName = var.functions["outbox-relay"] }, statistic = "Maximum"
        comparison  = "GreaterThanThreshold", threshold = 60000, periods = 2, datapoints = 2, missing = "notBreaching"
      }
      "paused" = {
        description = "The table is a restored one, and leaves for an hour what was due in it before: it does not know what was settled since. New alarms page as ever. Resolve what is over, then let the rest go: `hansho resume --region ${var.region}` (docs/recovery.md)."
        namespace   = var.namespace, metric = "SweeperPaused", dimensions = {}, statistic = "Sum"
        comparison  = "GreaterThanOrEqualToThreshold", threshold = 1, periods = 1, datapoints = 1, missing = "notBreaching"
      }
      # The first minutes after a deployment, and a slow minute of Lambda, are none.
      "unknown-parts" = {
        description = "For ten minutes Lambda or SQS has not told the sweeper whether every function and mapping runs and every queue is there: one that is switched off or gone would not be heard of. Look at the log of ${var.functions["sweeper"]} for what is not known and what Lambda or SQS says, and at its role: `terraform apply` gives back what is missing."
        namespace   = var.namespace, metric = "SweeperUnknownParts", dimensions = {}, statistic = "Sum"
        comparison  = "GreaterThanOrEqualToThreshold", threshold = 1, periods = 10, datapoints = 8, missing = "notBreaching"
      }
      "sweeper-rule" = {
        description = "EventBridge can not invoke ${var.functions["sweeper"]}: look at its permission and at its reserved concurrency."
        namespace   = "AWS/Events", metric = "FailedInvocations", dimensions = { RuleName = var.sweeper_rule }, statistic = "Sum"
        comparison  = "GreaterThanOrEqualToThreshold", threshold = 1, periods = 1, datapoints = 1, missing = "notBreaching"
      }
      "scheduler" = {
        description = "EventBridge Scheduler could not hand timers over: escalations are up to a minute late. Look at the role ${var.schedule_group}-scheduler and at the queue of dead letters of ${var.functions["escalation"]}."
        namespace   = "AWS/Scheduler", metric = "TargetErrorCount", dimensions = { ScheduleGroup = var.schedule_group }, statistic = "Sum"
        comparison  = "GreaterThanOrEqualToThreshold", threshold = 1, periods = 1, datapoints = 1, missing = "notBreaching"
      }
      "scheduler-beat" = {
        description = "EventBridge Scheduler has handed nothing over for two minutes, not even the beat that is due every minute: escalations are up to a minute late. Look at the schedule beat of the group ${var.schedule_group}, and at the state of EventBridge Scheduler in this Region."
        namespace   = "AWS/Scheduler", metric = "InvocationAttemptCount", dimensions = { ScheduleGroup = var.schedule_group }, statistic = "Sum"
        comparison  = "LessThanThreshold", threshold = 1, periods = 2, datapoints = 2, missing = "breaching"
      }
      "table-throttled" = {
        description = "DynamoDB refuses writes for now: pages are late by the waiting. Look at the limits of the table ${var.table} and of the account."
        namespace   = "AWS/DynamoDB", metric = "WriteThrottleEvents", dimensions = { TableName = var.table }, statistic = "Sum"
        comparison  = "GreaterThanOrEqualToThreshold", threshold = 1, periods = 3, datapoints = 2, missing = "notBreaching"
      }
      "http" = {
        description = "Requests are answered with an error of the server: pages do not open, or tools can not send their events. Look at the log of ${var.functions["api"]}."
        namespace   = "AWS/ApiGateway", metric = "5xx", dimensions = { ApiId = var.api_id }, statistic = "Sum"
        comparison  = "GreaterThanOrEqualToThreshold", threshold = 1, periods = 3, datapoints = 2, missing = "notBreaching"
      }
    },
    {
      for function, name in var.functions : "${function}-errors" => {
        description = "${name} fails. What was asked for is tried again; look at its log."
        namespace   = "AWS/Lambda", metric = "Errors", dimensions = { FunctionName = name }, statistic = "Sum"
        comparison  = "GreaterThanOrEqualToThreshold", threshold = 1, periods = 3, datapoints = 2, missing = "notBreaching"
      }
    },
    {
      for function, name in var.functions : "${function}-throttles" => {
        description = "${name} is not run because too much runs at once, or because it is switched off. Look at the account's and at the function's concurrency."
        namespace   = "AWS/Lambda", metric = "Throttles", dimensions = { FunctionName = name }, statistic = "Sum"
        comparison  = "GreaterThanOrEqualToThreshold", threshold = 1, periods = 1, datapoints = 1, missing = "notBreaching"
      }
    },
    {
      for function, queue in var.dead_letters : "${function}-dead-letters" => {
        description = "Something that ${var.functions[function]} was to do could not be done and lies in ${queue}. It may be an alarm that nobody was paged for: `hansho dead-letters --region ${var.region}` says what it is and why, with --replay it is worked on again (docs/recovery.md)."
        namespace   = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", dimensions = { QueueName = queue }, statistic = "Maximum"
        comparison  = "GreaterThanOrEqualToThreshold", threshold = 1, periods = 1, datapoints = 1, missing = "notBreaching"
      }
    },
    {
      for function, queue in var.dead_letters : "${function}-destinations" => {
        description = "Something that ${var.functions[function]} could not do is lost: it could not even be put into ${queue}. Look whether the queue is there and whether the role ${var.functions[function]} may send to it, run `terraform apply`, and look at the log of ${var.functions[function]} for what it was."
        # For asynchronous invocations and for a stream (Lambda developer guide, "Types of metrics for Lambda functions").
        namespace  = "AWS/Lambda", metric = "DestinationDeliveryFailures", dimensions = { FunctionName = var.functions[function] }, statistic = "Sum"
        comparison = "GreaterThanOrEqualToThreshold", threshold = 1, periods = 1, datapoints = 1, missing = "notBreaching"
      }
    },
    {
      for function, queue in var.queues : "${function}-queue" => {
        description = "Messages wait in ${queue} and nobody takes them: ${var.functions[function]} does not run, or is too slow."
        namespace   = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", dimensions = { QueueName = queue }, statistic = "Minimum"
        comparison  = "GreaterThanOrEqualToThreshold", threshold = 1, periods = 2, datapoints = 2, missing = "notBreaching"
      }
    },
    # Four fifths of a limit that nobody has said would be any number.
    var.sms_monthly_limit_usd != null ? {
      "sms-spend" = {
        description = "This month's text messages have cost four fifths of their limit. At the limit SNS sends no more: raise it in time (docs of SNS, \"Requesting increases to your monthly SMS spending quota\"), and then monthly_limit_usd."
        namespace   = "AWS/SNS", metric = "SMSMonthToDateSpentUSD", dimensions = {}, statistic = "Maximum"
        comparison  = "GreaterThanOrEqualToThreshold", threshold = var.sms_monthly_limit_usd * 0.8, periods = 1, datapoints = 1, missing = "ignore"
      }
    } : {},
    var.sends_mail ? {
      "bounces" = {
        description = "More than 5 % of the mails bounce: SES stops sending at 10 %. Look at whose addresses they are (hansho user list)."
        namespace   = "AWS/SES", metric = "Reputation.BounceRate", dimensions = {}, statistic = "Average"
        comparison  = "GreaterThanThreshold", threshold = 0.05, periods = 1, datapoints = 1, missing = "ignore"
      }
      "complaints" = {
        description = "More than 0.1 % of the mails are reported as spam: SES stops sending at 0.5 %."
        namespace   = "AWS/SES", metric = "Reputation.ComplaintRate", dimensions = {}, statistic = "Average"
        comparison  = "GreaterThanThreshold", threshold = 0.001, periods = 1, datapoints = 1, missing = "ignore"
      }
    } : {},
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  # The beginning tells Hansho's own alarms from those that it is to page for: modules/sources leaves them out.
  alarm_name          = "${var.name}: ${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.missing == "breaching" ? null : each.value.namespace
  metric_name         = each.value.missing == "breaching" ? null : each.value.metric
  dimensions          = each.value.missing == "breaching" ? null : each.value.dimensions
  statistic           = each.value.missing == "breaching" ? null : each.value.statistic
  period              = each.value.missing == "breaching" ? null : 60
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.datapoints
  treat_missing_data  = each.value.missing
  alarm_actions       = [module.operators.topic_arn]

  dynamic "metric_query" {
    for_each = each.value.missing == "breaching" ? [each.value] : []

    content {
      id = "metric"

      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.metric
        dimensions  = metric_query.value.dimensions
        stat        = metric_query.value.statistic
        period      = 60
      }
    }
  }

  dynamic "metric_query" {
    for_each = each.value.missing == "breaching" ? [each.value] : []

    content {
      id          = "filled"
      expression  = "FILL(metric, 0)"
      label       = metric_query.value.metric
      return_data = true
    }
  }
}

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

output "topic_arn" {
  description = "Where Hansho's own alarms go."
  value       = module.operators.topic_arn
}

output "alarms" {
  description = "The names of Hansho's own alarms."
  value       = sort([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name])
}

output "sms_spend_usd" {
  description = "From which spending of a month on operators are told; null where nobody has said the limit."
  value       = try(aws_cloudwatch_metric_alarm.this["sms-spend"].threshold, null)
}
