# modules/alarm: one line gives an alarm its actions.

mock_provider "aws" {}

variables {
  hansho    = "arn:aws:lambda:ap-northeast-1:111122223333:function:hansho-alarm-intake:live"
  name      = "checkout-5xx"
  namespace = "AWS/ApplicationELB"
  metric    = "HTTPCode_Target_5XX_Count"
  threshold = 10
}

run "it_names_hansho_in_alarm_and_in_ok" {
  command = plan
  module {
    source = "./modules/alarm"
  }
  variables {
    service     = "checkout"
    severity    = "critical"
    description = "Payments fail."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this.alarm_actions == toset([var.hansho]) && aws_cloudwatch_metric_alarm.this.ok_actions == toset([var.hansho])
    error_message = "Without OK nothing resolves by itself."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this.alarm_description == "Payments fail.\nservice: checkout\nseverity: critical"
    error_message = "The description says whom it is for."
  }
}

run "a_percentile_is_one" {
  command = plan
  module {
    source = "./modules/alarm"
  }
  variables {
    statistic = "p99"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this.extended_statistic == "p99" && aws_cloudwatch_metric_alarm.this.statistic == null
    error_message = "Percentiles are extended statistics."
  }
}

run "an_arn_without_the_alias_is_refused" {
  command = plan
  module {
    source = "./modules/alarm"
  }
  variables {
    hansho = "arn:aws:lambda:ap-northeast-1:111122223333:function:hansho-alarm-intake"
  }
  expect_failures = [var.hansho]
}

run "a_severity_that_is_none_is_refused" {
  command = plan
  module {
    source = "./modules/alarm"
  }
  variables {
    severity = "high"
  }
  expect_failures = [var.severity]
}
