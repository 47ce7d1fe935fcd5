# The canary: every few minutes an incident goes the whole way (alarm-intake, table, stream, outbox-relay, queue, delivery) to nobody, and
# resolves itself. What does not come through is an alarm, before a real page is lost. It calls no person and is on no list.

variable "canary_minutes" {
  description = "How often the canary goes the whole way of a page, in minutes; 0 for never."
  type        = number
  default     = 5

  validation {
    condition     = var.canary_minutes == 0 || (var.canary_minutes >= 2 && var.canary_minutes <= 60 && floor(var.canary_minutes) == var.canary_minutes)
    error_message = "canary_minutes must be a whole number of minutes from 2 to 60, or 0 for none: an alarm goes off when three in a row do not come through."
  }
}

locals {
  has_canary = var.canary_minutes > 0
}

resource "aws_cloudwatch_event_rule" "canary" {
  count = local.has_canary ? 1 : 0

  name                = "${var.name}-canary"
  description         = "Sends the canary of ${var.name}."
  schedule_expression = "rate(${var.canary_minutes} minutes)"
}

resource "aws_cloudwatch_event_target" "canary" {
  count = local.has_canary ? 1 : 0

  rule  = aws_cloudwatch_event_rule.canary[0].name
  arn   = module.alarm_intake.live_arn
  input = jsonencode({ hansho = "canary" })

  # The next one comes soon.
  retry_policy {
    maximum_event_age_in_seconds = 60
    maximum_retry_attempts       = 2
  }
}

resource "aws_lambda_permission" "canary" {
  count = local.has_canary ? 1 : 0

  statement_id  = "Canary"
  action        = "lambda:InvokeFunction"
  function_name = module.alarm_intake.name
  qualifier     = module.alarm_intake.alias
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.canary[0].arn
}

resource "aws_cloudwatch_metric_alarm" "canary" {
  count = local.has_canary ? 1 : 0

  # The beginning tells Hansho's own alarms from those that it is to page for: modules/sources leaves them out.
  alarm_name          = "${var.name}: canary"
  alarm_description   = "The canary of ${var.name} has not come the whole way for ${3 * var.canary_minutes} minutes: pages do not come through, or very late. Look at the logs of alarm-intake, outbox-relay and delivery, and run `hansho doctor`."
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  evaluation_periods  = 3
  datapoints_to_alarm = 3
  # A canary that was never sent has not come through either.
  treat_missing_data = "breaching"
  alarm_actions      = [module.watch.topic_arn]

  metric_query {
    id = "metric"

    metric {
      namespace   = local.namespace
      metric_name = "CanaryArrived"
      stat        = "Sum"
      period      = 60 * var.canary_minutes
    }
  }

  # Without it older canaries would be taken for those that are missing: modules/watch/alarms.tf.
  metric_query {
    id          = "filled"
    expression  = "FILL(metric, 0)"
    label       = "CanaryArrived"
    return_data = true
  }
}
