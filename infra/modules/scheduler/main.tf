# The group of one-time schedules, and the role with which EventBridge Scheduler hands timers over.

variable "name" {
  description = "The name of the group, and of the role."
  type        = string
}

variable "account_id" {
  description = "The account."
  type        = string
}

variable "target_arn" {
  description = "The function that timers are for."
  type        = string
}

variable "dead_letter_arn" {
  description = "The queue for timers that could not be handed over."
  type        = string
}

resource "aws_scheduler_schedule_group" "this" {
  name = var.name
}

resource "aws_iam_role" "this" {
  name        = "${var.name}-scheduler"
  description = "With this role EventBridge Scheduler hands the timers of ${var.name} over."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.amazonaws.com" }
      # Only for schedules of this group (Scheduler user guide, "Confused deputy prevention").
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.account_id }
        ArnEquals    = { "aws:SourceArn" = aws_scheduler_schedule_group.this.arn }
      }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = aws_iam_role.this.name
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Invoke", Effect = "Allow", Action = ["lambda:InvokeFunction"], Resource = var.target_arn },
      { Sid = "DeadLetters", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = var.dead_letter_arn },
      { Sid = "Beats", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = aws_sqs_queue.beats.arn },
    ]
  })
}

# Something that is always due: while nothing is, Scheduler's silence says nothing, and while it is, an alarm hears it.
resource "aws_scheduler_schedule" "beat" {
  name                = "beat"
  group_name          = aws_scheduler_schedule_group.this.name
  description         = "Shows every minute that EventBridge Scheduler hands over what is due."
  schedule_expression = "rate(1 minute)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_sqs_queue.beats.arn
    role_arn = aws_iam_role.this.arn
    input    = jsonencode({ beat = var.name })

    # The next one comes in a minute.
    retry_policy {
      maximum_event_age_in_seconds = 60
      maximum_retry_attempts       = 0
    }
  }

  depends_on = [aws_iam_role_policy.this]
}

# Nobody reads them.
resource "aws_sqs_queue" "beats" {
  name                      = "${var.name}-scheduler-beats"
  message_retention_seconds = 60
  sqs_managed_sse_enabled   = true
}

output "group_name" {
  value = aws_scheduler_schedule_group.this.name
}

output "schedules_arn" {
  description = "All schedules of the group."
  value       = "${replace(aws_scheduler_schedule_group.this.arn, ":schedule-group/", ":schedule/")}/*"
}

output "role_arn" {
  value = aws_iam_role.this.arn
}
