module "watch" {
  source = "./modules/watch"

  name                  = var.name
  account_id            = var.account_id
  region                = var.region
  namespace             = local.namespace
  operators             = var.operators
  table                 = module.table.name
  schedule_group        = module.scheduler.group_name
  sweeper_rule          = aws_cloudwatch_event_rule.sweeper.name
  sweeper_arn           = module.sweeper.live_arn
  api_id                = module.http.api_id
  sends_mail            = local.sends_mail
  sms_monthly_limit_usd = var.sms.monthly_limit_usd
  ping_url              = var.ping_url

  functions = merge({ for bridge in module.incident_manager_bridge : "incident-manager-bridge" => bridge.name }, {
    alarm-intake = module.alarm_intake.name
    email-intake = module.email_intake.name
    api          = module.api.name
    config       = module.config.name
    outbox-relay = module.outbox_relay.name
    escalation   = module.escalation.name
    delivery     = module.delivery.name
    sweeper      = module.sweeper.name
  })

  dead_letters = merge({ for bridge in module.incident_manager_bridge : "incident-manager-bridge" => bridge.dead_letter_name }, {
    alarm-intake = module.alarm_intake.dead_letter_name
    email-intake = module.email_intake.dead_letter_name
    outbox-relay = module.outbox_relay.dead_letter_name
    escalation   = module.escalation.dead_letter_name
    delivery     = module.delivery.dead_letter_name
    sweeper      = module.sweeper.dead_letter_name
  })

  queues = merge({ for queue in module.bridge_queue : "incident-manager-bridge" => queue.name }, {
    escalation = module.timer_queue.name
    delivery   = module.delivery_queue.name
  })
}

# Said with every plan, and no reason to refuse: a first deployment may have nobody yet.
check "operators" {
  assert {
    condition     = length(var.operators.email) + length(var.operators.sms) + length(var.operators.https) > 0
    error_message = "Nobody is told when Hansho itself is in trouble: set operators = { email = [\"you@example.com\"] }."
  }
}
