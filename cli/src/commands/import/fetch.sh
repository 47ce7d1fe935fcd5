#!/bin/sh
# Fetches contacts, rotations and response plans of Incident Manager, one file each, into the folder incident-manager.
# Needs the AWS CLI (version 2), set up for the account and the Region (AWS_PROFILE, AWS_REGION). Nothing is changed.
# Where AWS refuses, it stops: a list is asked for by itself, since a loop over a command that failed is one over nothing.
set -eu
if [ -e incident-manager ] && [ -n "$(ls -A incident-manager)" ]; then
  echo "error: the folder incident-manager has files in it: what was deleted since would come back from them. Move it away or delete it, and run this again." >&2
  echo "フォルダー incident-manager は空ではありません。古いファイルが混ざるため、移動または削除してから再実行してください。" >&2
  exit 1
fi
# What is not whole is not left behind.
part=$(mktemp -d incident-manager.XXXXXX)
trap 'rm -rf "$part"' EXIT
n=0
contacts=$(aws ssm-contacts list-contacts --query 'Contacts[].ContactArn' --output text)
for arn in $contacts; do
  n=$((n + 1))
  aws ssm-contacts get-contact --contact-id "$arn" --output json > "$part/contact-$n.json"
  if grep -q '"PERSONAL"' "$part/contact-$n.json"; then
    aws ssm-contacts list-contact-channels --contact-id "$arn" --output json > "$part/channels-$n.json"
  fi
done
rotations=$(aws ssm-contacts list-rotations --query 'Rotations[].RotationArn' --output text)
for arn in $rotations; do
  n=$((n + 1))
  aws ssm-contacts get-rotation --rotation-id "$arn" --output json > "$part/rotation-$n.json"
done
plans=$(aws ssm-incidents list-response-plans --query 'responsePlanSummaries[].arn' --output text)
for arn in $plans; do
  n=$((n + 1))
  aws ssm-incidents get-response-plan --arn "$arn" --output json > "$part/response-plan-$n.json"
done
if [ -d incident-manager ]; then rmdir incident-manager; fi
mv "$part" incident-manager
trap - EXIT
echo "Done. Next: hansho import incident-manager --from incident-manager/ --to on-call/" >&2
