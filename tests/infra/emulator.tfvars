# The whole deployment, with everything switched on that ministack has.
account_id                = "000000000000"
region                    = "ap-northeast-1"
architecture              = "x86_64"
function_url              = true
# In a zone that the test has made, as somebody who owns it has.
domain                    = "oncall.example.com"
mail_domain               = "oncall.example.com"
activate_receipt_rule_set = true
sms                       = { manage_account = true, monthly_limit_usd = 50 }
operators                 = { email = ["operator@example.com"], sms = ["+819000000000"] }
canary_minutes            = 2
ping_url                  = "https://ping.example.com/hansho"
alarm_accounts            = ["111122223333"]
event_accounts            = ["111122223333"]
events                    = { alarms = [""], guardduty = 7, security_hub = ["CRITICAL"], health = ["issue"] }
incident_manager_bridge = {
  response_plans = ["arn:aws:ssm-incidents::000000000000:response-plan/checkout"]
  ops_center     = true
}

# What ministack does not have, each with what is asked for in vain: tests/infra/lacking.py asks, and fails once it is there.
leave_out = [
  "mail_from",       # PutEmailIdentityMailFromAttributes of SES
  "sms_preferences", # SetSMSAttributes of SNS
]
