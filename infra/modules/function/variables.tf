variable "deployment" {
  description = "What all functions have in common: what names begin with; the account; the folder with hansho-<function>/bootstrap.zip, which is read when the function is made; arm64 or x86_64; how many executions are reserved, by the function; for how many days a log is kept."
  type = object({
    name                 = string
    account_id           = string
    packages             = string
    architecture         = string
    reserved_concurrency = map(number)
    log_retention_days   = number
  })
}

variable "function" {
  description = "Which function: a folder of functions/."
  type        = string
}

variable "description" {
  description = "What it does."
  type        = string
}

variable "memory_mb" {
  description = "Its memory. tests/infra holds it equal to the function's Cargo.toml, which `cargo lambda deploy` sets."
  type        = number
  default     = 128
}

variable "timeout_seconds" {
  description = "How long it may run. tests/infra holds it equal to the function's Cargo.toml, which `cargo lambda deploy` sets."
  type        = number
  default     = 20
}

variable "environment" {
  description = "Its settings."
  type        = map(string)
}

variable "statements" {
  description = "What its role may do besides writing its log and its traces: statements of a policy."
  type        = any
}

variable "is_invoked_asynchronously" {
  description = "Whether AWS invokes it without waiting: then it is tried again, and what fails for good goes to its queue of dead letters."
  type        = bool
}

variable "has_dead_letters" {
  description = "Whether it has a queue of dead letters."
  type        = bool
}

variable "foreign_topics" {
  description = "Topics, of other accounts too, that may leave what they could not deliver."
  type        = set(string)
  default     = []
}

variable "success_arn" {
  description = "Where the result of an asynchronous invocation goes that succeeded."
  type        = string
  default     = null
}
