//! What each sample comes down to.

use std::collections::BTreeMap;

use hansho_alarm_intake::parse::{AlarmTransition, AwsEvent, Directives, Reading, Record, parse};
use serde_json::Value;

use crate::{own_samples, published_samples, received_at};

/// What each file in `events/alarm-intake` comes down to.
const SAMPLES: &str = r#"
alarm-direct-anomaly
  ALARM from OK, AnomalyDetection, 2026-11-20T18:12:20.107Z
  alarm search-latency-anomaly, 111122223333, ap-northeast-1
  key arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:search-latency-anomaly
  title search-latency-anomaly: 1843 > 604.9 (LatencyP99)
  metric Example/Search LatencyP99 Index=products, threshold < 212.8 or > 604.9

alarm-direct-composite
  ALARM from OK, Composite, 2026-11-20T18:12:37.015Z
  alarm checkout-unavailable, 111122223333, ap-northeast-1
  key arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:checkout-unavailable
  title checkout-unavailable: checkout-5xx-rate transitioned to ALARM
  metric -, threshold -
  service checkout
  priority Sev1

alarm-direct-composite-suppressed
  ALARM from OK, Composite, 2026-11-20T18:12:37.015Z
  alarm checkout-unavailable-outside-deploys, 111122223333, ap-northeast-1
  key arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:checkout-unavailable-outside-deploys
  title checkout-unavailable-outside-deploys: checkout-5xx-rate transitioned to ALARM
  metric -, threshold -
  suppressed by Alarm: Actions suppressed by checkout-deploying

alarm-direct-composite-suppressor
  ALARM from ALARM, Composite, 2026-11-20T18:14:37.015Z
  alarm checkout-unavailable-outside-deploys, 111122223333, ap-northeast-1
  key arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:checkout-unavailable-outside-deploys
  title checkout-unavailable-outside-deploys: checkout-5xx-rate transitioned to ALARM
  metric -, threshold -

alarm-direct-metric
  ALARM from OK, Metric, 2026-11-20T18:12:36.49Z
  alarm checkout-5xx-rate, 111122223333, ap-northeast-1
  key arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:checkout-5xx-rate
  title checkout-5xx-rate: 12.0 > 1.0 (5XXError)
  metric AWS/ApiGateway 5XXError ApiName=checkout Stage=prod, threshold > 1.0
  service checkout
  severity Critical
  runbook https://runbooks.example.com/checkout/5xx

alarm-direct-metric-math
  ALARM from INSUFFICIENT_DATA, MetricMath, 2026-11-20T18:12:04.221Z
  alarm checkout-error-ratio, 111122223333, ap-northeast-1
  key arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:checkout-error-ratio
  title checkout-error-ratio: 7.326 >= 5.0 (Errors in percent)
  metric Errors in percent = 100 * errors / requests, threshold >= 5.0
  service checkout
  severity Error
  priority Sev2

alarm-direct-promql
  ALARM from OK, Unknown, 2026-11-20T18:12:45.003Z
  alarm search-pods-restarting, 111122223333, us-east-1
  key arn:aws:cloudwatch:us-east-1:111122223333:alarm:search-pods-restarting
  title search-pods-restarting: 2 out of 14 time series evaluated to ALARM
  metric -, threshold -
  service search
  The alarm's description says severity: "loud", which is not one of critical, error, warning and info.

alarm-direct-set-alarm-state-test
  ALARM from OK, Metric, 2026-11-20T18:05:00.12Z
  alarm checkout-5xx-rate, 111122223333, ap-northeast-1
  key arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:checkout-5xx-rate
  title checkout-5xx-rate: testing who is paged, please ignore
  metric AWS/ApiGateway 5XXError ApiName=checkout Stage=prod, threshold -
  service checkout
  severity Critical
  runbook https://runbooks.example.com/checkout/5xx

alarm-eventbridge-contributor
  ALARM from -, MetricsInsights, 2026-11-20T18:12:04.919Z
  alarm batch-any-queue-age, 111122223333, us-east-1
  key arn:aws:cloudwatch:us-east-1:111122223333:alarm:batch-any-queue-age#9f1c53d2a7b04e68
  title batch-any-queue-age (batch-invoices): 734.0 > 600.0 (MAX(ApproximateAgeOfOldestMessage))
  metric SELECT MAX(ApproximateAgeOfOldestMessage) FROM SCHEMA("AWS/SQS", QueueName) GROUP BY QueueName ORDER BY MAX() DESC, threshold > 600.0
  contributor 9f1c53d2a7b04e68 {"QueueName": "batch-invoices"}
  service batch

