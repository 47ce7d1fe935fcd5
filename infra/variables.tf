# --- where ---------------------------------------------------------------------------------------------------------------------

variable "account_id" {
  description = "The AWS account to deploy to. With credentials of any other account nothing is done."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be the 12 digits of an AWS account; `aws sts get-caller-identity --query Account --output text` prints those of your credentials."
  }
}

variable "region" {
  description = "The AWS Region, such as ap-northeast-1."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be the code of an AWS Region, such as ap-northeast-1."
  }
}

variable "name" {
  description = "What names of everything begin with; another name is another deployment beside the first."
  type        = string
  default     = "hansho"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,19}$", var.name))
    error_message = "name must be 3 to 20 lower-case letters, digits and hyphens, and begin with a letter: names of the table, roles, queues and functions are made of it."
  }

  validation {
    # Parameter Store, S3 and Scheduler keep these for themselves.
    condition     = var.name != "default" && !anytrue([for beginning in ["aws", "ssm", "sthree", "xn--", "amzn-s3-demo-"] : startswith(var.name, beginning)])
    error_message = "name must not be \"default\", and not begin with aws, ssm, sthree, xn-- or amzn-s3-demo-: AWS keeps these names for itself."
  }
}

variable "table_name" {
  description = "The name of the table; another than `name` once it was restored into a new one (docs/recovery.md)."
  type        = string
  default     = null

  validation {
    condition     = var.table_name == null || can(regex("^[a-zA-Z0-9_.-]{3,255}$", var.table_name))
    error_message = "table_name must be 3 to 255 letters, digits, '_', '.' and '-': the name of a table of DynamoDB."
  }
}

variable "tags" {
  description = "Tags of everything, for cost allocation; Application and Deployment are set without them."
  type        = map(string)
  default     = {}
}

# --- the functions -------------------------------------------------------------------------------------------------------------

variable "packages" {
  description = "The folder with hansho-<function>/bootstrap.zip, as `scripts/build-lambdas --arm64 --output-format zip` makes it. It is read when a function is made and never again: `cargo lambda deploy` brings new code."
  type        = string
  default     = null
}

variable "architecture" {
  description = "What the functions run on: arm64, or x86_64. The packages have to be built for it. Where functions run already, `scripts/deploy --architecture x86_64` takes them over first: an apply alone refuses to."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture must be arm64 or x86_64."
  }
}

variable "reserved_concurrency" {
  description = "Executions reserved for a function, by its name: { alarm-intake = 20, escalation = 20 } keeps others from starving them. Nothing by default, because a new account may have ten in all."
  type        = map(number)
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.reserved_concurrency), ["alarm-intake", "api", "config", "delivery", "email-intake", "escalation", "incident-manager-bridge", "outbox-relay", "sweeper"])) == 0
    error_message = "reserved_concurrency names a function that there is not; there are alarm-intake, api, config, delivery, email-intake, escalation, incident-manager-bridge, outbox-relay and sweeper."
  }

  validation {
    # None at all is a function that is switched off.
    condition     = alltrue([for executions in values(var.reserved_concurrency) : executions >= 1])
    error_message = "reserved_concurrency must be at least 1: with 0 a function never runs, and pages are lost."
  }
}

variable "log_level" {
  description = "How much the functions log: error, warn, info, debug or trace. Phone numbers, addresses and secrets are never logged."
  type        = string
  default     = "info"

  validation {
    condition     = contains(["error", "warn", "info", "debug", "trace"], var.log_level)
    error_message = "log_level must be error, warn, info, debug or trace."
  }
}

variable "log_retention_days" {
  description = "For how many days logs are kept."
  type        = number
  default     = 30
}

# --- the table -----------------------------------------------------------------------------------------------------------------

variable "deletion_protection" {
  description = "Whether the table refuses to be deleted. Set it to false and apply before a teardown."
  type        = bool
  default     = true
}

# --- HTTP ----------------------------------------------------------------------------------------------------------------------

