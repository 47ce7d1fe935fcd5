# One function with everything that is only its own: role, log, alias, dead letters.

locals {
  name    = "${var.deployment.name}-${var.function}"
  package = "${var.deployment.packages}/hansho-${var.function}/bootstrap.zip"

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
  filename                       = local.package
  # Only asked for below: of a function that is there, the state's value stands, whatever lies here.
  source_code_hash = fileexists(local.package) ? null : "missing"
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

    # The package is opened when the function is made, in the middle of an apply. What is missing is said before.
    postcondition {
      condition     = self.source_code_hash != "missing"
      error_message = "${local.name} is yet to be made, and its package ${local.package} is not there. Nothing was changed. From the root of the repository, `scripts/build-lambdas --${replace(var.deployment.architecture, "_", "-")} --output-format zip` makes those of all functions; with CARGO_TARGET_DIR they are in $CARGO_TARGET_DIR/lambda, which the variable `packages` then has to name."
    }
  }

  # A function that starts before it may read its secrets fails its first events.
  depends_on = [aws_iam_role_policy.this]
}

# What is invoked. `cargo lambda deploy --alias live` moves it to a new version at once; the version before stays and can be gone back to.
resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "Deployed by Terraform."
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version

  lifecycle {
    # Of a weighted deployment and of a rollback, scripts/deploy keeps here how far it is.
    ignore_changes = [description, routing_config]
  }
}

locals {
  live_name    = aws_lambda_function.this.function_name
  live_version = aws_lambda_alias.live.arn == "" ? "" : aws_lambda_alias.live.name
  # Where a setting changes it is known once the version is made, and has the code that was uploaded last.
  newest_version = aws_lambda_alias.live.arn == "" ? "" : aws_lambda_function.this.version

  # As scripts/deploy notes it. Where somebody has deployed by hand since, other code works than it notes.
  note                = coalesce(aws_lambda_alias.live.description, "-")
  is_half_rolled_back = startswith(local.note, "Rolling back") && endswith(local.note, data.aws_lambda_function.live.code_sha256)
}

# What works now, asked for before anything is changed. Before there is an alias, its ARN is unknown, and nobody is asked. What names a resource
# directly is read after its change, and not before (Terraform, "Data sources"): hence through locals.
data "aws_lambda_function" "live" {
  function_name = local.live_name
  qualifier     = local.live_version
}

# What the alias would follow to, though nothing of the function changes.
data "aws_lambda_function" "newest" {
  function_name = local.live_name
  qualifier     = local.newest_version
}

# Refuses a plan that would change which code works, or that would change half of the settings.
resource "terraform_data" "guard" {
  lifecycle {
    # The alias follows the newest version so that a changed setting is in force at once. With it would come whatever code that version has.
    precondition {
      condition = (
        data.aws_lambda_function.live.code_sha256 == aws_lambda_function.this.code_sha256 &&
        data.aws_lambda_function.live.code_sha256 == data.aws_lambda_function.newest.code_sha256 && !local.is_half_rolled_back
      )
      error_message = "The newest code of ${local.name} is not what works, and an apply brings no code into force. Nothing was changed. Version ${data.aws_lambda_function.live.version} works (`scripts/deploy --list ${var.function}`): say `scripts/deploy --rollback --to ${data.aws_lambda_function.live.version} ${var.function}` to keep it, or give the command that was begun again, or say `scripts/deploy --promote ${var.function}` for the newest code; then apply again."
    }

    # With another processor the provider uploads `filename`, whatever lies there, although its changes are ignored (resource
    # aws_lambda_function, needsFunctionCodeUpdate). Where there is no function yet, nothing is asked.
    precondition {
      condition     = alltrue([for processor in data.aws_lambda_function.live.architectures : processor == var.deployment.architecture])
      error_message = "${local.name} runs on ${join(", ", data.aws_lambda_function.live.architectures)}, and `architecture` is ${var.deployment.architecture}: an apply would upload the package that lies here, of whichever commit it is, and bring it into force. Nothing was changed. For another processor check out the commit that is to work, say `scripts/deploy --architecture ${var.deployment.architecture}`, which builds for it, and apply again; otherwise set `architecture` back."
    }

    # One of the two versions would keep the setting of before: the address of a queue or a table that is gone, say. A setting that is known
    # only when something else is made is compared in the middle of the apply: nothing can be asked before it is there.
    precondition {
      condition = length(aws_lambda_alias.live.routing_config) == 0 || alltrue([
        one(data.aws_lambda_function.live.environment[*].variables) == tomap(var.environment),
        data.aws_lambda_function.live.memory_size == var.memory_mb,
        data.aws_lambda_function.live.timeout == var.timeout_seconds,
        one(data.aws_lambda_function.live.architectures) == var.deployment.architecture,
      ])
      error_message = "Two versions of ${local.name} share what comes (scripts/deploy --weight), and a changed setting would be in force for one of them only. Where a plan says this, nothing was changed; where an apply does, it may have changed the newer one already. End that with `scripts/deploy --promote ${var.function}` or `scripts/deploy --rollback ${var.function}`, and apply again."
    }
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
