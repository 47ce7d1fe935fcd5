# The bridge to AWS Systems Manager: one more reader of what is committed, with a mapping, a queue and dead letters of its own. Off unless
# `incident_manager_bridge` is set. No page goes through any of it.

locals {
  has_bridge    = var.incident_manager_bridge != null
  bridge        = local.has_bridge ? var.incident_manager_bridge : { response_plans = toset([]), ops_center = false }
  bridge_name   = "${var.name}-incident-manager-bridge"
  ops_items_arn = "arn:${local.partition}:ssm:${var.region}:${var.account_id}:opsitem/*"

  # The records of a plan are named after it: arn:aws:ssm-incidents::ACCOUNT:incident-record/PLAN/ID.
  incident_records = [for plan in sort(local.bridge.response_plans) : "${replace(plan, ":response-plan/", ":incident-record/")}/*"]

  bridge_statements = concat(
    [
      {
        Sid      = "Table"
        Effect   = "Allow"
        Action   = [for action in ["GetItem", "Query", "BatchGetItem", "PutItem"] : "dynamodb:${action}"]
        Resource = [module.table.arn]
      },
      { Sid = "Indexes", Effect = "Allow", Action = ["dynamodb:Query"], Resource = [for index in ["open", "work"] : "${module.table.arn}/index/${index}"] },
      # A resolve closes its dedup pointer.
      { Sid = "Pointers", Effect = "Allow", Action = ["dynamodb:UpdateItem"], Resource = module.table.arn },
      {
        Sid      = "Stream"
        Effect   = "Allow"
        Action   = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
        Resource = module.table.stream_arn
      },
      { Sid = "Streams", Effect = "Allow", Action = ["dynamodb:ListStreams"], Resource = "*" },
    ],
    [for queue in module.bridge_queue : { Sid = "Queue", Effect = "Allow", Action = concat(local.consumes, ["sqs:SendMessage"]), Resource = queue.arn }],
    length(local.incident_records) == 0 ? [] : [
      { Sid = "Start", Effect = "Allow", Action = ["ssm-incidents:StartIncident"], Resource = sort(local.bridge.response_plans) },
      {
        Sid    = "Records"
        Effect = "Allow"
        Action = [
          "ssm-incidents:CreateTimelineEvent", "ssm-incidents:GetIncidentRecord", "ssm-incidents:UpdateIncidentRecord", "ssm-incidents:UpdateRelatedItems",
        ]
        Resource = local.incident_records
      },
    ],
    !local.bridge.ops_center ? [] : [
      { Sid = "OpsItems", Effect = "Allow", Action = ["ssm:GetOpsItem", "ssm:UpdateOpsItem"], Resource = local.ops_items_arn },
      # What is yet to be made has no ARN; AWS's own policies give it the same way (AWSSSMOpsInsightsServiceRolePolicy).
      { Sid = "NewOpsItems", Effect = "Allow", Action = ["ssm:CreateOpsItem"], Resource = "*" },
    ],
  )
}

module "incident_manager_bridge" {
  source = "./modules/function"
  count  = local.has_bridge ? 1 : 0

  deployment                = local.deployment
  function                  = "incident-manager-bridge"
  description               = "Incidents are kept in Incident Manager or OpsCenter too."
  timeout_seconds           = 60
  statements                = local.bridge_statements
  is_invoked_asynchronously = true
  has_dead_letters          = true

  environment = merge(local.settings, {
    HANSHO_PUBLIC_URL       = module.http.url
    HANSHO_BRIDGE_QUEUE_URL = module.bridge_queue[0].url
    HANSHO_BRIDGE_TOPIC_ARN = local.bridge.ops_center ? aws_sns_topic.bridge[0].arn : ""
  })
}

module "bridge_queue" {
  source = "./modules/queue"
  count  = local.has_bridge ? 1 : 0

  name = local.bridge_name
  # functions/incident-manager-bridge/src/lib.rs: VISIBILITY_SECONDS.
  visibility_seconds = 90
  receives_max       = 5
  dead_letter_arn    = module.incident_manager_bridge[0].dead_letter_arn
}

# The second and last reader that a stream should have (DynamoDB developer guide, "DynamoDB Streams and AWS Lambda triggers"). It reads by
# itself: what it does and does not do changes nothing for the relay.
resource "aws_lambda_event_source_mapping" "bridge_stream" {
  count = local.has_bridge ? 1 : 0

  event_source_arn                   = module.table.stream_arn
  function_name                      = module.incident_manager_bridge[0].live_arn
  starting_position                  = "LATEST"
  batch_size                         = 100
  maximum_batching_window_in_seconds = 0
  bisect_batch_on_function_error     = true
  maximum_retry_attempts             = 5
  maximum_record_age_in_seconds      = 3600
  function_response_types            = ["ReportBatchItemFailures"]

  filter_criteria {
    filter {
      pattern = jsonencode({ eventName = ["INSERT"], dynamodb = { Keys = { sk = { S = [{ prefix = "ENTRY#" }] } } } })
    }
  }

  destination_config {
    on_failure {
      destination_arn = module.incident_manager_bridge[0].dead_letter_arn
    }
  }
}

