#!/bin/sh
# Fetches contacts, rotations and response plans of Incident Manager, one file each, into the folder incident-manager.
# Needs the AWS CLI (version 2), set up for the account and the Region (AWS_PROFILE, AWS_REGION). Nothing is changed.
# Where AWS refuses, it stops: a list is asked for by itself, since a loop over a command that failed is one over nothing.
set -eu
mkdir -p incident-manager
n=0
contacts=$(aws ssm-contacts list-contacts --query 'Contacts[].ContactArn' --output text)
for arn in $contacts; do
  n=$((n + 1))
  aws ssm-contacts get-contact --contact-id "$arn" --output json > "incident-manager/contact-$n.json"
  if grep -q '"PERSONAL"' "incident-manager/contact-$n.json"; then
    aws ssm-contacts list-contact-channels --contact-id "$arn" --output json > "incident-manager/channels-$n.json"
  fi
done
rotations=$(aws ssm-contacts list-rotations --query 'Rotations[].RotationArn' --output text)
for arn in $rotations; do
  n=$((n + 1))
  aws ssm-contacts get-rotation --rotation-id "$arn" --output json > "incident-manager/rotation-$n.json"
done
plans=$(aws ssm-incidents list-response-plans --query 'responsePlanSummaries[].arn' --output text)
for arn in $plans; do
  n=$((n + 1))
  aws ssm-incidents get-response-plan --arn "$arn" --output json > "incident-manager/response-plan-$n.json"
done
echo "Done. Next: hansho import incident-manager --from incident-manager/ --to on-call/" >&2