variable "domain" {
  description = "The address of the pages and of the API, such as oncall.example.com; it is served from its root. Without one the address is AWS's."
  type        = string
  default     = null

  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "domain must be a host name in lower case, such as oncall.example.com, without https:// and without a path."
  }

  validation {
    condition     = var.domain == null || var.zone_id != null || var.certificate_arn != null
    error_message = "domain needs zone_id (the hosted zone of Route 53 that it is in, where certificate and records are made), or certificate_arn (a certificate of ACM in this Region)."
  }

  validation {
    # A name with a CNAME has no other records (RFC 1034, section 3.6.2). Route 53 has aliases in its place.
    condition     = var.domain == null || var.zone_id != null || !var.mail_receiving || var.domain != coalesce(var.mail_domain, "none")
    error_message = "domain and mail_domain can not be the same name without zone_id: pages need a CNAME record there and mail an MX record, and DNS refuses both at one name. Give mail_domain a name of its own, such as mail.oncall.example.com beside the domain oncall.example.com."
  }
}

variable "zone_id" {
  description = "The hosted zone of Route 53 for the records of `domain` and `mail_domain`. Without one the output `dns_records` says what to enter where your names are kept."
  type        = string
  default     = null
}

variable "certificate_arn" {
  description = "A certificate of ACM for `domain`, in this Region. Without one it is made, and proven by a record in `zone_id`."
  type        = string
  default     = null
}

variable "function_url" {
  description = "Whether the function `api` also has a function URL: an address beside API Gateway, free of its price and of its limits."
  type        = bool
  default     = false
}

variable "http_rate_limit" {
  description = "Requests that API Gateway lets through, per second, and at once. Beyond them it answers 429."
  type        = object({ per_second = number, burst = number })
  default     = { per_second = 500, burst = 1000 }
}

# --- mail ----------------------------------------------------------------------------------------------------------------------

variable "mail_domain" {
  description = "The domain that Hansho's mails come from and mails for integrations go to, such as mail.oncall.example.com. Without one there is no mail, and nobody can sign in to the pages, which takes a link in a mail: people have only the links in their messages, and tools their tokens. It must not have mailboxes of its own: all its mail comes here."
  type        = string
  default     = null

  validation {
    condition     = var.mail_domain == null || can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.mail_domain))
    error_message = "mail_domain must be a host name in lower case, such as mail.oncall.example.com, without anything before an @."
  }
}

variable "mail_receiving" {
  description = "Whether mails for `mail_domain` are received. SES receives in some Regions only."
  type        = bool
  default     = true
}

variable "receipt_rule_set" {
  description = "The receipt rule set of SES that is active in this Region already, if there is one: the rule is added to it, and a destroy takes out that rule only."
  type        = string
  default     = null

  validation {
    condition     = var.mail_domain == null || !var.mail_receiving || (var.receipt_rule_set != null) != var.activate_receipt_rule_set
    error_message = "Mails for mail_domain come in by the one receipt rule set of SES that is active in the Region; `aws ses describe-active-receipt-rule-set --query Metadata.Name --output text` names it. Where there is one, put its name into receipt_rule_set. Where it prints None, set activate_receipt_rule_set = true instead, and one is made and activated. With mail_receiving = false mail is only sent."
  }
}

variable "activate_receipt_rule_set" {
  description = "Whether a receipt rule set is made and becomes the active one of the account in this Region, in place of any other: only where none is active. A destroy leaves none active."
  type        = bool
  default     = false
}

variable "dkim_domain" {
  description = "Below which domain SES publishes the keys that it signs mails with, where that is another than the Region's: `aws sesv2 get-email-identity --email-identity DOMAIN --query DkimAttributes.SigningHostedZone` prints it."
  type        = string
  default     = null

  validation {
    condition     = var.dkim_domain == null || can(regex("^([a-z0-9-]+\\.)+amazonses\\.com$", var.dkim_domain))
    error_message = "dkim_domain must be a domain of SES, such as dkim.ap-northeast-3.amazonses.com."
  }
}

variable "mail_retention_days" {
  description = "For how many days the text of mails is kept in the bucket."
  type        = number
  default     = 30
}

# --- text messages -------------------------------------------------------------------------------------------------------------