alarm-eventbridge-guardduty
  wrong Error, 2026-11-20T18:12:30Z
  event CryptoCurrency:EC2/BitcoinTool.B!DNS
  arn arn:aws:guardduty:ap-northeast-1:111122223333:detector/8ec1a0b2f6d24c7e9a53/finding/5ac7f2d01b9e4f6e8d3c2b1a09f8e7d6
  key arn:aws:guardduty:ap-northeast-1:111122223333:detector/8ec1a0b2f6d24c7e9a53/finding/5ac7f2d01b9e4f6e8d3c2b1a09f8e7d6
  title GuardDuty: EC2 instance i-0a1b2c3d4e5f60718 is querying a domain name that is associated with Bitcoin-related activity.
  | The EC2 instance i-0a1b2c3d4e5f60718 is querying the domain name pool.example.net, which is associated with Bitcoin-related activity.
  | Resources: Instance i-0a1b2c3d4e5f60718
  | Seen: 14, last at 2026-11-20T18:08:44.000Z
  link https://ap-northeast-1.console.aws.amazon.com/guardduty/home?region=ap-northeast-1#/findings?search=id%3D5ac7f2d01b9e4f6e8d3c2b1a09f8e7d6
  facts account=111122223333 region=ap-northeast-1 event=CryptoCurrency:EC2/BitcoinTool.B!DNS resource=i-0a1b2c3d4e5f60718 resource_type=Instance
  tags Name=checkout-worker Team=sre

alarm-eventbridge-health
  wrong Error, 2026-11-20T18:11:00Z
  event AWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED
  arn arn:aws:health:ap-northeast-1::event/EC2/AWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED/AWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED_4d1b7a90
  key arn:aws:health:ap-northeast-1::event/EC2/AWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED/AWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED_4d1b7a90#111122223333
  title AWS Health: EC2 instance store drive performance degraded (ap-northeast-1, i-0a1b2c3d4e5f60718 and 1 more)
  | We are investigating increased latency of the instance store drives of the instances listed below.
  | You may want to replace them.
  | Resources: i-0a1b2c3d4e5f60718, i-0f9e8d7c6b5a40312
  | From 2026-11-20T18:05:00Z
  link https://health.aws.amazon.com/health/home#/account/event-log?eventID=arn%3Aaws%3Ahealth%3Aap-northeast-1%3A%3Aevent%2FEC2%2FAWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED%2FAWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED_4d1b7a90&eventTab=details
  facts account=111122223333 region=ap-northeast-1 event=AWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED aws_service=EC2 category=issue scope=ACCOUNT_SPECIFIC resource=i-0a1b2c3d4e5f60718
  tags Team=sre stage=prod

alarm-eventbridge-health-abuse
  wrong Critical, 2026-11-20T18:11:30Z
  event AWS_ABUSE_DOS_REPORT
  arn arn:aws:health:global::event/ABUSE/AWS_ABUSE_DOS_REPORT/AWS_ABUSE_DOS_REPORT_92387492375_4498_2026_11_20_18_11
  key arn:aws:health:global::event/ABUSE/AWS_ABUSE_DOS_REPORT/AWS_ABUSE_DOS_REPORT_92387492375_4498_2026_11_20_18_11#111122223333
  title AWS Health: ABUSE dos report (i-0a1b2c3d4e5f60718)
  | Your instances may be taking part in an attack. Answer within 24 hours.
  | Resources: arn:aws:ec2:us-east-1:111122223333:instance/i-0a1b2c3d4e5f60718
  | From 2026-11-20T18:11:00Z
  | Page 1 of 3
  link https://health.aws.amazon.com/health/home#/account/event-log?eventID=arn%3Aaws%3Ahealth%3Aglobal%3A%3Aevent%2FABUSE%2FAWS_ABUSE_DOS_REPORT%2FAWS_ABUSE_DOS_REPORT_92387492375_4498_2026_11_20_18_11&eventTab=details
  facts account=111122223333 event=AWS_ABUSE_DOS_REPORT aws_service=ABUSE category=issue scope=ACCOUNT_SPECIFIC resource=arn:aws:ec2:us-east-1:111122223333:instance/i-0a1b2c3d4e5f60718
  tags 

