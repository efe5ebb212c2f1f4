#!/usr/bin/env bash
# Waits until the worker's first boot is done: packages installed, both file systems mounted. Prints
# {"ready":true,"seconds":n,"cores":n}. Fails with what the boot said went wrong, or that it does not come to its end.
set -euo pipefail
export LC_ALL=C
root=${SSM_Root:-/}
root=${root%/}
: "${SSM_Seconds:=600}"
state=$root/var/lib/backup-drill
for ((second = 0; second < SSM_Seconds; second++)); do
  if [ -e "$state/fault" ]; then
    echo "prepare-worker: $(cat "$state/fault")" >&2
    exit 1
  fi
  if [ -e "$state/ready" ]; then
    printf '{"ready":true,"seconds":%d,"cores":%d}\n' "$second" "$(nproc)"
    exit 0
  fi
  sleep 1
done
echo "prepare-worker: the first boot has not come to its end in $SSM_Seconds seconds" >&2
exit 1
