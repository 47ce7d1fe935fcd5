# One function with everything that is only its own: role, log, alias, dead letters.

locals {
  name = "${var.deployment.name}-${var.function}"

  own_statements = concat(
    [
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.this.arn}:*"
      },
      {
        # These two take no resource (Service authorization reference, "AWS X-Ray").
        Sid      = "Trace"
        Effect   = "Allow"
        Action   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
        Resource = "*"
      },
    ],
    var.has_dead_letters ? [
      { Sid = "DeadLetters", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = aws_sqs_queue.dead_letters[0].arn },
    ] : [],
    var.success_arn != null ? [
      { Sid = "Success", Effect = "Allow", Action = ["events:PutEvents"], Resource = var.success_arn },
    ] : [],
  )
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${local.name}"
  retention_in_days = var.deployment.log_retention_days
}

resource "aws_iam_role" "this" {
  name        = local.name
  description = "What the function ${local.name} may do."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = local.name
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.own_statements, var.statements)
  })
}

resource "aws_lambda_function" "this" {
  function_name                  = local.name
  description                    = var.description
  role                           = aws_iam_role.this.arn
  runtime                        = "provided.al2023"
  handler                        = "bootstrap"
  architectures                  = [var.deployment.architecture]
  memory_size                    = var.memory_mb
  timeout                        = var.timeout_seconds
  reserved_concurrent_executions = lookup(var.deployment.reserved_concurrency, var.function, -1)
  filename                       = "${var.deployment.packages}/hansho-${var.function}/bootstrap.zip"
  # A change of the settings is a version of its own, which the alias follows.
  publish = true

  environment {
    variables = var.environment
  }

  tracing_config {
    mode = "Active"
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.this.name
  }

  lifecycle {
    # The code is cargo-lambda's once the function is there.
    ignore_changes = [filename, source_code_hash, s3_bucket, s3_key, s3_object_version]
  }

  # A function that starts before it may read its secrets fails its first events.
  depends_on = [aws_iam_role_policy.this]
}

# What is invoked. `cargo lambda deploy --alias live` moves it to a new version at once; the version before stays and can be gone back to.
resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "The version that works."
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version

  lifecycle {
    # A weighted deployment is not ended by an apply.
    ignore_changes = [routing_config]
  }
}

resource "aws_sqs_queue" "dead_letters" {
  count = var.has_dead_letters ? 1 : 0

  name                      = "${local.name}-dead-letters"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue_policy" "dead_letters" {
  count = var.has_dead_letters ? 1 : 0

  queue_url = aws_sqs_queue.dead_letters[0].url

  policy = jsonencode({
    Version = "2012-10-17"
    # Rules and topics hand over what they could not deliver.
    Statement = [
      {
        Sid       = "Rules"
        Effect    = "Allow"
        Action    = "sqs:SendMessage"
        Resource  = aws_sqs_queue.dead_letters[0].arn
        Principal = { Service = "events.amazonaws.com" }
        Condition = { ArnLike = { "aws:SourceArn" = "arn:*:events:*:${var.deployment.account_id}:rule/*" } }
      },
      {
        Sid       = "Topics"
        Effect    = "Allow"
        Action    = "sqs:SendMessage"
        Resource  = aws_sqs_queue.dead_letters[0].arn
        Principal = { Service = "sns.amazonaws.com" }
        Condition = { ArnLike = { "aws:SourceArn" = concat(["arn:*:sns:*:${var.deployment.account_id}:*"], sort(var.foreign_topics)) } }
      },
    ]
  })
}

# For the alias, and for whoever names the function without it.
resource "aws_lambda_function_event_invoke_config" "this" {
  for_each = var.is_invoked_asynchronously ? toset(["live", "$LATEST"]) : toset([])

  function_name                = aws_lambda_function.this.function_name
  qualifier                    = each.key == "live" ? aws_lambda_alias.live.name : each.key
  maximum_retry_attempts       = 2
  maximum_event_age_in_seconds = 21600

  destination_config {
    on_failure {
      destination = aws_sqs_queue.dead_letters[0].arn
    }

    dynamic "on_success" {
      for_each = var.success_arn == null ? [] : [var.success_arn]
      content {
        destination = on_success.value
      }
    }
  }

  depends_on = [aws_iam_role_policy.this]
}
