output "name" {
  description = "Its name."
  value       = aws_lambda_function.this.function_name
}

output "arn" {
  description = "Its ARN without an alias."
  value       = aws_lambda_function.this.arn
}

output "live_arn" {
  description = "The ARN of the alias, which everything invokes."
  value       = aws_lambda_alias.live.arn
}

output "live_invoke_arn" {
  description = "The same as API Gateway names it."
  value       = aws_lambda_alias.live.invoke_arn
}

output "alias" {
  description = "The name of the alias."
  value       = aws_lambda_alias.live.name
}

output "role_name" {
  description = "The name of its role."
  value       = aws_iam_role.this.name
}

output "dead_letter_arn" {
  description = "Its queue of dead letters."
  value       = one(aws_sqs_queue.dead_letters[*].arn)
}

output "dead_letter_name" {
  description = "The name of that queue."
  value       = one(aws_sqs_queue.dead_letters[*].name)
}
