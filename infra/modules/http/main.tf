# The way in by HTTP: an HTTP API that gives everything to one function, from the root of its domain.

variable "name" {
  type = string
}

variable "function_name" {
  type = string
}

variable "function_alias" {
  type = string
}

variable "function_invoke_arn" {
  type = string
}

variable "domain" {
  description = "The custom domain, or null."
  type        = string
}

variable "zone_id" {
  description = "Its hosted zone, or null."
  type        = string
}

variable "certificate_arn" {
  description = "Its certificate, or null: then one is made."
  type        = string
}

variable "function_url" {
  description = "Whether the function has a function URL besides."
  type        = bool
}

variable "rate_limit" {
  type = object({ per_second = number, burst = number })
}

variable "log_retention_days" {
  type = number
}

locals {
  has_domain        = var.domain != null
  makes_records     = local.has_domain && var.zone_id != null
  makes_certificate = local.has_domain && var.certificate_arn == null
}

resource "aws_apigatewayv2_api" "this" {
  name          = var.name
  description   = "Pages behind links, REST and events of Hansho."
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "this" {
  api_id                 = aws_apigatewayv2_api.this.id
  integration_type       = "AWS_PROXY"
  integration_uri        = var.function_invoke_arn
  integration_method     = "POST"
  payload_format_version = "2.0"
  # Longer than the function may run.
  timeout_milliseconds = 25000
}

# Who may do what is decided by the function: pages by their links, tools by their keys and tokens.
resource "aws_apigatewayv2_route" "this" {
  api_id    = aws_apigatewayv2_api.this.id
  route_key = "$default"
  target    = "integrations/${aws_apigatewayv2_integration.this.id}"
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/apigateway/${var.name}"
  retention_in_days = var.log_retention_days
}

# Named so, it is served from the root: links have no stage in their path.
resource "aws_apigatewayv2_stage" "this" {
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true

  default_route_settings {
    throttling_rate_limit    = var.rate_limit.per_second
    throttling_burst_limit   = var.rate_limit.burst
    detailed_metrics_enabled = false
  }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.this.arn
    # Without the path: it may hold the code of a link.
    format = jsonencode({
      request_id   = "$context.requestId"
      method       = "$context.httpMethod"
      status       = "$context.status"
      latency_ms   = "$context.responseLatency"
      source_ip    = "$context.identity.sourceIp"
      error        = "$context.error.message"
      integration  = "$context.integrationErrorMessage"
      response_len = "$context.responseLength"
    })
  }
}

resource "aws_lambda_permission" "api" {
  statement_id  = "HttpApi"
  action        = "lambda:InvokeFunction"
  function_name = var.function_name
  qualifier     = var.function_alias
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/*/*"
}

# --- the custom domain ---------------------------------------------------------------------------------------------------------

resource "aws_acm_certificate" "this" {
  count = local.makes_certificate ? 1 : 0

  domain_name       = var.domain
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "validation" {
  count = local.makes_certificate ? 1 : 0

  zone_id         = var.zone_id
  name            = one(aws_acm_certificate.this[0].domain_validation_options).resource_record_name
  type            = one(aws_acm_certificate.this[0].domain_validation_options).resource_record_type
  records         = [one(aws_acm_certificate.this[0].domain_validation_options).resource_record_value]
  ttl             = 300
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "this" {
  count = local.makes_certificate ? 1 : 0

  certificate_arn         = aws_acm_certificate.this[0].arn
  validation_record_fqdns = aws_route53_record.validation[*].fqdn
}

resource "aws_apigatewayv2_domain_name" "this" {
  count = local.has_domain ? 1 : 0

  domain_name = var.domain

  domain_name_configuration {
    certificate_arn = local.makes_certificate ? aws_acm_certificate_validation.this[0].certificate_arn : var.certificate_arn
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
  }
}

resource "aws_apigatewayv2_api_mapping" "this" {
  count = local.has_domain ? 1 : 0

  api_id      = aws_apigatewayv2_api.this.id
  domain_name = aws_apigatewayv2_domain_name.this[0].id
  stage       = aws_apigatewayv2_stage.this.id
}

resource "aws_route53_record" "domain" {
  for_each = local.makes_records ? toset(["A", "AAAA"]) : toset([])

  zone_id = var.zone_id
  name    = var.domain
  type    = each.key

  alias {
    name                   = aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].target_domain_name
    zone_id                = aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].hosted_zone_id
    evaluate_target_health = false
  }
}

# --- the function URL ----------------------------------------------------------------------------------------------------------

resource "aws_lambda_function_url" "this" {
  count = var.function_url ? 1 : 0

  function_name      = var.function_name
  qualifier          = var.function_alias
  authorization_type = "NONE"
}

resource "aws_lambda_permission" "url" {
  count = var.function_url ? 1 : 0

  statement_id           = "FunctionUrl"
  action                 = "lambda:InvokeFunctionUrl"
  function_name          = var.function_name
  qualifier              = var.function_alias
  principal              = "*"
  function_url_auth_type = "NONE"
}

# The second permission that a function URL needs since October 2025 (Lambda developer guide, "Control access to Lambda function URLs").
# This provider has no argument for its condition, without which everybody could invoke the function; CloudFormation has.
resource "aws_cloudformation_stack" "url" {
  count = var.function_url ? 1 : 0

  name = "${var.name}-function-url"

  template_body = jsonencode({
    AWSTemplateFormatVersion = "2010-09-09"
    Description              = "Lets the function URL of ${var.name} invoke its function."
    Resources = {
      Permission = {
        Type = "AWS::Lambda::Permission"
        Properties = {
          Action                = "lambda:InvokeFunction"
          FunctionName          = "${var.function_name}:${var.function_alias}"
          Principal             = "*"
          InvokedViaFunctionUrl = true
        }
      }
    }
  })

  depends_on = [aws_lambda_function_url.this]
}

output "url" {
  description = "Where people and tools reach Hansho."
  value       = local.has_domain ? "https://${var.domain}" : aws_apigatewayv2_api.this.api_endpoint
}

output "function_url" {
  description = "The function URL, or null."
  value       = one(aws_lambda_function_url.this[*].function_url)
}

output "api_id" {
  value = aws_apigatewayv2_api.this.id
}

output "dns_records" {
  description = "What to enter where the names are kept, when that is not Route 53."
  value = local.has_domain && !local.makes_records ? [
    { name = var.domain, type = "CNAME", value = aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].target_domain_name },
  ] : []
}
