# What each function's role may do, besides its log, its traces and its dead letters: exactly the calls that it makes. tests/infra runs
# the functions under these roles, and compares the roles with the calls that were seen there and in the acceptance suite.

locals {
  # What each function does with the table. A transaction needs the permission of each of its writes.
  table_actions = {
    alarm-intake = ["GetItem", "Query", "PutItem", "UpdateItem"]
    email-intake = ["GetItem", "Query", "PutItem", "UpdateItem"]
    api          = ["GetItem", "Query", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem"]
    config       = ["GetItem", "Query", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"]
    outbox-relay = ["PutItem", "UpdateItem", "DeleteItem"]
    escalation   = ["GetItem", "Query", "PutItem", "UpdateItem"]
    delivery     = ["GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"]
    sweeper      = ["GetItem", "Query", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"]
  }

  # The indexes that each function asks. They are read by Query only, and nothing but the table is written.
  table_indexes = {
    api     = ["open", "recent"]
    config  = ["open"]
    sweeper = ["open", "work"]
  }

  table_statements = {
    for function, actions in local.table_actions : function => concat(
      [{
        Sid      = "Table"
        Effect   = "Allow"
        Action   = [for action in actions : "dynamodb:${action}"]
        Resource = [module.table.arn]
      }],
      [for indexes in [lookup(local.table_indexes, function, [])] : {
        Sid      = "Indexes"
        Effect   = "Allow"
        Action   = ["dynamodb:Query"]
        Resource = [for index in indexes : "${module.table.arn}/index/${index}"]
      } if length(indexes) > 0],
    )
  }

  reads_link_key = { Sid = "LinkKey", Effect = "Allow", Action = ["ssm:GetParameter"], Resource = local.link_key_parameter_arn }

  # The keys of integrations that modules/team makes, and the secrets that it names, each team's in a place of its own.
  reads_keys = {
    Sid      = "Keys"
    Effect   = "Allow"
    Action   = ["ssm:GetParameter"]
    Resource = [for place in ["keys", "secrets"] : "arn:${local.partition}:ssm:${var.region}:${var.account_id}:parameter/${var.name}/${place}/*"]
  }

  relays = [
    { Sid = "Queues", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [module.delivery_queue.arn, module.timer_queue.arn] },
    { Sid = "Timers", Effect = "Allow", Action = ["scheduler:CreateSchedule"], Resource = module.scheduler.schedules_arn },
    {
      Sid       = "TimersRole"
      Effect    = "Allow"
      Action    = ["iam:PassRole"]
      Resource  = module.scheduler.role_arn
      Condition = { StringEquals = { "iam:PassedToService" = "scheduler.amazonaws.com" } }
    },
  ]

  # What Lambda does in the role's name for a queue that feeds the function (Lambda developer guide, "Using Lambda with Amazon SQS").
  consumes = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]

  # SES asks for the recipient's identity too, where that is verified here, as all are in the sandbox. What is sent is bound by its sender.
  sends_mails = local.sends_mail ? [
    {
      Sid    = "Mail"
      Effect = "Allow"
      Action = ["ses:SendEmail"]
      Resource = [
        "arn:${local.partition}:ses:${var.region}:${var.account_id}:identity/*",
        module.mail[0].configuration_set_arn,
      ]
      Condition = { StringEquals = { "ses:FromAddress" = local.from_address } }
    },
  ] : []

  reads_mails = local.receives_mail ? [
    { Sid = "Mails", Effect = "Allow", Action = ["s3:GetObject"], Resource = "arn:${local.partition}:s3:::${local.mail_bucket}/${local.mail_prefix}*" },
  ] : []

  statements = {
    alarm-intake = local.table_statements["alarm-intake"]
    email-intake = concat(local.table_statements["email-intake"], [local.reads_link_key], local.reads_mails)
    api          = concat(local.table_statements["api"], [local.reads_link_key])
    config       = concat(local.table_statements["config"], [local.reads_keys])

    outbox-relay = concat(local.table_statements["outbox-relay"], local.relays, [
      {
        Sid      = "Stream"
        Effect   = "Allow"
        Action   = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
        Resource = module.table.stream_arn
      },
      # Takes no resource of its own (Service authorization reference, "Amazon DynamoDB").
      { Sid = "Streams", Effect = "Allow", Action = ["dynamodb:ListStreams"], Resource = "*" },
    ])

    escalation = concat(local.table_statements["escalation"], [
      { Sid = "Timers", Effect = "Allow", Action = concat(local.consumes, ["sqs:SendMessage"]), Resource = module.timer_queue.arn },
    ])

    delivery = concat(local.table_statements["delivery"], [
      local.reads_link_key,
      { Sid = "Deliveries", Effect = "Allow", Action = concat(local.consumes, ["sqs:SendMessage"]), Resource = module.delivery_queue.arn },
      # A text message has no ARN; everything that has one, a topic, is left out.
      { Sid = "TextMessages", Effect = "Allow", Action = ["sns:Publish"], NotResource = "arn:${local.partition}:sns:*:*:*" },
    ], local.sends_mails)

    sweeper = concat(local.table_statements["sweeper"], local.relays, [
      # By its id it knows a restored table.
      { Sid = "TableId", Effect = "Allow", Action = ["dynamodb:DescribeTable"], Resource = module.table.arn },
    ])
  }

  # What the sweeper asks Lambda and SQS about: whatever has to run or to be there, but itself.
  watched_functions = [
    for function in concat(["alarm-intake", "email-intake", "api", "config", "outbox-relay", "escalation", "delivery"], local.has_bridge ? ["incident-manager-bridge"] : []) :
    "arn:${local.partition}:lambda:${var.region}:${var.account_id}:function:${var.name}-${function}"
  ]
  watched_mappings = concat(
    [aws_lambda_event_source_mapping.stream, aws_lambda_event_source_mapping.timers, aws_lambda_event_source_mapping.deliveries],
    aws_lambda_event_source_mapping.bridge_stream, aws_lambda_event_source_mapping.bridge_queue,
  )
  # Apart from the others: the mappings wait for all other functions.
  watches_parts = [
    { Sid = "Functions", Effect = "Allow", Action = ["lambda:GetFunctionConcurrency"], Resource = local.watched_functions },
    { Sid = "Mappings", Effect = "Allow", Action = ["lambda:GetEventSourceMapping"], Resource = [for mapping in local.watched_mappings : mapping.arn] },
    { Sid = "QueuesThere", Effect = "Allow", Action = ["sqs:GetQueueAttributes"], Resource = [module.delivery_queue.arn, module.timer_queue.arn] },
  ]
}
