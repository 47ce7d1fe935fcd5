# Hansho, whole: the table, a function for each step of an alarm's way to the phone, and what wakes them.
# What each role may do stands in permissions.tf.

locals {
  partition = startswith(var.region, "cn-") ? "aws-cn" : startswith(var.region, "us-gov-") ? "aws-us-gov" : "aws"
  packages  = coalesce(var.packages, "${path.module}/../target/lambda")

  sends_mail    = var.mail_domain != null
  receives_mail = local.sends_mail && var.mail_receiving
  mail_bucket   = "${var.name}-mails-${var.account_id}-${var.region}"
  mail_prefix   = "inbound/"
  from_address  = local.sends_mail ? "hansho@${var.mail_domain}" : ""
  reply_address = local.receives_mail ? "reply@${var.mail_domain}" : ""

  link_key_parameter     = "/${var.name}/link-key"
  link_key_parameter_arn = "arn:${local.partition}:ssm:${var.region}:${var.account_id}:parameter${local.link_key_parameter}"

  namespace = var.name == "hansho" ? "Hansho" : "Hansho/${var.name}"
  # What all functions have in common.
  deployment = {
    name                 = var.name
    account_id           = var.account_id
    packages             = local.packages
    architecture         = var.architecture
    reserved_concurrency = var.reserved_concurrency
    log_retention_days   = var.log_retention_days
  }
  settings = {
    HANSHO_TABLE             = module.table.name
    HANSHO_LOG               = var.log_level
    HANSHO_METRICS_NAMESPACE = local.namespace
  }
  relaying = {
    HANSHO_DELIVERY_QUEUE_URL       = module.delivery_queue.url
    HANSHO_TIMER_QUEUE_URL          = module.timer_queue.url
    HANSHO_ESCALATION_ARN           = module.escalation.live_arn
    HANSHO_SCHEDULER_ROLE_ARN       = module.scheduler.role_arn
    HANSHO_SCHEDULE_GROUP           = module.scheduler.group_name
    HANSHO_SCHEDULE_DEAD_LETTER_ARN = module.escalation.dead_letter_arn
  }
}

# --- state ---------------------------------------------------------------------------------------------------------------------

module "table" {
  source = "./modules/table"

  name                = coalesce(var.table_name, var.name)
  deletion_protection = var.deletion_protection
}

# Signs links and mail addresses. Made once, of 366 random bits; it is neither in the state nor in a plan.
resource "aws_ssm_parameter" "link_key" {
  name             = local.link_key_parameter
  description      = "Signs links and mail addresses of ${var.name}. With another key they all end."
  type             = "SecureString"
  value_wo         = "${uuid()}${uuid()}${uuid()}"
  value_wo_version = 1
}

# --- in ------------------------------------------------------------------------------------------------------------------------

module "alarm_intake" {
  source = "./modules/function"

  deployment                = local.deployment
  function                  = "alarm-intake"
  description               = "CloudWatch alarms and other events of AWS in, incidents out."
  environment               = local.settings
  statements                = local.statements["alarm-intake"]
  foreign_topics            = var.alarm_topics
  is_invoked_asynchronously = true
  has_dead_letters          = true
}

module "sources" {
  source = "./modules/sources"

  name           = var.name
  account_id     = var.account_id
  region         = var.region
  partition      = local.partition
  alarm_accounts = var.alarm_accounts
  alarm_topics   = var.alarm_topics
  event_accounts = var.event_accounts
  events         = var.events

  intake = {
    name            = module.alarm_intake.name
    alias           = module.alarm_intake.alias
    live_arn        = module.alarm_intake.live_arn
    dead_letter_arn = module.alarm_intake.dead_letter_arn
  }
}

module "email_intake" {
  source = "./modules/function"

  deployment                = local.deployment
  function                  = "email-intake"
  description               = "Mails in, incidents out."
  memory_mb                 = 512
  timeout_seconds           = 30
  statements                = local.statements["email-intake"]
  is_invoked_asynchronously = true
  has_dead_letters          = true

  environment = merge(local.settings, {
    HANSHO_LINK_KEY_PARAMETER = local.link_key_parameter
    HANSHO_MAIL_BUCKET        = local.receives_mail ? local.mail_bucket : ""
    HANSHO_MAIL_PREFIX        = local.mail_prefix
    HANSHO_EMAIL_FROM         = local.from_address
    HANSHO_EMAIL_REPLY_TO     = local.reply_address
  })

