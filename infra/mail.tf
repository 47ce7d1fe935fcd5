# Mail and text messages: what they need besides the functions.

module "mail" {
  source = "./modules/mail"
  count  = local.sends_mail ? 1 : 0

  name           = var.name
  account_id     = var.account_id
  region         = var.region
  partition      = local.partition
  domain         = var.mail_domain
  dkim_domain    = var.dkim_domain
  zone_id        = var.zone_id
  receives       = local.receives_mail
  rule_set       = var.receipt_rule_set
  retention_days = var.mail_retention_days
  bucket         = local.mail_bucket
  prefix         = local.mail_prefix
  leave_out      = var.leave_out

  intake = {
    name     = module.email_intake.name
    alias    = module.email_intake.alias
    live_arn = module.email_intake.live_arn
  }
}

resource "aws_sns_topic_subscription" "mail_reports" {
  count = local.sends_mail ? 1 : 0

  topic_arn      = module.mail[0].reports_topic_arn
  protocol       = "lambda"
  endpoint       = module.delivery.live_arn
  redrive_policy = jsonencode({ deadLetterTargetArn = module.delivery.dead_letter_arn })

  depends_on = [aws_lambda_permission.mail_reports]
}

resource "aws_lambda_permission" "mail_reports" {
  count = local.sends_mail ? 1 : 0

  statement_id  = "MailReports"
  action        = "lambda:InvokeFunction"
  function_name = module.delivery.name
  qualifier     = module.delivery.alias
  principal     = "sns.amazonaws.com"
  source_arn    = module.mail[0].reports_topic_arn
}

# --- text messages: settings of the whole account in this Region ---------------------------------------------------------------

locals {
  # SNS writes what became of text messages to these logs, and to no others (SNS developer guide, "CloudWatch logs for SMS deliveries").
  sms_successes = "sns/${var.region}/${var.account_id}/DirectPublishToPhoneNumber"
  sms_failures  = "${local.sms_successes}/Failure"
  manages_sms   = var.sms.manage_account
  logs_success  = local.manages_sms && var.sms.success_sample_rate > 0
}

resource "aws_sns_sms_preferences" "this" {
  count = local.manages_sms && !contains(var.leave_out, "sms_preferences") ? 1 : 0

  monthly_spend_limit                   = var.sms.monthly_limit_usd
  default_sms_type                      = "Transactional"
  default_sender_id                     = var.sms.sender_id
  delivery_status_iam_role_arn          = aws_iam_role.sms_log[0].arn
  delivery_status_success_sampling_rate = var.sms.success_sample_rate

  # SNS makes a log that is not there, and what it makes is not taken down.
  depends_on = [aws_iam_role_policy.sms_log, aws_cloudwatch_log_group.sms_failures, aws_cloudwatch_log_group.sms_successes]
}

resource "aws_cloudwatch_log_group" "sms_failures" {
  count = local.manages_sms && !contains(var.sms.existing_logs, "failure") ? 1 : 0

  name              = local.sms_failures
  retention_in_days = var.log_retention_days
}

resource "aws_cloudwatch_log_group" "sms_successes" {
  count = local.logs_success && !contains(var.sms.existing_logs, "success") ? 1 : 0

  name              = local.sms_successes
  retention_in_days = var.log_retention_days
}

resource "aws_iam_role" "sms_log" {
  count = local.manages_sms ? 1 : 0

  name        = "${var.name}-sms-log"
  description = "With this role SNS writes what became of text messages."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "sns.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "sms_log" {
  count = local.manages_sms ? 1 : 0

  name = aws_iam_role.sms_log[0].name
  role = aws_iam_role.sms_log[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "arn:${local.partition}:logs:${var.region}:${var.account_id}:log-group:sns/${var.region}/${var.account_id}/DirectPublishToPhoneNumber*"
    }]
  })
}

resource "aws_lambda_permission" "sms_failures" {
  count = local.manages_sms ? 1 : 0

  statement_id   = "SmsFailures"
  action         = "lambda:InvokeFunction"
  function_name  = module.delivery.name
  qualifier      = module.delivery.alias
  principal      = "logs.amazonaws.com"
  source_account = var.account_id
  source_arn     = "arn:${local.partition}:logs:${var.region}:${var.account_id}:log-group:${local.sms_failures}:*"
}

resource "aws_cloudwatch_log_subscription_filter" "sms_failures" {
  count = local.manages_sms ? 1 : 0

  name            = "${var.name}-delivery"
  log_group_name  = local.sms_failures
  filter_pattern  = ""
  destination_arn = module.delivery.live_arn

  depends_on = [aws_lambda_permission.sms_failures, aws_cloudwatch_log_group.sms_failures]
}
