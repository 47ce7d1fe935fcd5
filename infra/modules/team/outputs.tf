output "service" {
  description = "The team's service, for `service` of modules/alarm."
  value       = var.name

  # Whoever names it may rely on it.
  depends_on = [aws_lambda_invocation.this]
}

output "integrations" {
  description = "The ways in: the address of each that takes events or topics, and the parameter of SSM Parameter Store that has its key. The address of one that takes mail is what `hansho integration address show` says."

  value = { for id, integration in local.integrations : id => {
    type          = try(integration.type, null)
    address       = var.url == null ? null : lookup({ events = "${var.url}/v2/enqueue", sns = "${var.url}/sns/${id}" }, try(integration.type, ""), null)
    key_parameter = lookup(local.key_parameters, id, null)
  } }

  depends_on = [aws_lambda_invocation.this]
}

output "changes" {
  description = "What the plan would change for people, in one line; empty when nothing does. Addresses and secrets are not in it."
  value       = jsondecode(data.aws_lambda_invocation.check.result).summary
}
