# What a plan refuses, because AWS would in the middle of an apply, or because nobody would be reached.

mock_provider "aws" {}

variables {
  account_id = "111122223333"
  region     = "ap-northeast-1"
  packages   = "tests/packages"
  operators  = { email = ["you@example.com"] }
}

run "a_name_too_short_for_a_table_is_refused" {
  command = plan
  variables {
    name = "ab"
  }
  expect_failures = [var.name]
}

run "the_name_of_the_accounts_own_schedule_group_is_refused" {
  command = plan
  variables {
    name = "default"
  }
  expect_failures = [var.name]
}

run "a_name_that_parameter_store_keeps_is_refused" {
  command = plan
  variables {
    name = "aws-oncall"
  }
  expect_failures = [var.name]
}

run "a_name_that_no_bucket_may_begin_with_is_refused" {
  command = plan
  variables {
    name = "sthree-x"
  }
  expect_failures = [var.name]
}

run "a_sender_that_sns_refuses_is_refused" {
  command = plan
  variables {
    sms = { sender_id = "半鐘 on-call desk!" }
  }
  expect_failures = [var.sms]
}

run "a_sender_of_digits_only_is_refused" {
  command = plan
  variables {
    sms = { sender_id = "12345" }
  }
  expect_failures = [var.sms]
}

run "a_number_without_its_country_is_refused" {
  command = plan
  variables {
    sms = { origination_number = "090-1234-5678" }
  }
  expect_failures = [var.sms]
}

run "a_short_code_is_a_number" {
  command = plan
  variables {
    sms = { origination_number = "12345" }
  }

  assert {
    condition     = var.sms.origination_number == "12345"
    error_message = "In the United States a short code is the usual one for many texts."
  }
}

run "a_number_of_a_country_without_its_plus_is_refused" {
  command = plan
  variables {
    sms = { origination_number = "12065550100" }
  }
  expect_failures = [var.sms]
}

run "a_short_code_of_three_digits_is_a_number" {
  command = plan
  variables {
    sms = { origination_number = "123" }
  }

  assert {
    condition     = var.sms.origination_number == "123"
    error_message = "Short codes have three to seven digits, by country."
  }
}

run "a_short_code_of_two_digits_is_refused" {
  command = plan
  variables {
    sms = { origination_number = "12" }
  }
  expect_failures = [var.sms]
}

run "a_price_that_is_none_is_refused" {
  command = plan
  variables {
    sms = { max_price_usd = "cheap" }
  }
  expect_failures = [var.sms]
}

run "a_price_of_nothing_is_refused" {
  command = plan
  variables {
    sms = { max_price_usd = "0" }
  }
  expect_failures = [var.sms]
}

run "more_accounts_than_a_policy_takes_are_refused" {
  command = plan
  variables {
    alarm_accounts = [for i in range(41) : tostring(100000000000 + i)]
  }
  expect_failures = [var.alarm_accounts]
}

run "more_topics_than_a_policy_takes_are_refused" {
  command = plan
  variables {
    alarm_topics = [for i in range(50) : "arn:aws:sns:ap-northeast-1:111122223333:alarms-${i}"]
  }
  expect_failures = [var.alarm_accounts]
}

run "a_topic_of_another_region_is_refused" {
  command = plan
  variables {
    alarm_topics = ["arn:aws:sns:us-east-1:111122223333:alarms"]
  }
  expect_failures = [var.alarm_topics]
}

run "an_operator_without_an_address_is_refused" {
  command = plan
  variables {
    operators = { email = [""] }
  }
  expect_failures = [var.operators]
}

run "an_operator_without_a_country_is_refused" {
  command = plan
  variables {
    operators = { sms = ["09012345678"] }
  }
  expect_failures = [var.operators]
}

run "a_domain_of_keys_that_is_not_of_ses_is_refused" {
  command = plan
  variables {
    dkim_domain = "example.com"
  }
  expect_failures = [var.dkim_domain]
}