  depends_on = [aws_ssm_parameter.link_key]
}

module "api" {
  source = "./modules/function"

  deployment                = local.deployment
  function                  = "api"
  description               = "Pages behind links, REST, and events of tools."
  statements                = local.statements["api"]
  is_invoked_asynchronously = false
  has_dead_letters          = false

  environment = merge(local.settings, {
    HANSHO_LINK_KEY_PARAMETER = local.link_key_parameter
    HANSHO_MAIL_DOMAIN        = local.receives_mail ? var.mail_domain : ""
    # From where messages come: people let it through at night.
    HANSHO_SMS_SENDER_ID          = var.sms.sender_id == null ? "" : var.sms.sender_id
    HANSHO_SMS_ORIGINATION_NUMBER = var.sms.origination_number == null ? "" : var.sms.origination_number
    # Passkeys belong to its host.
    HANSHO_PUBLIC_URL = module.http.url
  })

  depends_on = [aws_ssm_parameter.link_key]
}

module "http" {
  source = "./modules/http"

  name                = var.name
  function_name       = module.api.name
  function_alias      = module.api.alias
  function_invoke_arn = module.api.live_invoke_arn
  domain              = var.domain
  zone_id             = var.zone_id
  certificate_arn     = var.certificate_arn
  function_url        = var.function_url
  rate_limit          = var.http_rate_limit
  log_retention_days  = var.log_retention_days
}

module "config" {
  source = "./modules/function"

  deployment                = local.deployment
  function                  = "config"
  description               = "The configuration: plan, apply, give back."
  memory_mb                 = 1769
  timeout_seconds           = 300
  environment               = local.settings
  statements                = local.statements["config"]
  is_invoked_asynchronously = false
  has_dead_letters          = false
}

# --- out -----------------------------------------------------------------------------------------------------------------------

module "outbox_relay" {
  source = "./modules/function"

  deployment                = local.deployment
  function                  = "outbox-relay"
  description               = "New outbox rows become timers and deliveries."
  environment               = merge(local.settings, local.relaying)
  statements                = local.statements["outbox-relay"]
  is_invoked_asynchronously = false
  has_dead_letters          = true
}

resource "aws_lambda_event_source_mapping" "stream" {
  event_source_arn = module.table.stream_arn
  function_name    = module.outbox_relay.live_arn
  # From the beginning: what was written while the mapping was made is relayed too. A row that has ended changes nothing.
  starting_position                  = "TRIM_HORIZON"
  batch_size                         = 100
  maximum_batching_window_in_seconds = 0
  parallelization_factor             = 2
  # What can not be read does not hold up what is behind it: the sweeper looks at the rows themselves.
  bisect_batch_on_function_error = true
  maximum_retry_attempts         = 5
  maximum_record_age_in_seconds  = 3600
  function_response_types        = ["ReportBatchItemFailures"]

  filter_criteria {
    filter {
      pattern = jsonencode({ eventName = ["INSERT"], dynamodb = { NewImage = { entity = { S = ["OUTBOX", "NOTICE"] } } } })
    }
  }

  destination_config {
    on_failure {
      destination_arn = module.outbox_relay.dead_letter_arn
    }
  }
}

module "timer_queue" {
  source = "./modules/queue"

  name               = "${var.name}-timers"
  visibility_seconds = 30
  receives_max       = 5
  dead_letter_arn    = module.escalation.dead_letter_arn
}

module "escalation" {
  source = "./modules/function"

  deployment                = local.deployment
  function                  = "escalation"
  description               = "A deadline has passed: whoever is next is paged."
  environment               = merge(local.settings, { HANSHO_TIMER_QUEUE_URL = module.timer_queue.url })
  statements                = local.statements["escalation"]
  is_invoked_asynchronously = true
  has_dead_letters          = true
}

resource "aws_lambda_event_source_mapping" "timers" {
  event_source_arn        = module.timer_queue.arn
  function_name           = module.escalation.live_arn
  batch_size              = 10
  function_response_types = ["ReportBatchItemFailures"]
}

module "scheduler" {
  source = "./modules/scheduler"