alarm-eventbridge-metric
  ALARM from OK, Metric, 2026-11-20T18:12:40.377Z
  alarm search-memory-high, 111122223333, ap-northeast-1
  key arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:search-memory-high
  title search-memory-high: 93.75 > 90.0 (MemoryUtilization)
  metric AWS/ECS MemoryUtilization ClusterName=search ServiceName=search-api, threshold > 90.0
  severity Warning

alarm-eventbridge-muted
  ALARM from OK, Metric, 2026-11-20T18:12:15.044Z
  alarm batch-report-late, 111122223333, ap-northeast-1
  key arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:batch-report-late
  title batch-report-late: 41.0 > 30.0 (ReportAgeMinutes)
  metric Example/Batch ReportAgeMinutes Report=monthly, threshold > 30.0
  muted by arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm-mute-rule:month-end until 2026-11-20T21:00:00Z

alarm-eventbridge-security-hub
  wrong Error, 2026-11-20T18:12:10Z
  event S3.8
  arn arn:aws:securityhub:ap-northeast-1:111122223333:security-control/S3.8/finding/2f6c1b7e-6f0b-4f4b-9a34-0c3b2d1e4f50
  key arn:aws:securityhub:ap-northeast-1:111122223333:security-control/S3.8/finding/2f6c1b7e-6f0b-4f4b-9a34-0c3b2d1e4f50
  title Security Hub: S3 general purpose buckets should block public access
  | This control checks whether an S3 general purpose bucket blocks public access at the bucket level.
  | Resources: AwsS3Bucket arn:aws:s3:::checkout-receipts
  link https://ap-northeast-1.console.aws.amazon.com/securityhub/home?region=ap-northeast-1#/findings?search=Id%3D%255Coperator%255C%253AEQUALS%255C%253Aarn%253Aaws%253Asecurityhub%253Aap-northeast-1%253A111122223333%253Asecurity-control%252FS3.8%252Ffinding%252F2f6c1b7e-6f0b-4f4b-9a34-0c3b2d1e4f50
  runbook https://docs.aws.amazon.com/console/securityhub/S3.8/remediation
  facts account=111122223333 region=ap-northeast-1 event=S3.8 product=Security Hub resource=arn:aws:s3:::checkout-receipts resource_type=AwsS3Bucket
  tags Env=prod Owner=sre
  wrong Critical, 2026-11-20T18:12:10Z
  event Software and Configuration Checks/Vulnerabilities/CVE
  arn arn:aws:inspector2:ap-northeast-1:111122223333:finding/9d0c6c9d2d0e7f010d6b9f148a354a43
  key arn:aws:inspector2:ap-northeast-1:111122223333:finding/9d0c6c9d2d0e7f010d6b9f148a354a43
  title Security Hub (Inspector): CVE-2026-10001 - openssl
  | A remote attacker may run code in a process that reads a crafted certificate.
  | Resources: AwsEcrContainerImage arn:aws:ecr:ap-northeast-1:111122223333:repository/checkout/sha256:4bf5, AwsEcrContainerImage arn:aws:ecr:ap-northeast-1:111122223333:repository/search/sha256:77aa
  link https://ap-northeast-1.console.aws.amazon.com/securityhub/home?region=ap-northeast-1#/findings?search=Id%3D%255Coperator%255C%253AEQUALS%255C%253Aarn%253Aaws%253Ainspector2%253Aap-northeast-1%253A111122223333%253Afinding%252F9d0c6c9d2d0e7f010d6b9f148a354a43
  facts account=111122223333 region=ap-northeast-1 event=Software and Configuration Checks/Vulnerabilities/CVE product=Inspector resource=arn:aws:ecr:ap-northeast-1:111122223333:repository/checkout/sha256:4bf5 resource_type=AwsEcrContainerImage
  tags 

alarm-sns-anomaly
  ALARM from INSUFFICIENT_DATA, AnomalyDetection, 2026-11-20T18:12:51.25Z
  alarm search-requests-anomaly, 111122223333, us-east-1
  key arn:aws:cloudwatch:us-east-1:111122223333:alarm:search-requests-anomaly
  title search-requests-anomaly: 3.0 < 118.4 (Count)
  metric AWS/ApiGateway Count ApiName=search, threshold < 118.4