variable "sms" {
  description = "Text messages: the name or the number that they come from, the highest price of one, and the account's monthly limit in USD, at four fifths of which operators are told. With `manage_account` the limit, and that failures are logged, are set for the whole account in this Region; without it, `monthly_limit_usd` is what the account has, and where it is not said nobody is told. `existing_logs` are those of \"failure\" and \"success\" that the account has already: they are used as they are, and stay after a destroy."
  type = object({
    sender_id           = optional(string)
    origination_number  = optional(string)
    max_price_usd       = optional(string)
    monthly_limit_usd   = optional(number)
    manage_account      = optional(bool, false)
    success_sample_rate = optional(number, 0)
    existing_logs       = optional(set(string), [])
  })
  default = {}

  validation {
    # Whatever stood here by itself would take the place of a higher limit that the account has, and end its texts.
    condition     = !var.sms.manage_account || var.sms.monthly_limit_usd != null
    error_message = "sms.manage_account sets the monthly limit of the whole account: say which in sms.monthly_limit_usd. `aws sns get-sms-attributes --attributes MonthlySpendLimit` prints what it is now."
  }

  validation {
    # AWS End User Messaging SMS, "Sender IDs".
    condition     = var.sms.sender_id == null || (can(regex("^[A-Za-z0-9-]{1,11}$", var.sms.sender_id)) && can(regex("[A-Za-z]", var.sms.sender_id)))
    error_message = "sms.sender_id must be 1 to 11 letters, digits and hyphens of ASCII with a letter among them, such as Hansho: SNS refuses others."
  }

  validation {
    # SNS, "Origination identities".
    condition     = var.sms.origination_number == null || can(regex("^(\\+[1-9][0-9]{6,14}|[0-9]{3,7})$", var.sms.origination_number))
    error_message = "sms.origination_number must be written with its country, and digits only, such as +815012345678, or be a short code of 3 to 7 digits, such as 12345."
  }

  validation {
    condition     = var.sms.max_price_usd == null || (can(regex("^[0-9]+(\\.[0-9]{1,5})?$", var.sms.max_price_usd)) && try(tonumber(var.sms.max_price_usd) > 0, false))
    error_message = "sms.max_price_usd must be a number of US dollars above 0, such as \"0.15\": a text that costs more is not sent."
  }

  validation {
    condition     = try(var.sms.monthly_limit_usd > 0, true)
    error_message = "sms.monthly_limit_usd must be more than 0 USD: at the limit SNS sends no text messages."
  }

  validation {
    condition     = length(setsubtract(var.sms.existing_logs, ["failure", "success"])) == 0
    error_message = "sms.existing_logs may have \"failure\" and \"success\"; `aws logs describe-log-groups --log-group-name-prefix sns/` lists them: the name of that of failures ends in /Failure."
  }
}

variable "webhook_allow_private" {
  description = "Whether webhooks may go to private addresses. Only for functions that are in a network of yours."
  type        = bool
  default     = false
}

# --- what comes in -------------------------------------------------------------------------------------------------------------

variable "alarm_accounts" {
  description = "Other AWS accounts whose CloudWatch alarms may name the function alarm-intake in their actions."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for account in var.alarm_accounts : can(regex("^[0-9]{12}$", account))])
    error_message = "alarm_accounts must be account ids of 12 digits."
  }

  validation {
    # An account takes some 400 bytes of the function's policy, a topic 300 and its ARN, and `events` may take 4 KB of its 20 (AWS Lambda quotas).
    condition     = 400 * length(var.alarm_accounts) + sum(concat([0], [for topic in var.alarm_topics : 300 + length(topic)])) <= 16000
    error_message = "alarm_accounts and alarm_topics are more than the policy of the function has room for: some 40 accounts, or 45 topics, or fewer of both. Alarms of the others come as events: modules/forward over there, and event_accounts here."
  }
}

variable "alarm_topics" {
  description = "Topics of SNS in this Region that alarms are published to already, by their ARNs; alarm-intake subscribes to them."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for topic in var.alarm_topics : can(regex("^arn:aws[a-z-]*:sns:${var.region}:[0-9]{12}:[A-Za-z0-9_-]{1,256}$", topic))])
    error_message = "alarm_topics must be ARNs of standard topics in the Region of this deployment, such as arn:aws:sns:REGION:111122223333:alarms. Those of other Regions come as events: modules/forward over there."
  }
}

