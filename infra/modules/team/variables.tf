variable "hansho" {
  description = "The function config: the output `config_function` of Hansho's deployment."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]+-config:live$", var.hansho))
    error_message = "hansho must be the output config_function of Hansho's deployment: the ARN of its function config with the alias, which ends in -config:live."
  }
}

variable "url" {
  description = "The output `url` of Hansho's deployment; the addresses among the outputs begin with it."
  type        = string
  default     = null
}

variable "name" {
  description = "The team's name, and that of what is made for it: service, schedule, escalation policy, support hours."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,32}$", var.name))
    error_message = "name must be 1 to 33 lower-case letters, digits and hyphens, such as checkout: with -events behind it, it names an integration, and 40 are the most."
  }
}

variable "title" {
  description = "The team's and the service's name as people read it."
  type        = string
  default     = null
}

variable "time_zone" {
  description = "The clock of the team's schedule and support hours, and of its people where they have none of their own: Asia/Tokyo."
  type        = string
}

variable "users" {
  description = "The people, by name: each as below `users:` of docs/configuration.md. People of other teams and of the folder may be named everywhere, too. Everything written here is in the state, phone numbers and addresses too; a webhook_secret need not be: \"ssm:/hansho/secrets/TEAM/NAME\" in its place, with this team's name for TEAM, names the parameter of SSM Parameter Store that has it."
  type        = any
  default     = {}
}

variable "members" {
  description = "Who is in the team; all of `users` otherwise."
  type        = list(string)
  default     = null
}

variable "rotation" {
  description = "Who is on call: one after the other. Without it the whole team is called at once; more than this is for `schedules`."
  type = object({
    start   = string
    every   = optional(string, "1 week")
    members = optional(list(string))
  })
  default = null
}

variable "wait" {
  description = "How long each step of the escalation policy waits for somebody to acknowledge."
  type        = string
  default     = "5m"
}

variable "repeat" {
  description = "How often the escalation policy begins again."
  type        = number
  default     = 2
}

variable "support_hours" {
  description = "When everything is urgent; at other times the severity says so. Without them everything always is."
  type = object({
    from     = string
    to       = string
    days     = optional(list(string), ["mon", "tue", "wed", "thu", "fri"])
    holidays = optional(list(string), [])
  })
  default = null
}

variable "service" {
  description = "More about the team's service, as below `services:`: { alarms = [\"checkout-*\"], runbook = \"https://...\" }."
  type        = any
  default     = {}
}

variable "events" {
  description = "Whether the team's service has an integration NAME-events for tools that speak the Events API, with a key."
  type        = bool
  default     = true
}

variable "mail" {
  description = "Whether it has an integration NAME-mail, an address for mails."
  type        = bool
  default     = false
}

variable "key_version" {
  description = "Another number makes another key for each integration; the keys before go on for `key_overlap_seconds`."
  type        = number
  default     = 1
}

variable "key_overlap_seconds" {
  description = "For how long a key goes on beside the one that takes its place: at most 90 days."
  type        = number
  default     = 86400
}

variable "take_over" {
  description = "Takes the place of a team of this name whose state was lost. Otherwise a team that is there already is refused."
  type        = bool
  default     = false
}

# Whatever else a configuration has: the sections of docs/configuration.md, as they are there. An entry of the same name takes the place of
# what is made of the arguments above.

variable "teams" {
  description = "As `teams:`."
  type        = any
  default     = {}
}

variable "schedules" {
  description = "As `schedules:`."
  type        = any
  default     = {}
}

variable "escalation_policies" {
  description = "As `escalation_policies:`."
  type        = any
  default     = {}
}

variable "services" {
  description = "As `services:`."
  type        = any
  default     = {}
}

variable "integrations" {
  description = "As `integrations:`. Each of the type events has a key."
  type        = any
  default     = {}
}

variable "hours" {
  description = "As `hours:`."
  type        = any
  default     = {}
}

variable "calendars" {
  description = "As `calendars:`; days only, because there is no file beside them."
  type        = any
  default     = {}
}

variable "maintenance_windows" {
  description = "As `maintenance_windows:`."
  type        = any
  default     = {}
}

variable "destinations" {
  description = "As `destinations:`. What is written here is in the state: for secret, webhook and chat, whose address is a secret by itself, write \"ssm:/hansho/secrets/TEAM/NAME\", with this team's name for TEAM, the parameter of SSM Parameter Store that has it."
  type        = any
  default     = {}
}

variable "fallback" {
  description = "As `fallback:`, in addition to everybody else's."
  type        = list(string)
  default     = []
}

variable "tests" {
  description = "As `tests:`. `hansho check` plays them in a folder that `hansho export` has written."
  type        = any
  default     = []
}

variable "routes" {
  description = "As `routes:`, of which there is one list for everybody: in one module, or in the folder."
  type        = any
  default     = []
}

variable "allowances" {
  description = "As `allowances:`, of which there is one for everybody."
  type        = any
  default     = {}
}

variable "retention" {
  description = "As `retention:`, of which there is one for everybody."
  type        = any
  default     = {}
}
