#!/usr/bin/env bash
# Prepares a drill's own source instance: makes file systems on its data volumes, mounts them for good, and writes
# data on every path. Prints {"entries":n,"bytes":n,"owners":bool}; `owners` says whether files of other users could
# be made. A volume that already holds anything but a file system of ours is never formatted, data that was there before
# never removed.
set -euo pipefail
export LC_ALL=C
root=${SSM_Root:-/}
root=${root%/}
: "${SSM_Volumes=}" "${SSM_Paths:?}" "${SSM_DownloadUrl=}"

fail() {
  echo "seed-data: $*" >&2
  exit 1
}

# An EBS volume's device appears some seconds after the volume is attached.
wait_for_device() {
  local second
  for ((second = 0; second < 60; second++)); do
    if [ -e "$1" ]; then return; fi
    sleep 1
  done
  fail "no device $1 after 60 seconds"
}

prepare_volume() { # volume id, mount point, label
  local device="$root/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${1/-/}" label status=0
  wait_for_device "$device"
  blkid -p "$device" > /dev/null || status=$?
  case $status in
    0)
      label=$(blkid -p -s LABEL -o value "$device" || true)
      if [ "$label" != "$3" ]; then fail "$1 is not blank: it stays as it is"; fi
      ;;
    2) mkfs.ext4 -q -L "$3" "$device" ;; # nothing was found on it
    *) fail "$1: what is on it cannot be told (blkid exit code $status)" ;;
  esac
  mkdir -p "$root$2"
  if ! grep -q "^LABEL=$3 " "$root/etc/fstab"; then
    printf 'LABEL=%s %s ext4 defaults,nofail 0 2\n' "$3" "$2" >> "$root/etc/fstab"
  fi
  if [ "$(findmnt -rno TARGET -T "$root$2")" != "$2" ]; then mount -t ext4 "$device" "$root$2"; fi
}

# Whether this user may give files away; an ordinary user in a container may not.
can_own() {
  local probe result=false
  probe=$(mktemp)
  if chown 4242:4243 "$probe" 2>/dev/null; then result=true; fi
  rm -f "$probe"
  echo "$result"
}

unpack() { # directory
  local same_owner=--same-owner
  if [ "$owners" = false ]; then same_owner=--no-same-owner; fi
  curl -fsS --retry 3 "$SSM_DownloadUrl" | tar -x -p --numeric-owner "$same_owner" -f - -C "$1"
}

# Everything that a copy may get wrong: names that are not text, links, holes, special files, modes, owners, times.
write_builtin_set() { # directory
  cd "$1"
  local name number deep=deep
  # shellcheck disable=SC2016 # names that a careless shell would expand
  for name in plain 'two words' $'new\nline' $'tab\there' ' space at both ends ' -leading-dash --help 'single'\''quote' \
    'double"quote' 'back\slash' 'star*' '$(dollar)' '#hash' 'ünïcödé-文件-🗄' $'invalid-utf8-\xff\xfe' .hidden \
    "$(printf 'n%.0s' {1..255})"; do
    printf 'content of %s\n' "$name" > "./$name"
  done
  : > empty-file
  head -c 3000017 /dev/urandom > three-megabytes
  mkdir many empty-directory read-only-directory $'directory\n\xfe'
  head -c 20100 /dev/urandom | (cd many && split -a 3 -d -b 100 - file-)
  printf 'inside\n' > $'directory\n\xfe/file'
  for ((number = 0; number < 30; number++)); do deep+=/deep; done
  mkdir -p "$deep"
  printf 'bottom\n' > "$deep/file"
  ln -s plain symbolic-link
  ln -s /nowhere/at/all dangling-link
  ln -s $'target\nwith a newline' $'link\nto newline'
  ln -s ../data directory-link
  ln plain hard-link
  mkfifo fifo
  truncate -s 4000000 sparse-file
  printf 'end of the hole\n' >> sparse-file
  printf '#!/bin/sh\nid -u\n' > setuid-program
  printf 'of another user\n' > other-owner
  if [ "$owners" = true ]; then
    chown 4242:4243 other-owner
    chown -h 65533:65533 dangling-link
  fi
  chmod 4755 setuid-program
  chmod 2775 many
  chmod 1777 empty-directory
  chmod 0400 three-megabytes
  touch -d '1969-07-20 20:17:40 UTC' plain
  touch -d '2001-09-09 01:46:40.123456789 UTC' other-owner
  touch -h -d '2038-01-19 03:14:08 UTC' symbolic-link
  chmod 0555 read-only-directory
}

number=0
first_data_path=''
for pair in $SSM_Volumes; do
  number=$((number + 1))
  prepare_volume "${pair%%=*}" "${pair#*=}" "drill-data-$number"
done
for path in $SSM_Paths; do
  for pair in $SSM_Volumes; do
    case $path/ in "${pair#*=}"/*) first_data_path=${first_data_path:-$path} ;; esac
  done
done

# What a former try has written on this boot is written anew; whatever else stands there is somebody's.
seeded=$root/run/backup-drill-seeded
: >> "$seeded"
owners=$(can_own)
for path in $SSM_Paths; do
  data=$root$path/data
  if [ -e "$data" ] && ! grep -qxF -- "$path" "$seeded"; then fail "$path/data is there already: it stays as it is"; fi
  printf '%s\n' "$path" >> "$seeded"
  rm -rf "$data"
  mkdir -p "$data"
  if [ -n "$SSM_DownloadUrl" ] && [ "$path" = "${first_data_path:-${SSM_Paths%% *}}" ]; then
    unpack "$data"
  else
    (write_builtin_set "$data")
  fi
done

directories=()
for path in $SSM_Paths; do
  sync -f "$root$path"
  directories+=("$root$path")
done
entries=$(find "${directories[@]}" -xdev -printf . | wc -c)
bytes=$(find "${directories[@]}" -xdev -type f -printf '%s\n' | paste -sd+)
printf '{"entries":%d,"bytes":%d,"owners":%s}\n' "$entries" "$((${bytes:-0}))" "$owners"
