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

variable "namespace" {
  description = "The namespace of Hansho's own metrics."
  type        = string
}

variable "operators" {
  description = "Who is told, without Hansho."
  type        = object({ email = set(string), sms = set(string), https = set(string) })
}

variable "functions" {
  description = "The names of the functions, by what they are."
  type        = map(string)
}

variable "dead_letters" {
  description = "The names of the queues of dead letters, by the function."
  type        = map(string)
}

variable "queues" {
  description = "The names of the queues that wait for a function, by what they are."
  type        = map(string)
}

variable "table" {
  description = "The name of the table."
  type        = string
}

variable "schedule_group" {
  description = "The name of the group of schedules."
  type        = string
}

variable "sweeper_rule" {
  description = "The name of the rule that wakes the sweeper."
  type        = string
}

variable "api_id" {
  description = "The HTTP API."
  type        = string
}

variable "sends_mail" {
  description = "Whether mails are sent."
  type        = bool
}

variable "sms_monthly_limit_usd" {
  description = "The month's limit of text messages in USD; null where nobody has said it."
  type        = number
}

variable "ping_url" {
  description = "What is asked for after every clean sweep, or null."
  type        = string
}

variable "sweeper_arn" {
  description = "The function sweeper with its alias."
  type        = string
}
