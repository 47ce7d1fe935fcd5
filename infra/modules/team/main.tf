# A team, put in force through the function `config`: beside the folder that `hansho apply` brings, and beside other teams. Each owns what it
# has, and none removes or changes anything of another's.

terraform {
  # Write-only arguments: a key is never in the state.
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 6.0.0"
    }
  }
}

locals {
  function   = regex("^(?P<name>.+:function:[^:]+):(?P<qualifier>[^:]+)$", var.hansho)
  deployment = trimsuffix(element(split(":", local.function.name), 6), "-config")
  title      = coalesce(var.title, var.name)
  members    = coalesce(var.members, keys(var.users))

  # What is made of the short arguments. With `if` and not with a conditional, whose two sides would have to be of one type.
  made_schedules = { for name, rotation in { (var.name) = var.rotation } : name => {
    time_zone = var.time_zone
    rotations = [{ name = "rotation", start = rotation.start, every = rotation.every, members = coalesce(rotation.members, local.members) }]
  } if rotation != null }
  made_hours = { for name, hours in { (var.name) = var.support_hours } : name => {
    time_zone = var.time_zone
    windows   = [{ from = hours.from, to = hours.to, days = hours.days }]
    holidays  = hours.holidays
  } if hours != null }
  made_urgency = { for key, hours in { urgency = var.support_hours } : key => {
    during    = { hours = var.name, is = "high" }
    otherwise = "by_severity"
  } if hours != null }
  on_call = [for target in ["schedule/${var.name}"] : { notify = [target], wait = var.wait } if var.rotation != null]
  made_integrations = { for id, integration in {
    "${var.name}-events" = { type = "events", service = var.name, name = "${local.title}: events", wanted = var.events }
    "${var.name}-mail"   = { type = "email", service = var.name, name = "${local.title}: mail", wanted = var.mail }
  } : id => { for key, value in integration : key => value if key != "wanted" } if integration.wanted }

  users = { for name, user in var.users : name => merge({ time_zone = var.time_zone }, user) }
  teams = merge({ (var.name) = { name = local.title, members = local.members, escalation_policy = var.name } }, var.teams)
  policies = merge({ (var.name) = {
    steps  = concat(local.on_call, [{ notify = ["team/${var.name}"], wait = var.wait }])
    repeat = var.repeat
  } }, var.escalation_policies)
  services     = merge({ (var.name) = merge({ name = local.title, escalation_policy = var.name }, local.made_urgency, var.service) }, var.services)
  integrations = merge(local.made_integrations, var.integrations)

  sections = {
    users               = local.users
    teams               = local.teams
    schedules           = merge(local.made_schedules, var.schedules)
    escalation_policies = local.policies
    services            = local.services
    integrations        = local.integrations
    hours               = merge(local.made_hours, var.hours)
    calendars           = var.calendars
    maintenance_windows = var.maintenance_windows
    destinations        = var.destinations
    fallback            = var.fallback
    tests               = var.tests
    routes              = var.routes
    allowances          = var.allowances
    retention           = var.retention
  }
  configuration = yamlencode({ for name, section in local.sections : name => section if length(section) > 0 })

  # Written as they are they stand in the state and in saved plans, which `sensitive` keeps out of what is printed only.
  plain_secrets = nonsensitive(concat(
    [for name, user in var.users : "users.${name}.webhook_secret" if !startswith(try(user.webhook_secret, "ssm:/"), "ssm:/")],
    [for name, destination in var.destinations : "destinations.${name}.secret" if !startswith(try(destination.secret, "ssm:/"), "ssm:/")],
    [for name, destination in var.destinations : "destinations.${name}.chat" if !startswith(try(destination.chat, "ssm:/"), "ssm:/")],
  ))

  key_parameters = { for id, integration in local.integrations : id => "/${local.deployment}/keys/${id}" if try(integration.type, "") == "events" }
  team = {
    team                = var.name
    configuration       = local.configuration
    keys                = { for id, parameter in local.key_parameters : id => { parameter = parameter, version = var.key_version } }
    key_overlap_seconds = var.key_overlap_seconds
    by                  = "terraform"
    with                = "infra/modules/team"
  }
}

# Made here once, of 122 random bits, and read by the function `config`, which keeps its hash: it is neither in the state nor in a plan.
resource "aws_ssm_parameter" "key" {
  for_each = local.key_parameters

  name             = each.value
  description      = "The key of the integration ${each.key} of ${local.deployment}."
  type             = "SecureString"
  value_wo         = replace(uuid(), "-", "")
  value_wo_version = var.key_version
}

# Said with every plan, and no reason to refuse: who reads the state may be trusted with them.
check "secrets" {
  assert {
    condition     = length(local.plain_secrets) == 0
    error_message = "Whoever reads the state or a saved plan reads ${join(", ", local.plain_secrets)}. Put each into a parameter (aws ssm put-parameter --type SecureString --name /${local.deployment}/secrets/${var.name}/NAME --value SECRET) and write \"ssm:/${local.deployment}/secrets/${var.name}/NAME\" in its place."
  }
}

# Asked with every plan once the function is there. What is wrong is said before anything is changed.
data "aws_lambda_invocation" "check" {
  function_name = local.function.name
  qualifier     = local.function.qualifier
  input         = sensitive(jsonencode(merge(local.team, { action = "check_team" })))

  lifecycle {
    postcondition {
      condition     = try(jsondecode(self.result).result, "") == "checked"
      error_message = try(jsondecode(self.result).message, "The function config answers something else than Hansho does: ${self.result}")
    }
  }
}

resource "aws_lambda_invocation" "this" {
  function_name   = local.function.name
  qualifier       = local.function.qualifier
  lifecycle_scope = "CRUD"

  # The seal is that in force where nothing differs, and another one otherwise: so whatever became of an apply before, and whatever a
  # restore has brought back, a plan is empty when the team is in force just so, and only then.
  input = sensitive(jsonencode(merge(local.team, {
    action    = "team"
    seal      = jsondecode(data.aws_lambda_invocation.check.result).seal
    take_over = var.take_over
  })))

  depends_on = [aws_ssm_parameter.key]
}
