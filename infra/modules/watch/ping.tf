# The dead man's switch: whoever waits for this ping outside of AWS hears of it when nothing of this account works any more. The
# sweeper's result goes on the account's bus, and only a clean one is handed on.

resource "aws_cloudwatch_event_connection" "ping" {
  count = var.ping_url == null ? 0 : 1

  name               = "${var.name}-ping"
  description        = "No secret: whoever knows the address may ask for it."
  authorization_type = "API_KEY"

  auth_parameters {
    api_key {
      key   = "x-hansho"
      value = "ping"
    }
  }
}

resource "aws_cloudwatch_event_api_destination" "ping" {
  count = var.ping_url == null ? 0 : 1

  name                             = "${var.name}-ping"
  description                      = "The dead man's switch of ${var.name}."
  invocation_endpoint              = var.ping_url
  http_method                      = "GET"
  invocation_rate_limit_per_second = 1
  connection_arn                   = aws_cloudwatch_event_connection.ping[0].arn
}

resource "aws_cloudwatch_event_rule" "ping" {
  count = var.ping_url == null ? 0 : 1

  name        = "${var.name}-ping"
  description = "Clean sweeps."

  event_pattern = jsonencode({
    source        = ["lambda"]
    "detail-type" = ["Lambda Function Invocation Result - Success"]
    detail = {
      requestContext  = { functionArn = [var.sweeper_arn] }
      responsePayload = { heartbeat = [true] }
    }
  })
}

resource "aws_iam_role" "ping" {
  count = var.ping_url == null ? 0 : 1

  name        = "${var.name}-ping"
  description = "With this role EventBridge asks for the dead man's switch of ${var.name}."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "events.amazonaws.com" }
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.account_id }
        ArnEquals    = { "aws:SourceArn" = aws_cloudwatch_event_rule.ping[0].arn }
      }
    }]
  })
}

resource "aws_iam_role_policy" "ping" {
  count = var.ping_url == null ? 0 : 1

  name = aws_iam_role.ping[0].name
  role = aws_iam_role.ping[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["events:InvokeApiDestination"], Resource = aws_cloudwatch_event_api_destination.ping[0].arn },
    ]
  })
}

resource "aws_cloudwatch_event_target" "ping" {
  count = var.ping_url == null ? 0 : 1

  rule     = aws_cloudwatch_event_rule.ping[0].name
  arn      = aws_cloudwatch_event_api_destination.ping[0].arn
  role_arn = aws_iam_role.ping[0].arn

  # A ping that comes late would say that all is well now.
  retry_policy {
    maximum_event_age_in_seconds = 60
    maximum_retry_attempts       = 1
  }
}
