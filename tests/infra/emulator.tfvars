# The whole deployment, with everything switched on that ministack has.
account_id                = "000000000000"
region                    = "ap-northeast-1"
architecture              = "x86_64"
function_url              = true
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

# What ministack does not have: PutEmailIdentityMailFromAttributes of SES, SetSMSAttributes of SNS. A certificate and a custom domain
# need a domain that somebody owns; `terraform test` plans them.
leave_out = ["mail_from", "sms_preferences"]
