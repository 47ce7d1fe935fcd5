# The one table. Its keys and indexes are those of shared/store/src/table.rs; tests/infra holds the two equal.

variable "name" {
  description = "The name of the table."
  type        = string
}

variable "deletion_protection" {
  description = "Whether the table refuses to be deleted."
  type        = bool
}

locals {
  # Sparse indexes of keys: what they name is read again before anything is decided.
  indexes = {
    work   = { partition = "work_pk", sort = "work_at", sort_type = "N" }
    open   = { partition = "open_pk", sort = "open_sk", sort_type = "S" }
    recent = { partition = "recent_pk", sort = "recent_sk", sort_type = "S" }
  }
  attributes = merge(
    { pk = "S", sk = "S" },
    { for index in values(local.indexes) : index.partition => "S" },
    { for index in values(local.indexes) : index.sort => index.sort_type },
  )
}

resource "aws_dynamodb_table" "this" {
  name                        = var.name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "pk"
  range_key                   = "sk"
  stream_enabled              = true
  stream_view_type            = "NEW_IMAGE"
  deletion_protection_enabled = var.deletion_protection

  dynamic "attribute" {
    for_each = local.attributes
    content {
      name = attribute.key
      type = attribute.value
    }
  }

  dynamic "global_secondary_index" {
    for_each = local.indexes
    content {
      name            = global_secondary_index.key
      hash_key        = global_secondary_index.value.partition
      range_key       = global_secondary_index.value.sort
      projection_type = "KEYS_ONLY"
    }
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    # With the key of this account for DynamoDB, whose use CloudTrail shows.
    enabled = true
  }
}

output "name" {
  value = aws_dynamodb_table.this.name
}

output "arn" {
  value = aws_dynamodb_table.this.arn
}

output "stream_arn" {
  value = aws_dynamodb_table.this.stream_arn
}
