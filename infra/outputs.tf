output "url" {
  description = "Where people and tools reach Hansho."
  value       = module.http.url
}

output "function_url" {
  description = "The function URL of `api`, where there is one."
  value       = module.http.function_url
}

output "alarm_action" {
  description = "For AlarmActions and OKActions of CloudWatch alarms in this Region: both, or nothing resolves by itself. modules/alarm does so."
  value       = module.alarm_intake.live_arn

  # Whoever names it may rely on the permission.
  depends_on = [module.sources]
}

output "alarm_topic" {
  description = "The topic for alarms that reach Hansho through SNS."
  value       = module.sources.topic_arn
}

output "event_bus_arn" {
  description = "The bus for what other accounts and Regions forward: modules/forward."
  value       = module.sources.event_bus_arn
}

output "config_function" {
  description = "For `hansho plan`, `apply`, `rollback`, `export` and `versions`: --function."
  value       = module.config.live_arn
}

output "operators_topic" {
  description = "Where Hansho's own alarms go."
  value       = module.watch.topic_arn
}

output "dns_records" {
  description = "What has to be entered where your names are kept; nothing of it where `zone_id` is given."
  value       = var.zone_id != null ? [] : concat(module.http.dns_records, flatten(module.mail[*].dns_records))
}

output "functions" {
  description = "The functions, for `cargo lambda deploy`."

  value = merge({ for bridge in module.incident_manager_bridge : "incident-manager-bridge" => bridge.name }, {
    alarm-intake = module.alarm_intake.name
    email-intake = module.email_intake.name
    api          = module.api.name
    config       = module.config.name
    outbox-relay = module.outbox_relay.name
    escalation   = module.escalation.name
    delivery     = module.delivery.name
    sweeper      = module.sweeper.name
  })
}

output "table" {
  description = "The table."
  value       = module.table.name
}
