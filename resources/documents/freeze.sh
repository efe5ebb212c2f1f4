#!/usr/bin/env bash
# Holds all writes to the file systems of some mounts, until `thaw` with the same token or until a timer of this host
# ends it. The file systems that the system itself needs in order to thaw again (/, what holds /var, the agent or the
# journal) are flushed instead. All or nothing. Prints {"frozen":[…],"synced":[…]}.
set -euo pipefail
export LC_ALL=C
root=${SSM_Root:-/}
root=${root%/}
: "${SSM_Mounts=}" "${SSM_Token:?}" "${SSM_ThawAfterSeconds:?}"
unit=backup-drill-thaw-$SSM_Token
state=$root/run/backup-drill-freeze-$SSM_Token

# The same file system may be mounted in many places: the device's number tells which one it is.
mount_of() { findmnt -rno MAJ:MIN,TARGET -T "$1"; }

# Without names: every file system on a disk.
if [ -z "$SSM_Mounts" ]; then SSM_Mounts=$(findmnt -rno TARGET -t ext4,ext3,xfs,btrfs | tr '\n' ' '); fi
seen=' ' needed=' '
for path in / /etc /usr /tmp /run /root /var /var/log/journal /var/lib/amazon/ssm; do
  if row=$(mount_of "$root$path"); then needed+="${row%% *} "; fi
done
freeze=() synced=()
for path in $SSM_Mounts; do
  row=$(mount_of "$root$path") || { echo "freeze: $path is not there" >&2 && exit 1; }
  read -r device mount <<< "$row"
  case $seen in *" $device "*) continue ;; esac
  seen+="$device "
  case $needed in *" $device "*) synced+=("$mount") ;; *) freeze+=("$mount") ;; esac
done

frozen=() held=false
# shellcheck disable=SC2329 # called by the trap
release() {
  local mount
  if [ "$held" = true ]; then return; fi
  for mount in "${frozen[@]}"; do fsfreeze --unfreeze "$root$mount" || true; done
  systemctl stop "$unit.timer" || true
  rm -rf "$state"
}
if ! mkdir "$state"; then
  echo "freeze: token $SSM_Token was used before" >&2
  exit 1
fi
trap release EXIT

for mount in "${synced[@]}"; do sync -f "$root$mount"; done
printf '%s\n' "${freeze[@]}" > "$state/mounts"
# The timer comes first: from here on nothing but the host itself is needed for the writes to go on.
cat > "$state/timer.sh" <<'TIMER'
#!/usr/bin/env bash
# The freeze has lasted too long: says so for `thaw` to read, and ends it.
state=${0%/*}
root=${state%/run/*}
: > "$state/timer-fired"
while read -r mount; do
  if [ -n "$mount" ]; then fsfreeze --unfreeze "$root$mount"; fi
done < "$state/mounts"
TIMER
systemd-run --quiet --on-active="$SSM_ThawAfterSeconds" --timer-property=AccuracySec=100ms --unit="$unit" \
  /bin/bash "$state/timer.sh"
for mount in "${freeze[@]}"; do
  fsfreeze --freeze "$root$mount" # refused when somebody else has frozen it
  frozen+=("$mount")
done
if [ -e "$state/timer-fired" ]; then
  echo "freeze: freezing took longer than $SSM_ThawAfterSeconds seconds" >&2
  exit 1
fi

held=true

list() {
  local text=''
  if [ $# -gt 0 ]; then text=$(printf ',"%s"' "$@"); fi
  printf '[%s]' "${text#,}"
}
printf '{"frozen":%s,"synced":%s}\n' "$(list "${freeze[@]}")" "$(list "${synced[@]}")"
