# modules/team: a few lines are a whole team, and what the function config says fails the plan.

mock_provider "aws" {
  mock_data "aws_lambda_invocation" {
    defaults = { result = "{\"result\":\"checked\",\"seal\":\"abc\",\"summary\":\"users: 2 new\"}" }
  }
}

variables {
  hansho    = "arn:aws:lambda:ap-northeast-1:111122223333:function:hansho-config:live"
  url       = "https://oncall.example.com"
  name      = "checkout"
  time_zone = "Asia/Tokyo"
  users = {
    aiko = { name = "佐藤 愛子", phone = "+819000000001" }
    ben  = { name = "Ben", email = "ben@example.com", time_zone = "Europe/London", notify = { high = [{ after = "0m", by = "email" }] } }
  }
}

run "a_few_lines_are_a_whole_team" {
  command = plan
  module {
    source = "./modules/team"
  }
  variables {
    rotation      = { start = "2026-01-05T10:00" }
    support_hours = { from = "09:00", to = "18:00", holidays = ["jp-national"] }
    service       = { alarms = ["checkout-*"] }
  }

  assert {
    condition     = yamldecode(jsondecode(aws_lambda_invocation.this.input).configuration).users.aiko == { name = "佐藤 愛子", phone = "+819000000001", time_zone = "Asia/Tokyo" }
    error_message = "A person without a clock of their own has the team's."
  }
  assert {
    condition     = yamldecode(jsondecode(aws_lambda_invocation.this.input).configuration).users.ben.time_zone == "Europe/London"
    error_message = "A person's own clock stays."
  }
  assert {
    condition = yamldecode(jsondecode(aws_lambda_invocation.this.input).configuration).schedules == {
      checkout = { time_zone = "Asia/Tokyo", rotations = [{ name = "rotation", start = "2026-01-05T10:00", every = "1 week", members = ["aiko", "ben"] }] }
    }
    error_message = "Everybody is on call in turn."
  }
  assert {
    condition = yamldecode(jsondecode(aws_lambda_invocation.this.input).configuration).escalation_policies == {
      checkout = { steps = [{ notify = ["schedule/checkout"], wait = "5m" }, { notify = ["team/checkout"], wait = "5m" }], repeat = 2 }
    }
    error_message = "Whoever is on call, then everybody."
  }
  assert {
    condition = yamldecode(jsondecode(aws_lambda_invocation.this.input).configuration).services == {
      checkout = { name = "checkout", escalation_policy = "checkout", alarms = ["checkout-*"], urgency = { during = { hours = "checkout", is = "high" }, otherwise = "by_severity" } }
    }
    error_message = "The service goes by the support hours."
  }
  assert {
    condition     = yamldecode(jsondecode(aws_lambda_invocation.this.input).configuration).hours.checkout.windows == [{ from = "09:00", to = "18:00", days = ["mon", "tue", "wed", "thu", "fri"] }]
    error_message = "Support hours are those of the working week."
  }
  assert {
    condition     = aws_ssm_parameter.key["checkout-events"].name == "/hansho/keys/checkout-events" && aws_ssm_parameter.key["checkout-events"].type == "SecureString"
    error_message = "The key is in a parameter that is encrypted."
  }
  assert {
    condition     = output.integrations["checkout-events"] == { type = "events", address = "https://oncall.example.com/v2/enqueue", key_parameter = "/hansho/keys/checkout-events" }
    error_message = "The way in is an output, and the key is not."
  }
  assert {
    condition     = aws_lambda_invocation.this.lifecycle_scope == "CRUD" && aws_lambda_invocation.this.qualifier == "live" && jsondecode(aws_lambda_invocation.this.input).seal == "abc"
    error_message = "It is made, changed and taken out by the version that works."
  }
}

