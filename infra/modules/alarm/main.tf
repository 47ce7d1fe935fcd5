# A CloudWatch alarm that pages through Hansho and resolves by itself: the function is named in ALARM and in OK.

terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 6.0.0"
    }
  }
}

variable "hansho" {
  description = "The function alarm-intake: the output `alarm_action` of Hansho's deployment."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]+:live$", var.hansho))
    error_message = "hansho must be the output alarm_action of Hansho's deployment: the ARN of its function alarm-intake with the alias, which ends in :live."
  }
}

variable "name" {
  description = "The alarm's name."
  type        = string
}

variable "description" {
  description = "What it means, and what to do."
  type        = string
  default     = ""
}

variable "service" {
  description = "The service whose people are paged. Without it Hansho's configuration decides."
  type        = string
  default     = null
}

variable "severity" {
  description = "critical, error, warning or info."
  type        = string
  default     = null

  validation {
    condition     = var.severity == null || try(contains(["critical", "error", "warning", "info"], var.severity), false)
    error_message = "severity must be critical, error, warning or info."
  }
}

variable "runbook" {
  description = "The address of its runbook."
  type        = string
  default     = null
}

variable "namespace" {
  description = "The namespace of the metric."
  type        = string
}

variable "metric" {
  description = "The name of the metric."
  type        = string
}

variable "dimensions" {
  description = "Its dimensions."
  type        = map(string)
  default     = {}
}

variable "statistic" {
  description = "Sum, Average, Minimum, Maximum, SampleCount, or a percentile such as p99."
  type        = string
  default     = "Sum"
}

variable "comparison" {
  description = "How the metric is compared with the threshold."
  type        = string
  default     = "GreaterThanOrEqualToThreshold"
}

variable "threshold" {
  description = "From where on it is wrong."
  type        = number
}

variable "period_seconds" {
  description = "The length of one period."
  type        = number
  default     = 60
}

variable "periods" {
  description = "How many periods are looked at."
  type        = number
  default     = 1
}

variable "datapoints" {
  description = "How many of them have to be wrong; all unless told."
  type        = number
  default     = null
}

variable "missing_data" {
  description = "What a period without data means: notBreaching, breaching, missing or ignore."
  type        = string
  default     = "notBreaching"
}

locals {
  is_percentile = startswith(var.statistic, "p") || startswith(var.statistic, "t")

  # The lines that Hansho reads in an alarm's description.
  lines = concat(
    var.description == "" ? [] : [var.description],
    [for key, value in { service = var.service, severity = var.severity, runbook = var.runbook } : "${key}: ${value}" if value != null],
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  alarm_name          = var.name
  alarm_description   = join("\n", local.lines)
  namespace           = var.namespace
  metric_name         = var.metric
  dimensions          = var.dimensions
  statistic           = local.is_percentile ? null : var.statistic
  extended_statistic  = local.is_percentile ? var.statistic : null
  comparison_operator = var.comparison
  threshold           = var.threshold
  period              = var.period_seconds
  evaluation_periods  = var.periods
  datapoints_to_alarm = coalesce(var.datapoints, var.periods)
  treat_missing_data  = var.missing_data
  alarm_actions       = [var.hansho]
  ok_actions          = [var.hansho]
}

output "arn" {
  description = "The alarm."
  value       = aws_cloudwatch_metric_alarm.this.arn
}
