#!/usr/bin/env bash
# Ends what `freeze` began under a token; a token that froze nothing is thawed already. Repeating it is harmless.
# Prints {"timerFired":bool}: whether the host's own timer ended the freeze before.
set -euo pipefail
export LC_ALL=C
root=${SSM_Root:-/}
root=${root%/}
: "${SSM_Token:?}"
state=$root/run/backup-drill-freeze-$SSM_Token

timer_fired=false
if [ -d "$state" ]; then
  systemctl stop "backup-drill-thaw-$SSM_Token.timer" 2>/dev/null || true # gone when it has fired
  failed=''
  if [ ! -e "$state/thawed" ]; then
    while read -r mount; do
      if [ -n "$mount" ] && ! fsfreeze --unfreeze "$root$mount"; then failed+=" $mount"; fi
    done < "$state/mounts"
  fi
  # Read only now: the timer leaves its mark before it thaws.
  if [ -e "$state/timer-fired" ]; then timer_fired=true; fi
  if [ -n "$failed" ] && [ "$timer_fired" = false ]; then
    echo "thaw: not frozen any more, though neither the timer nor we have ended it:$failed" >&2
    exit 1
  fi
  : > "$state/thawed"
fi
printf '{"timerFired":%s}\n' "$timer_fired"