  name            = var.name
  account_id      = var.account_id
  target_arn      = module.escalation.live_arn
  dead_letter_arn = module.escalation.dead_letter_arn
}

module "delivery_queue" {
  source = "./modules/queue"

  name = "${var.name}-deliveries"
  # functions/delivery/src/lib.rs: VISIBILITY_SECONDS.
  visibility_seconds = 30
  receives_max       = 5
  dead_letter_arn    = module.delivery.dead_letter_arn
}

module "delivery" {
  source = "./modules/function"

  deployment                = local.deployment
  function                  = "delivery"
  description               = "One delivery to one channel; what providers report."
  statements                = local.statements["delivery"]
  is_invoked_asynchronously = true
  has_dead_letters          = true

  environment = merge(local.settings, {
    HANSHO_LINK_KEY_PARAMETER     = local.link_key_parameter
    HANSHO_PUBLIC_URL             = module.http.url
    HANSHO_DELIVERY_QUEUE_URL     = module.delivery_queue.url
    HANSHO_EMAIL_FROM             = local.from_address
    HANSHO_EMAIL_REPLY_TO         = local.reply_address
    HANSHO_SES_CONFIGURATION_SET  = local.sends_mail ? module.mail[0].configuration_set_name : ""
    HANSHO_SMS_SENDER_ID          = var.sms.sender_id == null ? "" : var.sms.sender_id
    HANSHO_SMS_ORIGINATION_NUMBER = var.sms.origination_number == null ? "" : var.sms.origination_number
    HANSHO_SMS_MAX_PRICE_USD      = var.sms.max_price_usd == null ? "" : var.sms.max_price_usd
    HANSHO_WEBHOOK_ALLOW_PRIVATE  = tostring(var.webhook_allow_private)
  })

  depends_on = [aws_ssm_parameter.link_key]
}

# One message at a time: a slow provider keeps nobody else's message waiting.
resource "aws_lambda_event_source_mapping" "deliveries" {
  event_source_arn        = module.delivery_queue.arn
  function_name           = module.delivery.live_arn
  batch_size              = 1
  function_response_types = ["ReportBatchItemFailures"]
}

# --- what was lost -------------------------------------------------------------------------------------------------------------

module "sweeper" {
  source = "./modules/function"

  deployment                = local.deployment
  function                  = "sweeper"
  description               = "Every minute: what should have happened and did not is done now."
  timeout_seconds           = 50
  statements                = concat(local.statements["sweeper"], local.watches_parts)
  is_invoked_asynchronously = true
  has_dead_letters          = true
  success_arn               = var.ping_url == null ? null : "arn:${local.partition}:events:${var.region}:${var.account_id}:event-bus/default"

  # A part that is switched off takes the heartbeat away: in quiet times nothing is asked of it, and nothing else would notice.
  environment = merge(local.settings, local.relaying, {
    HANSHO_WATCHED_FUNCTIONS = join(",", [for arn in local.watched_functions : reverse(split(":", arn))[0]])
    HANSHO_WATCHED_MAPPINGS  = join(",", [for mapping in local.watched_mappings : mapping.uuid])
    # No page waits for the bridge.
    HANSHO_WATCHED_OPTIONAL = join(",", concat(
      module.incident_manager_bridge[*].name,
      aws_lambda_event_source_mapping.bridge_stream[*].uuid,
      aws_lambda_event_source_mapping.bridge_queue[*].uuid,
    ))
  })
}

# A rule and not a schedule: Scheduler and what finds its lost timers do not fail together.
resource "aws_cloudwatch_event_rule" "sweeper" {
  name                = "${var.name}-sweeper"
  description         = "Wakes the sweeper of ${var.name}."
  schedule_expression = "rate(1 minute)"
}

resource "aws_cloudwatch_event_target" "sweeper" {
  rule = aws_cloudwatch_event_rule.sweeper.name
  arn  = module.sweeper.live_arn

  # The next one comes in a minute.
  retry_policy {
    maximum_event_age_in_seconds = 60
    maximum_retry_attempts       = 2
  }
}

resource "aws_lambda_permission" "sweeper" {
  statement_id  = "Rule"
  action        = "lambda:InvokeFunction"
  function_name = module.sweeper.name
  qualifier     = module.sweeper.alias
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.sweeper.arn
}
