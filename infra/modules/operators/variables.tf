variable "name" {
  description = "What the names of the topics begin with, and, with a colon and a space, those of the alarms."
  type        = string
}

variable "operators" {
  description = "Who is told: by mail and at https addresses of what is wrong and of what is over, by text message of what is wrong."
  type        = object({ email = set(string), sms = set(string), https = set(string) })
}