run "without_a_rotation_everybody_is_called_and_without_hours_everything_is_urgent" {
  command = plan
  module {
    source = "./modules/team"
  }

  assert {
    condition     = !can(yamldecode(jsondecode(aws_lambda_invocation.this.input).configuration).schedules) && !can(yamldecode(jsondecode(aws_lambda_invocation.this.input).configuration).hours)
    error_message = "Nothing is made that nobody asked for."
  }
  assert {
    condition     = yamldecode(jsondecode(aws_lambda_invocation.this.input).configuration).escalation_policies.checkout.steps == [{ notify = ["team/checkout"], wait = "5m" }]
    error_message = "The team is called at once."
  }
}

run "whatever_else_a_configuration_has_is_an_argument" {
  command = plan
  module {
    source = "./modules/team"
  }
  variables {
    events              = false
    mail                = true
    escalation_policies = { checkout = { steps = [{ notify = ["user/aiko"], wait = "10m" }] } }
    services            = { search = { escalation_policy = "checkout", urgency = "low" } }
    calendars           = { closing = { days = ["12-29..01-03"] } }
    maintenance_windows = { monthly = { services = ["search"], start = "2026-12-01T02:00", end = "2026-12-01T03:00" } }
    destinations        = { chat = { type = "slack", url = "https://hooks.example.com/services/x" } }
    fallback            = ["user/aiko"]
    tests               = [{ at = "2026-12-31T03:00", service = "search", severity = "critical" }]
    routes              = [{ if = "true" }]
    allowances          = { holidays = ["jp-national"] }
    retention           = { suppressed = "30d" }
  }

  assert {
    condition = toset(keys(yamldecode(jsondecode(aws_lambda_invocation.this.input).configuration))) == toset([
      "users", "teams", "escalation_policies", "services", "integrations", "calendars", "maintenance_windows", "destinations", "fallback", "tests", "routes", "allowances", "retention",
    ])
    error_message = "Each section is there."
  }
  assert {
    condition     = yamldecode(jsondecode(aws_lambda_invocation.this.input).configuration).escalation_policies.checkout.steps[0].notify == ["user/aiko"]
    error_message = "What is written takes the place of what is made."
  }
  assert {
    condition     = keys(yamldecode(jsondecode(aws_lambda_invocation.this.input).configuration).integrations) == ["checkout-mail"] && length(aws_ssm_parameter.key) == 0
    error_message = "Mail has no key."
  }
}

run "what_the_function_says_fails_the_plan" {
  command = plan
  module {
    source = "./modules/team"
  }
  override_data {
    target = data.aws_lambda_invocation.check
    values = { result = "{\"result\":\"invalid\",\"message\":\"The team checkout is not put in force:\\nusers.aiko: can not be reached\"}" }
  }
  expect_failures = [data.aws_lambda_invocation.check]
}

run "a_secret_that_is_written_out_is_warned_of" {
  command = plan
  module {
    source = "./modules/team"
  }
  variables {
    destinations = { chat = { chat = "https://hooks.slack.com/services/x" } }
  }
  expect_failures = [check.secrets]
}

run "a_secret_may_be_the_name_of_a_parameter" {
  command = plan
  module {
    source = "./modules/team"
  }
  variables {
    users        = { aiko = { name = "Aiko", webhook = "https://hooks.example.net/aiko", webhook_secret = "ssm:/hansho/secrets/checkout/aiko" } }
    destinations = { chat = { chat = "ssm:/hansho/secrets/checkout/chat" }, tool = { webhook = "https://tool.example.net/", secret = "ssm:/hansho/secrets/checkout/tool" } }
  }

  assert {
    condition     = length(local.plain_secrets) == 0 && yamldecode(jsondecode(aws_lambda_invocation.this.input).configuration).destinations.chat.chat == "ssm:/hansho/secrets/checkout/chat"
    error_message = "The name goes to the function, which puts the value in."
  }
}

run "an_arn_of_another_function_is_refused" {
  command = plan
  module {
    source = "./modules/team"
  }
  variables {
    hansho = "arn:aws:lambda:ap-northeast-1:111122223333:function:hansho-alarm-intake:live"
  }
  expect_failures = [var.hansho]
}

run "a_name_that_is_none_is_refused" {
  command = plan
  module {
    source = "./modules/team"
  }
  variables {
    name = "Checkout Team"
  }
  expect_failures = [var.name]
}
