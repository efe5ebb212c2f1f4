#!/usr/bin/env bash
# The machine's side of an instance's boot: gives it its devices and its own view of the machine, mounts what its
# /etc/fstab says and, in a namespace, stays as its first process until the caller closes stdin (or dies).
# Usage: boot.sh namespace|root-parameter ROOT TOOLS BOOT_ID [VOLUME_DIRECTORY]...   (the first is the root volume)
set -euo pipefail
mode=$1 root=$2 tools=$3 boot_id=$4
shift 4
export LC_ALL=C

# What the kernel and tmpfs hold on a real instance is gone after a reboot.
for directory in dev proc sys run tmp; do
  rm -rf "${root:?}/$directory"
  mkdir -p "$root/$directory"
done
chmod 1777 "$root/tmp"

bind() { # a file or directory of the machine at a path below the root, where the machine has it
  [ -e "$1" ] || return 0
  if [ -d "$1" ]; then mkdir -p "$root$2"; else mkdir -p "$root${2%/*}" && : >> "$root$2"; fi
  mount --rbind "$1" "$root$2"
  # Without the machine's root the files are not writable anyway, and the kernel may refuse the remount.
  if [ "${3:-}" = ro ]; then mount -o remount,bind,ro "$root$2" 2>/dev/null || true; fi
}

if [ "$mode" = namespace ]; then
  mount --make-rprivate /
  mount --rbind "$root" "$root"
  for directory in usr bin sbin lib lib64; do bind "/$directory" "/$directory" ro; done
  # The machine's tools need these two: links of its package manager, the linker's cache.
  bind /etc/alternatives /etc/alternatives ro
  bind /etc/ld.so.cache /etc/ld.so.cache ro
  mount -t tmpfs -o mode=755 tmpfs "$root/run"
  mkdir "$root/run/tools"
  bind "$tools" /run/tools ro
  mount -t tmpfs -o mode=755 tmpfs "$root/dev"
  for device in null zero full random urandom tty; do bind "/dev/$device" "/dev/$device"; done
  ln -s /proc/self/fd "$root/dev/fd"
  for stream in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${stream%:*}" "$root/dev/${stream#*:}"; done
  mount -t proc proc "$root/proc"
  printf '%s\n' "$boot_id" > "$root/run/boot_id"
  mount --bind "$root/run/boot_id" "$root/proc/sys/kernel/random/boot_id"
  hostname "$(cat "$root/etc/hostname")"
else
  mkdir -p "$root/proc/sys/kernel/random"
  printf '%s\n' "$boot_id" > "$root/proc/sys/kernel/random/boot_id"
  cp "$root/etc/hostname" "$root/proc/sys/kernel/hostname"
fi

# Network file systems that this instance may mount: bin/efs/mount finds them here by their ids.
mkdir -p "$root/run/efs"
while IFS='=' read -r id directory; do
  if [ -z "$id" ]; then continue; fi
  if [ "$mode" = namespace ]; then bind "$directory" "/run/efs/$id"; else ln -s "$directory" "$root/run/efs/$id"; fi
done <<< "${FILE_SYSTEMS:-}"

mkdir -p "$root/dev/disk/by-id" "$root/dev/disk/by-label"
spool=${root%/*}/timers # beside the root volume's tree, where the host reads it
rm -rf "$spool" && mkdir "$spool"
if [ "$mode" = namespace ]; then bind "$spool" /run/timers; else ln -s "$spool" "$root/run/timers"; fi

loops=()
number=0
for volume in "$@"; do
  device=nvme${number}n1 label=''
  id=${volume##*/}
  if [ "$number" = 0 ]; then
    mkdir "$root/dev/$device" && cp "$volume/superblock" "$root/dev/$device/"
  elif [ -f "$volume/image" ]; then
    loop=$(losetup --find --show "$volume/image")
    # shellcheck disable=SC2034 # held open, not read
    exec {descriptor}<> "$loop"
    losetup --detach "$loop" # takes effect when the last one closes it, however this process ends
    bind "$loop" "/dev/$device"
    loops+=("$root/dev/$device")
    label=$(blkid -p -s LABEL -o value "$loop" || true)
  elif [ "$mode" = namespace ]; then
    rm -f "$volume/mounted" # left by a namespace that has ended
    bind "$volume" "/dev/$device"
  else
    ln -s "$volume" "$root/dev/$device"
  fi
  ln -s "../../$device" "$root/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${id/-/}"
  if [ -n "$label" ]; then ln -s "../../$device" "$root/dev/disk/by-label/$label"; fi
  number=$((number + 1))
done

enter() {
  if [ "$mode" = namespace ]; then PATH=$path chroot "$root" "$@"; else PATH=$path SSM_Root=$root "$@"; fi
}
if [ "$mode" = namespace ]; then prefix=/run/tools; else prefix=$tools; fi
path=$prefix/disks:/usr/sbin:/usr/bin:/sbin:/bin
if [ ${#loops[@]} -gt 0 ]; then path=${path#*:}; fi
while read -r _ directory type _; do
  case $directory in / | '' | swap) continue ;; esac
  enter mount "$directory" || echo "boot: $directory ($type) is not mounted" >&2 # as nofail does
done < <(grep -v '^#' "$root/etc/fstab")

echo ready
[ "$mode" = namespace ] || exit 0
while read -r _; do :; done # the caller holds the other end
kill -KILL -1 2>/dev/null || true
# A frozen file system would outlive its namespace.
while read -r _ directory _; do
  case $directory in / | '') continue ;; esac
  fsfreeze --unfreeze "$root$directory" 2>/dev/null || true
  umount "$root$directory" 2>/dev/null || true
done < <(grep -v '^#' "$root/etc/fstab")
