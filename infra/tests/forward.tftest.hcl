# modules/forward: events of another account or Region.

mock_provider "aws" {
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:us-east-1:444455556666:rule/hansho-us-east-1" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:us-east-1:444455556666:hansho-us-east-1-dead-letters", url = "https://sqs.us-east-1.amazonaws.com/444455556666/hansho-us-east-1-dead-letters" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-east-1:444455556666:hansho-us-east-1-operators" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::444455556666:role/hansho-us-east-1" }
  }
}

variables {
  name          = "hansho-us-east-1"
  event_bus_arn = "arn:aws:events:ap-northeast-1:111122223333:event-bus/hansho"
  operators     = { email = ["ops@example.com"], sms = ["+819000000001"] }
}

run "events_go_to_the_bus_under_a_role_of_their_own" {
  module {
    source = "./modules/forward"
  }

  assert {
    condition     = aws_cloudwatch_event_target.this.arn == var.event_bus_arn && aws_cloudwatch_event_target.this.role_arn == aws_iam_role.this.arn
    error_message = "Buses of other accounts and Regions are reached with a role."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.this.policy).Statement[0].Resource == var.event_bus_arn
    error_message = "The role may put events there, and nowhere else."
  }
}

# A refused event puts an alarm on, and the alarm's own event would be refused, too.
run "its_own_alarms_are_not_forwarded" {
  module {
    source = "./modules/forward"
  }

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.this.event_pattern) == {
      source = ["aws.cloudwatch", "aws.guardduty", "aws.health", "aws.securityhub"]
      detail = { alarmName = [{ exists = false }, { "anything-but" = { prefix = "hansho-us-east-1: " } }] }
    }
    error_message = "Events without the name of an alarm are forwarded, and alarms but for its own."
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : startswith(alarm.alarm_name, "hansho-us-east-1: ")])
    error_message = "Its own alarms are told by how their names begin."
  }
}

run "without_alarms_only_the_source_is_asked_for" {
  module {
    source = "./modules/forward"
  }
  variables {
    sources = ["aws.health"]
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.this.event_pattern) == { source = ["aws.health"] }
    error_message = "Nothing but alarms can go round in a circle."
  }
}

run "an_address_that_is_no_bus_is_refused" {
  command = plan
  module {
    source = "./modules/forward"
  }
  variables {
    event_bus_arn = "arn:aws:lambda:ap-northeast-1:111122223333:function:hansho-alarm-intake:live"
  }
  expect_failures = [var.event_bus_arn]
}

# The bus of a deployment that does not name this account refuses every event at once: nothing is tried again, and nothing is seen there.
run "what_could_not_be_forwarded_is_kept_and_people_hear_of_it" {
  module {
    source = "./modules/forward"
  }

  assert {
    condition     = aws_cloudwatch_event_target.this.dead_letter_config[0].arn == aws_sqs_queue.dead_letters.arn && aws_sqs_queue.dead_letters.message_retention_seconds == 1209600
    error_message = "What the bus does not take is kept for 14 days."
  }
  assert {
    condition     = aws_cloudwatch_event_target.this.retry_policy[0].maximum_event_age_in_seconds == 86400 && aws_cloudwatch_event_target.this.retry_policy[0].maximum_retry_attempts == 185
    error_message = "It is tried for a day, as the targets of alarm-intake are."
  }
  assert {
    condition     = jsondecode(aws_sqs_queue_policy.dead_letters.policy).Statement[0].Condition.ArnEquals["aws:SourceArn"] == aws_cloudwatch_event_rule.this.arn && jsondecode(aws_sqs_queue_policy.dead_letters.policy).Statement[0].Action == "sqs:SendMessage"
    error_message = "EventBridge may put there what this rule could not hand over; nobody else may."
  }
  assert {
    condition     = { for name, alarm in aws_cloudwatch_metric_alarm.this : name => "${alarm.namespace} ${alarm.metric_name}" } == { dead-letters = "AWS/SQS ApproximateNumberOfMessagesVisible", failed = "AWS/Events FailedInvocations", lost = "AWS/Events InvocationsFailedToBeSentToDlq" }
    error_message = "A put that failed, a dead letter, and one that is lost are each noticed."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["failed"].dimensions == tomap({ RuleName = "hansho-us-east-1" }) && aws_cloudwatch_metric_alarm.this["dead-letters"].dimensions == tomap({ QueueName = "hansho-us-east-1-dead-letters" })
    error_message = "Of this rule and of its queue."
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_actions == toset([module.operators.topic_arn]) && alarm.threshold == 1 && alarm.period == 60 && alarm.evaluation_periods == 1 && strcontains(alarm.alarm_description, "event_accounts")])
    error_message = "Each tells the operators within a minute what to look at."
  }
}

run "nobody_to_be_told_is_refused" {
  command = plan
  module {
    source = "./modules/forward"
  }
  variables {
    operators = {}
  }
  expect_failures = [var.operators]
}