variable "event_accounts" {
  description = "Other AWS accounts that may put events on Hansho's event bus, for alarms and findings of other accounts and Regions: see modules/forward."
  type        = set(string)
  default     = []
}

variable "events" {
  description = "Events of AWS that open incidents, from this account and from whatever is forwarded here. `alarms` takes every CloudWatch alarm whose name begins so (\"\" for all) but those on this deployment itself, without any action on the alarm; the least severity of GuardDuty's findings; labels of Security Hub's; categories of AWS Health's events."
  type = object({
    alarms       = optional(list(string), [])
    guardduty    = optional(number)
    security_hub = optional(list(string), [])
    health       = optional(list(string), [])
  })
  default = {}

  validation {
    condition     = !anytrue([for prefix in var.events.alarms : startswith(prefix, "${var.name}: ")])
    error_message = "events.alarms names alarms on Hansho itself: those whose names begin with the deployment's name, a colon and a space. They reach the operators without Hansho, and would tell Hansho's trouble by Hansho. Take that beginning out."
  }
}

# --- AWS Systems Manager -------------------------------------------------------------------------------------------------------

variable "incident_manager_bridge" {
  description = "Keeps incidents of services that say so (`incident_manager`, `ops_center`) in AWS Systems Manager too: the response plans of Incident Manager that they name, by their ARNs, and whether OpsItems are made. Off without it."
  type = object({
    response_plans = optional(set(string), [])
    ops_center     = optional(bool, false)
  })
  default = null

  validation {
    condition     = var.incident_manager_bridge == null || alltrue([for plan in try(var.incident_manager_bridge.response_plans, []) : can(regex("^arn:aws[a-z-]*:ssm-incidents:[a-z0-9-]*:[0-9]{12}:response-plan/[^ *]+$", plan))])
    error_message = "incident_manager_bridge.response_plans must be ARNs of response plans, such as arn:aws:ssm-incidents::111122223333:response-plan/checkout; `aws ssm-incidents list-response-plans` has them."
  }

  validation {
    condition     = var.incident_manager_bridge == null || length(try(var.incident_manager_bridge.response_plans, [])) > 0 || try(var.incident_manager_bridge.ops_center, false)
    error_message = "incident_manager_bridge leads nowhere: name response_plans, or set ops_center = true."
  }
}

# --- who hears of Hansho itself ------------------------------------------------------------------------------------------------

variable "operators" {
  description = "Who is told when Hansho itself is in trouble, without Hansho: by mail, by text message (+819000000001), or at an https address. Mail addresses have to be confirmed once for each of two topics: what is wrong, and, for mail and https only, what is over."
  type = object({
    email = optional(set(string), [])
    sms   = optional(set(string), [])
    https = optional(set(string), [])
  })
  default = {}

  validation {
    condition     = alltrue([for address in var.operators.email : can(regex("^[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:]]+$", address))])
    error_message = "operators.email must be mail addresses, such as you@example.com."
  }

  validation {
    condition     = alltrue([for number in var.operators.sms : can(regex("^\\+[1-9][0-9]{6,14}$", number))])
    error_message = "operators.sms must be numbers with their country, and digits only, such as +819000000001."
  }

  validation {
    condition     = alltrue([for address in var.operators.https : can(regex("^https://[^[:space:]]+$", address))])
    error_message = "operators.https must be addresses that begin with https://."
  }
}

variable "ping_url" {
  description = "An https address outside of AWS that is asked for after every clean sweep, each minute: a dead man's switch (healthchecks.io and the like) that tells you when nothing of this account works any more."
  type        = string
  default     = null

  validation {
    condition     = var.ping_url == null || can(regex("^https://", var.ping_url))
    error_message = "ping_url must begin with https://."
  }
}

# --- tests ---------------------------------------------------------------------------------------------------------------------

variable "leave_out" {
  description = "Kinds of resources that are left out: for emulators that do not have them. Empty on AWS."
  type        = set(string)
  default     = []
}
