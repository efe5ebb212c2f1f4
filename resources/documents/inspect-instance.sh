#!/usr/bin/env bash
# Tells which boot this is and, for the file system that holds each path, whether the one that /etc/fstab names there
# is mounted and clean. Reads only. Prints
# {"bootId":"…","hostname":"…","mounts":[{"path":"…","mount":"…","mounted":bool,"device":"…","filesystem":"…","clean":bool}]}
set -euo pipefail
export LC_ALL=C
root=${SSM_Root:-/}
root=${root%/}
: "${SSM_Paths=}"

# The mount point of /etc/fstab that holds a path; `/` when none does.
expected_mount() {
  local holder=/ directory
  while read -r _ directory _; do
    case $1/ in "${directory%/}/"*) if [ ${#directory} -gt ${#holder} ]; then holder=$directory; fi ;; esac
  done < <(grep -v '^[[:space:]]*\(#\|$\)' "$root/etc/fstab")
  echo "$holder"
}

# ext keeps in its superblock whether it was left in order and whether errors were met since. XFS replays its log at
# the mount, and shuts down on an error: mounted and writable is what can be known of it, as of any other kind.
is_clean() { # device, type
  local state
  case $2 in
    ext[234])
      state=$(dumpe2fs -h "$root$1" 2>/dev/null) || return 1
      grep -q '^Filesystem state: *clean$' <<< "$state" && ! grep -q '^FS Error count: *[1-9]' <<< "$state"
      ;;
    *) return 0 ;;
  esac
}

mounts=''
for path in $SSM_Paths; do
  existing=$path
  while [ ! -e "$root$existing" ]; do
    existing=${existing%/*}
    existing=${existing:-/}
  done
  target=/ device='' filesystem='' mounted=false clean=false
  if row=$(findmnt -rno TARGET,SOURCE,FSTYPE -T "$root$existing"); then read -r target device filesystem <<< "$row"; fi
  device=${device%%\[*} # a bind mount's source names its directory too
  device=${device//\\/\\\\}
  if [ -n "$device" ] && [ "$existing" = "$path" ] && [ "$target" = "$(expected_mount "$path")" ]; then mounted=true; fi
  if [ "$mounted" = true ] && is_clean "$device" "$filesystem"; then clean=true; fi
  mounts+=$(printf ',{"path":"%s","mount":"%s","mounted":%s,"device":"%s","filesystem":"%s","clean":%s}' \
    "$path" "$target" "$mounted" "$device" "$filesystem" "$clean")
done
printf '{"bootId":"%s","hostname":"%s","mounts":[%s]}\n' "$(cat "$root/proc/sys/kernel/random/boot_id")" \
  "$(cat "$root/proc/sys/kernel/hostname")" "${mounts#,}"
