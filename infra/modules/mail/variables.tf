variable "name" {
  description = "What names begin with."
  type        = string
}

variable "account_id" {
  description = "The account."
  type        = string
}

variable "region" {
  description = "The Region."
  type        = string
}

variable "partition" {
  description = "aws, aws-cn or aws-us-gov."
  type        = string
}

variable "domain" {
  description = "The domain that mails come from and go to."
  type        = string
}

variable "dkim_domain" {
  description = "Below which domain SES publishes its keys, or null for that of the Region."
  type        = string
}

variable "zone_id" {
  description = "Its hosted zone, or null."
  type        = string
}

variable "receives" {
  description = "Whether mails are received."
  type        = bool
}

variable "rule_set" {
  description = "The receipt rule set that is active already, or null: then one is made and activated."
  type        = string
}

variable "retention_days" {
  description = "For how many days mails are kept."
  type        = number
}

variable "intake" {
  description = "The function email-intake."
  type        = object({ name = string, alias = string, live_arn = string })
}

variable "bucket" {
  description = "The name of the bucket for mails."
  type        = string
}

variable "prefix" {
  description = "What keys of mails begin with."
  type        = string
}

variable "leave_out" {
  description = "Kinds of resources that an emulator does not have."
  type        = set(string)
}
