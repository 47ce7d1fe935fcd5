# A queue that waits for one function.

variable "name" {
  description = "The name of the queue."
  type        = string
}

variable "visibility_seconds" {
  description = "How long a message is hidden while it is worked on. At least as long as its function may run."
  type        = number
}

variable "receives_max" {
  description = "How often a message is tried before it is a dead letter."
  type        = number
}

variable "dead_letter_arn" {
  description = "The queue for dead letters."
  type        = string
}

resource "aws_sqs_queue" "this" {
  name                       = var.name
  visibility_timeout_seconds = var.visibility_seconds
  # What the queue holds is in the table too, and the sweeper finds it there: nothing here is worth more than a day.
  message_retention_seconds = 86400
  receive_wait_time_seconds = 20
  sqs_managed_sse_enabled   = true
  redrive_policy            = jsonencode({ deadLetterTargetArn = var.dead_letter_arn, maxReceiveCount = var.receives_max })
}

output "arn" {
  value = aws_sqs_queue.this.arn
}

output "url" {
  value = aws_sqs_queue.this.url
}

output "name" {
  value = aws_sqs_queue.this.name
}
