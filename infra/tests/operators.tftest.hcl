# modules/operators: who hears of an alarm on Hansho itself, and of its end. The first apply makes some 45 alarms, which are well.

mock_provider "aws" {
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:ap-northeast-1:111122223333:hansho-operators" }
  }
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:ap-northeast-1:111122223333:rule/hansho-operators-ok" }
  }
}

variables {
  name      = "hansho"
  operators = { email = ["ops@example.com"], sms = ["+819000000001"], https = ["https://ops.example.com/sns"] }
}

run "what_is_wrong_is_told_to_every_address_at_once" {
  module {
    source = "./modules/operators"
  }

  assert {
    condition     = toset([for subscription in aws_sns_topic_subscription.operators : "${subscription.protocol} ${subscription.endpoint}"]) == toset(["email ops@example.com", "sms +819000000001", "https https://ops.example.com/sns"])
    error_message = "Every address is subscribed."
  }
  assert {
    # A filter that does not fit what CloudWatch sends would keep an alarm from everybody.
    condition     = alltrue([for subscription in aws_sns_topic_subscription.operators : subscription.filter_policy == null])
    error_message = "Nothing stands between an alarm and whom it is for."
  }
  assert {
    condition     = jsondecode(aws_sns_topic_policy.operators.policy).Statement[0].Principal.Service == "cloudwatch.amazonaws.com" && jsondecode(aws_sns_topic_policy.operators.policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "111122223333"
    error_message = "CloudWatch may publish there for this account."
  }
}

run "what_is_over_is_told_to_no_phone_and_only_after_an_alarm" {
  module {
    source = "./modules/operators"
  }

  assert {
    condition     = toset([for subscription in aws_sns_topic_subscription.ok : subscription.protocol]) == toset(["email", "https"])
    error_message = "A text costs money and wakes somebody."
  }
  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.ok[0].event_pattern) == {
      source        = ["aws.cloudwatch"]
      "detail-type" = ["CloudWatch Alarm State Change"]
      detail        = { alarmName = [{ prefix = "hansho: " }], state = { value = ["OK"] }, previousState = { value = ["ALARM"] } }
    }
    error_message = "An alarm that was just made goes to OK from INSUFFICIENT_DATA, of which nobody needs to hear."
  }
  assert {
    condition     = aws_cloudwatch_event_target.ok[0].arn == aws_sns_topic.ok[0].arn && strcontains(aws_cloudwatch_event_target.ok[0].input_transformer[0].input_template, "\"NewStateValue\": \"OK\"")
    error_message = "Tools behind an https address know by it what is over."
  }
  assert {
    condition     = jsondecode(aws_sns_topic_policy.ok[0].policy).Statement[0].Principal.Service == "events.amazonaws.com" && jsondecode(aws_sns_topic_policy.ok[0].policy).Statement[0].Condition.ArnEqualsIfExists["aws:SourceArn"] == aws_cloudwatch_event_rule.ok[0].arn
    error_message = "The rule may publish there."
  }
}

run "where_there_are_only_phones_nothing_tells_what_is_over" {
  module {
    source = "./modules/operators"
  }
  variables {
    operators = { email = [], sms = ["+819000000001"], https = [] }
  }

  assert {
    condition     = length(aws_sns_topic.ok) + length(aws_cloudwatch_event_rule.ok) + length(aws_sns_topic_subscription.ok) == 0
    error_message = "There is nobody to be told."
  }
}