alarm-sns-composite
  ALARM from OK, Composite, 2026-11-20T18:12:37.015Z
  alarm checkout-unavailable, 111122223333, ap-northeast-1
  key arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:checkout-unavailable
  title checkout-unavailable: checkout-5xx-rate transitioned to ALARM
  metric -, threshold -

alarm-sns-contributor
  ALARM from OK, Unknown, 2026-11-20T18:12:33.127Z
  alarm search-slow-endpoints, 111122223333, us-east-1
  key arn:aws:cloudwatch:us-east-1:111122223333:alarm:search-slow-endpoints#c41f0b9d2e7a5836
  title search-slow-endpoints (/v1/suggest): 2412.0 > 2000.0
  metric -, threshold > 2000.0
  contributor c41f0b9d2e7a5836 {"endpoint": "/v1/suggest"}
  severity Warning

alarm-sns-metric
  ALARM from OK, Metric, 2026-11-20T18:12:18.64Z
  alarm batch-orders-queue-age, 111122223333, ap-northeast-1
  key arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:batch-orders-queue-age
  title batch-orders-queue-age: 1260.0 >= 900.0 (ApproximateAgeOfOldestMessage)
  metric AWS/SQS ApproximateAgeOfOldestMessage QueueName=batch-orders, threshold >= 900.0
  service batch
  severity Warning
  runbook https://runbooks.example.com/batch/queue;v=2

alarm-sns-old-capture
  ALARM from OK, Metric, 2026-11-20T18:12:30.006Z
  alarm batch-disk-full, 111122223333, -
  key arn:aws:cloudwatch:asia-pacific-tokyo:111122223333:alarm:batch-disk-full
  title batch-disk-full: 97.4 > 95.0 (disk_used_percent)
  metric CWAgent disk_used_percent path=/data, threshold > 95.0

alarm-sqs-eventbridge
  message 0d6b9f14-8a35-4a43-9d0c-6c9d2d0e7f01
  ALARM from OK, Metric, 2026-11-20T18:12:40.377Z
  alarm search-memory-high, 111122223333, ap-northeast-1
  key arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:search-memory-high
  title search-memory-high: 93.75 > 90.0 (MemoryUtilization)
  metric AWS/ECS MemoryUtilization ClusterName=search ServiceName=search-api, threshold > 90.0
  severity Warning
  message 2c84d0a7-5be1-4f1d-b6f3-9b7a1c3d5e02
  OK from -, MetricsInsights, 2026-11-20T18:20:04.902Z
  alarm batch-any-queue-age, 111122223333, us-east-1
  key arn:aws:cloudwatch:us-east-1:111122223333:alarm:batch-any-queue-age#9f1c53d2a7b04e68
  title batch-any-queue-age (batch-invoices): OK
  metric SELECT MAX(ApproximateAgeOfOldestMessage) FROM SCHEMA("AWS/SQS", QueueName) GROUP BY QueueName ORDER BY MAX() DESC, threshold > 600.0
  contributor 9f1c53d2a7b04e68 {"QueueName": "batch-invoices"}
  service batch

configuration-change-eventbridge
  nothing to open, batch-report-late: The alarm was deleted. It will not say OK any more: if its incident is open, resolve it by hand.

insufficient-data-direct
  INSUFFICIENT_DATA from OK, Metric, 2026-11-20T18:12:11.9Z
  alarm batch-nightly-heartbeat, 111122223333, ap-northeast-1
  key arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:batch-nightly-heartbeat
  title batch-nightly-heartbeat: insufficient data (Heartbeat)
  metric Example/Batch Heartbeat Job=nightly, threshold 1.0
  service batch

ok-direct-metric
  OK from ALARM, Metric, 2026-11-20T18:31:36.487Z
  alarm checkout-5xx-rate, 111122223333, ap-northeast-1
  key arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:checkout-5xx-rate
  title checkout-5xx-rate: OK
  metric AWS/ApiGateway 5XXError ApiName=checkout Stage=prod, threshold > 1.0
  service checkout
  severity Critical
  runbook https://runbooks.example.com/checkout/5xx

