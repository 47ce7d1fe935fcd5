# modules/forward: events of another account or Region.

mock_provider "aws" {
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:us-east-1:444455556666:rule/hansho-us-east-1" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::444455556666:role/hansho-us-east-1" }
  }
}

variables {
  name          = "hansho-us-east-1"
  event_bus_arn = "arn:aws:events:ap-northeast-1:111122223333:event-bus/hansho"
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
