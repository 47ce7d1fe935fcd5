# modules/scheduler: nobody else's schedules use its role, and it invokes one function.

mock_provider "aws" {
  mock_resource "aws_scheduler_schedule_group" {
    defaults = { arn = "arn:aws:scheduler:ap-northeast-1:111122223333:schedule-group/hansho" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/hansho-scheduler" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:ap-northeast-1:111122223333:hansho-scheduler-beats" }
  }
}

variables {
  name            = "hansho"
  account_id      = "111122223333"
  target_arn      = "arn:aws:lambda:ap-northeast-1:111122223333:function:hansho-escalation:live"
  dead_letter_arn = "arn:aws:sqs:ap-northeast-1:111122223333:hansho-escalation-dead-letters"
}

run "only_schedules_of_this_group_of_this_account_use_the_role" {
  module {
    source = "./modules/scheduler"
  }

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement == [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.amazonaws.com" }
      Condition = {
        StringEquals = { "aws:SourceAccount" = "111122223333" }
        ArnEquals    = { "aws:SourceArn" = "arn:aws:scheduler:ap-northeast-1:111122223333:schedule-group/hansho" }
      }
    }]
    error_message = "Whoever may make schedules elsewhere would act by it."
  }
}