ok-eventbridge-guardduty
  over Error, 2026-11-20T19:02:00Z
  event CryptoCurrency:EC2/BitcoinTool.B!DNS
  arn arn:aws:guardduty:ap-northeast-1:111122223333:detector/8ec1a0b2f6d24c7e9a53/finding/5ac7f2d01b9e4f6e8d3c2b1a09f8e7d6
  key arn:aws:guardduty:ap-northeast-1:111122223333:detector/8ec1a0b2f6d24c7e9a53/finding/5ac7f2d01b9e4f6e8d3c2b1a09f8e7d6
  title GuardDuty: EC2 instance i-0a1b2c3d4e5f60718 is querying a domain name that is associated with Bitcoin-related activity.
  | The EC2 instance i-0a1b2c3d4e5f60718 is querying the domain name pool.example.net, which is associated with Bitcoin-related activity.
  | The finding was archived.
  | Resources: Instance i-0a1b2c3d4e5f60718
  | Seen: 14, last at 2026-11-20T18:08:44.000Z
  link https://ap-northeast-1.console.aws.amazon.com/guardduty/home?region=ap-northeast-1#/findings?search=id%3D5ac7f2d01b9e4f6e8d3c2b1a09f8e7d6
  facts account=111122223333 region=ap-northeast-1 event=CryptoCurrency:EC2/BitcoinTool.B!DNS resource=i-0a1b2c3d4e5f60718 resource_type=Instance
  tags Name=checkout-worker Team=sre

ok-eventbridge-health
  over Error, 2026-11-20T19:29:00Z
  event AWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED
  arn arn:aws:health:ap-northeast-1::event/EC2/AWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED/AWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED_4d1b7a90
  key arn:aws:health:ap-northeast-1::event/EC2/AWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED/AWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED_4d1b7a90#111122223333
  title AWS Health: EC2 instance store drive performance degraded (ap-northeast-1, i-0a1b2c3d4e5f60718 and 1 more)
  | The issue has been resolved and the service is operating normally.
  | AWS has closed it.
  | Resources: i-0a1b2c3d4e5f60718, i-0f9e8d7c6b5a40312
  | From 2026-11-20T18:05:00Z to 2026-11-20T19:25:00Z
  link https://health.aws.amazon.com/health/home#/account/event-log?eventID=arn%3Aaws%3Ahealth%3Aap-northeast-1%3A%3Aevent%2FEC2%2FAWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED%2FAWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED_4d1b7a90&eventTab=details
  facts account=111122223333 region=ap-northeast-1 event=AWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED aws_service=EC2 category=issue scope=ACCOUNT_SPECIFIC resource=i-0a1b2c3d4e5f60718
  tags Team=sre stage=prod

ok-eventbridge-security-hub
  over Info, 2026-11-20T19:12:10Z
  event S3.8
  arn arn:aws:securityhub:ap-northeast-1:111122223333:security-control/S3.8/finding/2f6c1b7e-6f0b-4f4b-9a34-0c3b2d1e4f50
  key arn:aws:securityhub:ap-northeast-1:111122223333:security-control/S3.8/finding/2f6c1b7e-6f0b-4f4b-9a34-0c3b2d1e4f50
  title Security Hub: S3 general purpose buckets should block public access
  | This control checks whether an S3 general purpose bucket blocks public access at the bucket level.
  | The check passes.
  | Resources: AwsS3Bucket arn:aws:s3:::checkout-receipts
  link https://ap-northeast-1.console.aws.amazon.com/securityhub/home?region=ap-northeast-1#/findings?search=Id%3D%255Coperator%255C%253AEQUALS%255C%253Aarn%253Aaws%253Asecurityhub%253Aap-northeast-1%253A111122223333%253Asecurity-control%252FS3.8%252Ffinding%252F2f6c1b7e-6f0b-4f4b-9a34-0c3b2d1e4f50
  runbook https://docs.aws.amazon.com/console/securityhub/S3.8/remediation
  facts account=111122223333 region=ap-northeast-1 event=S3.8 product=Security Hub resource=arn:aws:s3:::checkout-receipts resource_type=AwsS3Bucket
  tags Env=prod Owner=sre

