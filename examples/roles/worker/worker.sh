#!/bin/sh
# The worker of the examples: counts in as many lanes as LANES says, once a minute a line in the journal.
# With --check it only looks whether it could work here: what a role's start is good for.
set -eu

lanes="${LANES:-1}"
case "$lanes" in
  '' | *[!0-9]*) echo "LANES is \"$lanes\", which is no number" >&2; exit 2 ;;
esac

if [ "${1:-}" = --check ]; then
  cat /etc/bramble/roles/worker/greeting
  exit 0
fi

count=0
while :; do
  count=$((count + lanes))
  echo "counted to $count in $lanes lanes"
  sleep 60
done
