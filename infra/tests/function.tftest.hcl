# modules/function: an apply changes settings and never which code works. tests/infra/deploying.py has the rest, which no mock can show.

mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/hansho" }
  }
  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:ap-northeast-1:111122223333:function:hansho-delivery", version = "1", code_sha256 = "works" }
  }
  mock_resource "aws_lambda_alias" {
    defaults = { arn = "arn:aws:lambda:ap-northeast-1:111122223333:function:hansho-delivery:live" }
  }
  mock_data "aws_lambda_function" {
    defaults = { code_sha256 = "works", version = "1", architectures = ["arm64"] }
  }
}

variables {
  deployment                = { name = "hansho", account_id = "111122223333", packages = "tests/packages", architecture = "arm64", reserved_concurrency = {}, log_retention_days = 30 }
  function                  = "delivery"
  description               = "Pages people."
  environment               = { HANSHO_TABLE = "hansho" }
  statements                = []
  is_invoked_asynchronously = false
  has_dead_letters          = false
}

# The first that is planned: there is no function yet.
run "without_its_package_it_is_not_even_begun" {
  command = plan
  module {
    source = "./modules/function"
  }
  variables {
    deployment = { name = "hansho", account_id = "111122223333", packages = "target/none", architecture = "x86_64", reserved_concurrency = {}, log_retention_days = 30 }
  }
  expect_failures = [aws_lambda_function.this]
}

run "it_is_made" {
  module {
    source = "./modules/function"
  }
}

# Whose code is cargo-lambda's: whoever changes a setting needs no package.
run "once_it_is_there_its_package_may_be_gone" {
  command = plan
  module {
    source = "./modules/function"
  }
  variables {
    deployment = { name = "hansho", account_id = "111122223333", packages = "target/none", architecture = "arm64", reserved_concurrency = {}, log_retention_days = 30 }
  }
  assert {
    condition     = aws_lambda_function.this.source_code_hash != "missing"
    error_message = "The state's value does not stand."
  }
}

run "a_setting_is_applied_where_the_newest_code_works" {
  command = plan
  module {
    source = "./modules/function"
  }
  variables {
    environment = { HANSHO_TABLE = "another" }
  }
  assert {
    condition     = aws_lambda_function.this.environment[0].variables["HANSHO_TABLE"] == "another"
    error_message = "The setting is not planned."
  }
}

run "nothing_is_applied_where_other_code_works" {
  command = plan
  module {
    source = "./modules/function"
  }
  override_data {
    target = data.aws_lambda_function.live
    values = { code_sha256 = "another" }
  }
  expect_failures = [terraform_data.guard]
}

# What works was uploaded again and is no version, and the newest version has other code: the alias would follow to that.
run "nothing_is_applied_where_the_newest_version_has_other_code" {
  command = plan
  module {
    source = "./modules/function"
  }
  override_data {
    target = data.aws_lambda_function.newest
    values = { code_sha256 = "bad" }
  }
  expect_failures = [terraform_data.guard]
}

run "nothing_is_applied_where_other_code_works_with_a_changed_setting" {
  command = plan
  module {
    source = "./modules/function"
  }
  variables {
    environment = { HANSHO_TABLE = "another" }
  }
  override_data {
    target = data.aws_lambda_function.live
    values = { code_sha256 = "another" }
  }
  expect_failures = [terraform_data.guard]
}

run "another_processor_uploads_no_package" {
  command = plan
  module {
    source = "./modules/function"
  }
  override_data {
    target = data.aws_lambda_function.live
    values = { code_sha256 = "works", architectures = ["x86_64"] }
  }
  expect_failures = [terraform_data.guard]
}

run "the_processor_that_scripts_deploy_has_brought_is_applied" {
  command = plan
  module {
    source = "./modules/function"
  }
  variables {
    deployment = { name = "hansho", account_id = "111122223333", packages = "tests/packages", architecture = "x86_64", reserved_concurrency = {}, log_retention_days = 30 }
  }
  override_data {
    target = data.aws_lambda_function.live
    values = { code_sha256 = "works", architectures = ["x86_64"] }
  }
}