ok-sns-metric
  OK from ALARM, Metric, 2026-11-20T18:42:18.633Z
  alarm batch-orders-queue-age, 111122223333, ap-northeast-1
  key arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:batch-orders-queue-age
  title batch-orders-queue-age: OK
  metric AWS/SQS ApproximateAgeOfOldestMessage QueueName=batch-orders, threshold >= 900.0
  service batch
  severity Warning
  runbook https://runbooks.example.com/batch/queue;v=2

sns-subscription-confirmation
  message 5f2f6f9e-0c7b-4a0e-8f7e-6f0a1d3b5c70
  nothing to open, no alarm: An SNS topic asks to confirm a subscription, and none of its alarms arrive before that. If you asked for it, run: aws sns confirm-subscription --topic-arn arn:aws:sns:ap-northeast-1:111122223333:alarms --token TOKEN, with the Token of the message.

unreadable-other
  unreadable: An EventBridge event of the type "Search Index Rebuild Failed" is no event of a CloudWatch alarm, GuardDuty, Security Hub or AWS Health.

unreadable-truncated
  unreadable: The SNS message (subject: ALARM: "checkout-5xx-rate" in Asia Pacific (Tokyo)) is no JSON that can be read: EOF while parsing a string at line 1 column 306.
"#;

/// The same for what others have published: only where `shared/samples` lies beside the checkout.
const PUBLISHED: &str = r#"
awsle-example-cloudwatch-alarm-sns-payload-single-metric
  ALARM from INSUFFICIENT_DATA, Metric, 2015-06-03T17:43:27.123Z
  alarm EXAMPLE, 123456789012, -
  key arn:aws:cloudwatch:REGION:ACCOUNT_NUMBER:alarm:EXAMPLE
  title EXAMPLE: 1234.0 > 0.0 (NetworkOut)
  metric AWS/EC2 NetworkOut InstanceId=TestInstance, threshold > 0.0

contributor-state-change-multi-time-series
  ALARM from -, MetricsInsights, 2025-12-01T13:42:04.919Z
  alarm DynamoDBInsightsAlarm, 123456789012, us-east-1
  key arn:aws:cloudwatch:us-east-1:123456789012:alarm:DynamoDBInsightsAlarm#6d442278dba546f6
  title DynamoDBInsightsAlarm (example-dynamodb-table-name): 0.0 < 1.0 (AVG(ConsumedWriteCapacityUnits))
  metric SELECT AVG(ConsumedWriteCapacityUnits) FROM "AWS/DynamoDB" GROUP BY TableName ORDER BY MAX() DESC, threshold < 1.0
  contributor 6d442278dba546f6 {"TableName": "example-dynamodb-table-name"}
  muted by arn:aws:cloudwatch:us-east-1:1234567890:alarm-mute-rule:testMute until 2026-01-01T12:00:00Z

notifyslack-messages-cloudwatch_alarm
  OK from ALARM, Metric, 2019-02-12T15:45:24.006Z
  alarm DBMigrationRequired, 735598076380, -
  key arn:aws:cloudwatch:us-virginia:735598076380:alarm:DBMigrationRequired
  title DBMigrationRequired: OK
  metric LogMetrics DBMigrationRequired, threshold < 1.0

powertools-cloudWatchAlarmEventCompositeMetric
  ALARM from ALARM, Composite, 2023-08-04T12:56:46.138Z
  alarm CompositeDemo.Main, 111122223333, us-east-1
  key arn:aws:cloudwatch:us-east-1:111122223333:alarm:SuppressionDemo.Main
  title CompositeDemo.Main: CompositeDemo.FirstChild transitioned to ALARM
  metric -, threshold -

powertools-cloudWatchAlarmEventSingleMetric
  ALARM from OK, MetricMath, 2024-02-17T11:53:08.431Z
  alarm Test alert, 912397435824, eu-west-1
  key arn:aws:cloudwatch:eu-west-1:912397435824:alarm:test_alarm
  title Test alert: 1.0 < 10.0 (Expression1)
  metric Expression1 = m1/m2, threshold < 10.0

state-change-for-a-single-metric-alarm
  ALARM from OK, Metric, 2019-10-02T17:04:40.989Z
  alarm ServerCpuTooHigh, 123456789012, us-east-1
  key arn:aws:cloudwatch:us-east-1:123456789012:alarm:ServerCpuTooHigh
  title ServerCpuTooHigh: 99.5 > 50.0 (CPUUtilization)
  metric AWS/EC2 CPUUtilization InstanceId=i-12345678901234567, threshold > 50.0