# Two at a time: Systems Manager takes few calls in a second, and nobody waits for these.
resource "aws_lambda_event_source_mapping" "bridge_queue" {
  count = local.has_bridge ? 1 : 0

  event_source_arn        = module.bridge_queue[0].arn
  function_name           = module.incident_manager_bridge[0].live_arn
  batch_size              = 1
  function_response_types = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = 2
  }
}

# --- what the other side says --------------------------------------------------------------------------------------------------

# For the notification targets of response plans, and what OpsItems report to.
resource "aws_sns_topic" "bridge" {
  count = local.has_bridge ? 1 : 0
  name  = local.bridge_name
}

resource "aws_sns_topic_policy" "bridge" {
  count = local.has_bridge ? 1 : 0
  arn   = aws_sns_topic.bridge[0].arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.bridge[0].arn
      Principal = { Service = ["ssm-incidents.amazonaws.com", "ssm.amazonaws.com"] }
      Condition = { StringEqualsIfExists = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_lambda_permission" "bridge_topic" {
  count = local.has_bridge ? 1 : 0

  statement_id  = "Topic"
  action        = "lambda:InvokeFunction"
  function_name = module.incident_manager_bridge[0].name
  qualifier     = module.incident_manager_bridge[0].alias
  principal     = "sns.amazonaws.com"
  source_arn    = aws_sns_topic.bridge[0].arn
}

resource "aws_sns_topic_subscription" "bridge" {
  count = local.has_bridge ? 1 : 0

  topic_arn      = aws_sns_topic.bridge[0].arn
  protocol       = "lambda"
  endpoint       = module.incident_manager_bridge[0].live_arn
  redrive_policy = jsonencode({ deadLetterTargetArn = module.incident_manager_bridge[0].dead_letter_arn })

  depends_on = [aws_lambda_permission.bridge_topic]
}

# --- every minute --------------------------------------------------------------------------------------------------------------

resource "aws_cloudwatch_event_rule" "bridge" {
  count = local.has_bridge ? 1 : 0

  name                = local.bridge_name
  description         = "Has the bridge of ${var.name} look at what nobody told it."
  schedule_expression = "rate(1 minute)"
}

resource "aws_cloudwatch_event_target" "bridge" {
  count = local.has_bridge ? 1 : 0

  rule = aws_cloudwatch_event_rule.bridge[0].name
  arn  = module.incident_manager_bridge[0].live_arn

  # The next one comes in a minute.
  retry_policy {
    maximum_event_age_in_seconds = 60
    maximum_retry_attempts       = 2
  }
}

resource "aws_lambda_permission" "bridge_rule" {
  count = local.has_bridge ? 1 : 0

  statement_id  = "Rule"
  action        = "lambda:InvokeFunction"
  function_name = module.incident_manager_bridge[0].name
  qualifier     = module.incident_manager_bridge[0].alias
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.bridge[0].arn
}

# It prints this metric when it has looked at something and could not copy it. After each failure it waits twice as long, up to an hour:
# two quarters of an hour within two hours are more than something that passed.
resource "aws_cloudwatch_metric_alarm" "bridge" {
  count = local.has_bridge ? 1 : 0

  # The beginning tells Hansho's own alarms from those that it is to page for: modules/sources leaves them out.
  alarm_name          = "${var.name}: bridge"
  alarm_description   = "For more than a quarter of an hour the bridge has not been able to copy incidents to Incident Manager or OpsCenter, or to look at what became of them there: what is there is old. No page waits for it. Look at the log of ${local.bridge_name}, and whether response plans or permissions have changed. The alarm ends two hours after it works again."
  namespace           = local.namespace
  metric_name         = "BridgeBehind"
  statistic           = "Sum"
  period              = 900
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  evaluation_periods  = 8
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = [module.watch.topic_arn]
}

# By the sweeper, each minute: what feeds the bridge is quiet for days, and it takes no heartbeat away, because no page waits for it.
resource "aws_cloudwatch_metric_alarm" "bridge_off" {
  count = local.has_bridge ? 1 : 0

  alarm_name          = "${var.name}: bridge-off"
  alarm_description   = "The bridge to Incident Manager or OpsCenter is switched off: the function ${local.bridge_name}, or its mapping of the stream or of its queue. No page waits for it. The log of ${module.sweeper.name} names the part: switch it on again, or take the bridge out of the variables."
  namespace           = local.namespace
  metric_name         = "SweeperOptionalOff"
  statistic           = "Sum"
  period              = 60
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  evaluation_periods  = 2
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = [module.watch.topic_arn]
}

output "bridge_topic" {
  description = "For the notification targets of response plans: what is resolved there is resolved here at once, and not within a minute."
  value       = local.has_bridge ? aws_sns_topic.bridge[0].arn : null
}
