# In another account or Region: what is to open incidents is put on Hansho's event bus. Its deployment has to name the account in
# `event_accounts`.

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

resource "aws_cloudwatch_event_rule" "this" {
  name          = var.name
  description   = "For Hansho: ${var.event_bus_arn}"
  event_pattern = jsonencode({ source = sort(var.sources) })
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
}
