# Mails that come in: SES writes each into the bucket, then tells the function.

locals {
  rule_name = "${var.name}-intake"
  rule_set  = var.receives ? coalesce(var.rule_set, one(aws_ses_receipt_rule_set.this[*].rule_set_name)) : null
  rule_arn  = "arn:${var.partition}:ses:${var.region}:${var.account_id}:receipt-rule-set/${coalesce(var.rule_set, var.name)}:receipt-rule/${local.rule_name}"
}

resource "aws_s3_bucket" "mails" {
  count = var.receives ? 1 : 0

  bucket = var.bucket
  # Mails are copies: what came of them is in the table.
  force_destroy = true
}

resource "aws_s3_bucket_public_access_block" "mails" {
  count = var.receives ? 1 : 0

  bucket                  = aws_s3_bucket.mails[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "mails" {
  count = var.receives ? 1 : 0

  bucket = aws_s3_bucket.mails[0].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "mails" {
  count = var.receives ? 1 : 0

  bucket = aws_s3_bucket.mails[0].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "mails" {
  count = var.receives ? 1 : 0

  bucket = aws_s3_bucket.mails[0].id

  rule {
    id     = "retention"
    status = "Enabled"

    filter {}

    expiration {
      days = var.retention_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_s3_bucket_policy" "mails" {
  count = var.receives ? 1 : 0

  bucket = aws_s3_bucket.mails[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "ReceiptRule"
        Effect    = "Allow"
        Action    = "s3:PutObject"
        Resource  = "${aws_s3_bucket.mails[0].arn}/${var.prefix}*"
        Principal = { Service = "ses.amazonaws.com" }
        Condition = {
          StringEquals = { "aws:SourceAccount" = var.account_id }
          ArnEquals    = { "aws:SourceArn" = local.rule_arn }
        }
      },
      {
        Sid       = "OnlyTls"
        Effect    = "Deny"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.mails[0].arn, "${aws_s3_bucket.mails[0].arn}/*"]
        Principal = "*"
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })

  depends_on = [aws_s3_bucket_public_access_block.mails]
}

resource "aws_lambda_permission" "receipt_rule" {
  for_each = var.receives ? toset(["live"]) : toset([])

  statement_id   = "ReceiptRule"
  action         = "lambda:InvokeFunction"
  function_name  = var.intake.name
  qualifier      = var.intake.alias
  principal      = "ses.amazonaws.com"
  source_account = var.account_id
  source_arn     = local.rule_arn
}

resource "aws_ses_receipt_rule_set" "this" {
  count = var.receives && var.rule_set == null ? 1 : 0

  rule_set_name = var.name
}

resource "aws_ses_active_receipt_rule_set" "this" {
  count = var.receives && var.rule_set == null ? 1 : 0

  rule_set_name = aws_ses_receipt_rule_set.this[0].rule_set_name
}

resource "aws_ses_receipt_rule" "this" {
  count = var.receives ? 1 : 0

  name          = local.rule_name
  rule_set_name = local.rule_set
  recipients    = [var.domain]
  enabled       = true
  scan_enabled  = true
  # Not "Require": a tool that knows no TLS is to page as well.
  tls_policy = "Optional"

  # In this order, so that the mail is there when the function looks for it.
  s3_action {
    position          = 1
    bucket_name       = aws_s3_bucket.mails[0].id
    object_key_prefix = var.prefix
  }

  lambda_action {
    position        = 2
    function_arn    = var.intake.live_arn
    invocation_type = "Event"
  }

  depends_on = [aws_s3_bucket_policy.mails, aws_lambda_permission.receipt_rule]
}
