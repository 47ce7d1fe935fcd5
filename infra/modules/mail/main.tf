# Mail by SES: the domain that mails come from, what becomes of them, and mails that come in.

locals {
  # SPF goes by the domain of the envelope's sender, so it is one of our own, below the other.
  return_domain = "bounce.${var.domain}"
  suffix        = var.partition == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com"

  # Newer Regions publish the keys below a domain of their own (AWS General Reference, "Amazon SES endpoints and quotas", DKIM domains).
  regional_dkim = [
    "af-south-1", "ap-northeast-3", "ap-south-2", "ap-southeast-3", "ap-southeast-5", "ca-west-1", "eu-central-2", "eu-south-1", "il-central-1", "me-central-1", "us-gov-east-1",
  ]
  dkim_domain = coalesce(var.dkim_domain, contains(local.regional_dkim, var.region) ? "dkim.${var.region}.amazonses.com" : "dkim.amazonses.com")

  records = concat(
    [for token in flatten(aws_sesv2_email_identity.this.dkim_signing_attributes[*].tokens) :
      { name = "${token}._domainkey.${var.domain}", type = "CNAME", value = "${token}.${local.dkim_domain}" }
    ],
    [
      { name = local.return_domain, type = "MX", value = "10 feedback-smtp.${var.region}.amazonses.com" },
      { name = local.return_domain, type = "TXT", value = "v=spf1 include:amazonses.com -all" },
      { name = "_dmarc.${var.domain}", type = "TXT", value = "v=DMARC1; p=reject" },
    ],
    var.receives ? [{ name = var.domain, type = "MX", value = "10 inbound-smtp.${var.region}.${local.suffix}" }] : [],
  )
}

resource "aws_sesv2_email_identity" "this" {
  email_identity = var.domain
}

resource "aws_sesv2_email_identity_mail_from_attributes" "this" {
  count = contains(var.leave_out, "mail_from") ? 0 : 1

  email_identity   = aws_sesv2_email_identity.this.email_identity
  mail_from_domain = local.return_domain
  # While the MX record is not there, mails go out all the same.
  behavior_on_mx_failure = "USE_DEFAULT_VALUE"
}

resource "aws_sesv2_configuration_set" "this" {
  configuration_set_name = var.name

  reputation_options {
    reputation_metrics_enabled = true
  }

  suppression_options {
    # An address that bounced once is tried again: a person's mailbox that was full for a day is to be paged tomorrow.
    suppressed_reasons = []
  }
}

# What did not arrive starts the person's next method.
resource "aws_sns_topic" "reports" {
  name = "${var.name}-mail-reports"
}

resource "aws_sns_topic_policy" "reports" {
  arn = aws_sns_topic.reports.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.reports.arn
      Principal = { Service = "ses.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_sesv2_configuration_set_event_destination" "reports" {
  configuration_set_name = aws_sesv2_configuration_set.this.configuration_set_name
  event_destination_name = "reports"

  event_destination {
    enabled              = true
    matching_event_types = ["BOUNCE", "COMPLAINT", "REJECT", "RENDERING_FAILURE"]

    sns_destination {
      topic_arn = aws_sns_topic.reports.arn
    }
  }

  depends_on = [aws_sns_topic_policy.reports]
}

resource "aws_route53_record" "this" {
  # Three tokens, known only after the identity is made; what they are for is known before.
  count = var.zone_id == null ? 0 : 6 + (var.receives ? 1 : 0)

  zone_id = var.zone_id
  name    = element(local.records, count.index).name
  type    = element(local.records, count.index).type
  records = [element(local.records, count.index).value]
  ttl     = 300
}

output "dns_records" {
  description = "What has to be entered where the names are kept."
  value       = local.records
}

output "configuration_set_name" {
  value = aws_sesv2_configuration_set.this.configuration_set_name
}

output "configuration_set_arn" {
  value = aws_sesv2_configuration_set.this.arn
}

output "reports_topic_arn" {
  value = aws_sns_topic.reports.arn
}

output "dkim_domain" {
  description = "Below which domain SES publishes the keys that it signs mails with."
  value       = local.dkim_domain
}
