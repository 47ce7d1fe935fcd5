variable "name" {
  description = "What names begin with."
  type        = string
}

variable "account_id" {
  description = "This account."
  type        = string
}

variable "region" {
  description = "This Region. An alarm's action is in the Region of the alarm."
  type        = string
}

variable "partition" {
  description = "aws, aws-cn or aws-us-gov."
  type        = string
}

variable "intake" {
  description = "The function alarm-intake."
  type        = object({ name = string, alias = string, live_arn = string, dead_letter_arn = string })
}

variable "alarm_accounts" {
  description = "Other accounts whose alarms may name the function."
  type        = set(string)
}

variable "alarm_topics" {
  description = "Topics that alarms are published to already."
  type        = set(string)
}

variable "event_accounts" {
  description = "Other accounts that may put events on the bus."
  type        = set(string)
}

variable "events" {
  description = "Which events of AWS open incidents."
  type = object({
    alarms       = list(string)
    guardduty    = optional(number)
    security_hub = list(string)
    health       = list(string)
  })
}
