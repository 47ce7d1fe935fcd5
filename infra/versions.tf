terraform {
  # 1.11 brought write-only arguments: the key that signs links is never in the state.
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 6.0.0"
    }
  }
}

provider "aws" {
  region = var.region
  # Another account than the one that was meant is refused before anything is read or written.
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = merge({ Application = "hansho", Deployment = var.name }, var.tags)
  }
}
