locals {
  panels = [
    {
      title   = "Heartbeat, and what was left to the sweeper"
      stat    = "Sum"
      metrics = [for name in ["SweeperHeartbeat", "SweptRows", "SweptDeadlines", "SweptDeliveries", "SweeperUnknownParts"] : [var.namespace, name]]
    },
    { title = "Dead letters", stat = "Maximum", metrics = [for queue in values(var.dead_letters) : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue]] },
    { title = "Waiting messages", stat = "Maximum", metrics = [for queue in values(var.queues) : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue]] },
    { title = "Invocations", stat = "Sum", metrics = [for name in values(var.functions) : ["AWS/Lambda", "Invocations", "FunctionName", name]] },
    { title = "Errors", stat = "Sum", metrics = [for name in values(var.functions) : ["AWS/Lambda", "Errors", "FunctionName", name]] },
    { title = "Duration", stat = "p99", metrics = [for name in values(var.functions) : ["AWS/Lambda", "Duration", "FunctionName", name]] },
    { title = "Age of the stream", stat = "Maximum", metrics = [["AWS/Lambda", "IteratorAge", "FunctionName", var.functions["outbox-relay"]]] },
    { title = "Timers", stat = "Sum", metrics = [for name in ["InvocationAttemptCount", "TargetErrorCount", "InvocationDroppedCount"] : ["AWS/Scheduler", name, "ScheduleGroup", var.schedule_group]] },
    { title = "HTTP", stat = "Sum", metrics = [for name in ["Count", "4xx", "5xx"] : ["AWS/ApiGateway", name, "ApiId", var.api_id]] },
    { title = "Text messages, USD this month", stat = "Maximum", metrics = [["AWS/SNS", "SMSMonthToDateSpentUSD"]] },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = [for index, panel in local.panels : {
      type       = "metric"
      x          = (index % 2) * 12
      y          = floor(index / 2) * 6
      width      = 12
      height     = 6
      properties = { title = panel.title, region = var.region, stat = panel.stat, period = 60, view = "timeSeries", metrics = panel.metrics }
    }]
  })
}