"#;

#[test]
fn every_sample_reads_as_written_above() {
    assert_blocks(&blocks(&own_samples()), SAMPLES);
}

#[test]
fn every_published_sample_reads_as_written_above() {
    let published = published_samples();
    if !published.is_empty() {
        assert_blocks(&blocks(&published), PUBLISHED);
    }
}

fn assert_blocks(actual: &[String], expected: &str) {
    let expected: Vec<&str> = expected.trim().split("\n\n").collect();
    for (actual, expected) in actual.iter().zip(&expected) {
        assert_eq!(actual, expected, "\n--- read:\n{actual}\n--- expected:\n{expected}\n");
    }
    assert_eq!(actual.len(), expected.len(), "a file without its lines above, or lines without their file");
}

fn blocks(events: &BTreeMap<String, Value>) -> Vec<String> {
    let block = |(name, event): (&String, &Value)| {
        let lines: Vec<String> = parse(event, received_at()).iter().flat_map(lines).map(|line| format!("\n  {line}")).collect();
        format!("{name}{}", lines.concat())
    };
    events.iter().map(block).collect()
}

fn lines(record: &Record) -> Vec<String> {
    let mut lines: Vec<String> = record.message_id.iter().map(|id| format!("message {id}")).collect();
    match &record.reading {
        Reading::Alarm(alarm) => lines.extend(alarm_lines(alarm)),
        Reading::AwsEvent(event) => lines.extend(event_lines(event)),
        Reading::NothingToOpen { reason, alarm, raw: _ } => {
            lines.push(format!("nothing to open, {}: {reason}", alarm.as_deref().unwrap_or("no alarm")))
        }
        Reading::Unreadable { reason, .. } => lines.push(format!("unreadable: {reason}")),
    }
    lines
}

fn event_lines(event: &AwsEvent) -> Vec<String> {
    let pairs = |pairs: Vec<(&str, &str)>| pairs.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ");
    let mut lines = vec![
        format!("{} {:?}, {}", if event.is_over { "over" } else { "wrong" }, event.severity, event.occurred_at),
        format!("event {}", event.name),
        format!("arn {}", event.arn),
        format!("key {}", event.dedup_key),
        format!("title {}", event.title),
    ];
    lines.extend(event.details.lines().filter(|line| !line.is_empty()).map(|line| format!("| {line}")));
    lines.extend(event.link.iter().map(|link| format!("link {link}")));
    lines.extend(event.runbook.iter().map(|runbook| format!("runbook {runbook}")));
    lines.push(format!("facts {}", pairs(event.facts.iter().map(|(key, value)| (*key, value.as_str())).collect())));
    lines.push(format!("tags {}", pairs(event.tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect())));
    lines.extend(event.remark.iter().map(|remark| format!("remark {remark}")));
    lines
}

fn alarm_lines(alarm: &AlarmTransition) -> Vec<String> {
    let none = || "-".to_owned();
    let Directives { service, severity, priority, runbook, owner: _, labels: _, problems, prose: _ } = alarm.directives();
    let mut lines = vec![
        format!("{} from {}, {:?}, {}", alarm.state, alarm.previous.map_or_else(none, |s| s.to_string()), alarm.kind, alarm.occurred_at),
        format!("alarm {}, {}, {}", alarm.name, alarm.account, alarm.region.as_deref().unwrap_or("-")),
        format!("key {}", alarm.dedup_key()),
        format!("title {}", alarm.title()),
        format!("metric {}, threshold {}", alarm.metric.clone().unwrap_or_else(none), alarm.threshold.clone().unwrap_or_else(none)),
    ];
    lines.extend(alarm.contributor.iter().map(|c| format!("contributor {} {:?}", c.id, c.attributes)));
    lines.extend(alarm.suppressed_by.iter().map(|by| format!("suppressed by {by}")));
    lines.extend(alarm.muted.iter().map(|m| format!("muted by {} until {}", m.by_arn, m.until.map_or_else(none, |t| t.to_string()))));
    lines.extend(service.map(|s| format!("service {s}")));
    lines.extend(severity.map(|s| format!("severity {s:?}")));
    lines.extend(priority.map(|p| format!("priority {p:?}")));
    lines.extend(runbook.map(|r| format!("runbook {r}")));
    lines.extend(problems);
    lines
}
