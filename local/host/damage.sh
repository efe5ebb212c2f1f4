#!/usr/bin/env bash
# Damages one file of the data volumes in one way (SSM_Kind) and prints its path. Everything else about the file, its
# times included, stays as it was, so that only a check of that very property can notice.
set -euo pipefail
export LC_ALL=C
root=${SSM_Root:-}
cd "${root:-/}"
mounts=()
while read -r _ directory _; do
  if [ -n "$directory" ] && [ "$directory" != / ]; then mounts+=(".$directory"); fi
done < <(grep -v '^#' etc/fstab)
[ ${#mounts[@]} -gt 0 ] || { echo 'no data volume to damage' >&2; exit 1; }
mapfile -d '' -t files < <(
  find "${mounts[@]}" -xdev -type f -size +0c -links 1 ! -name '.backup-drill-nonce' -print0 | sort -z
)
[ ${#files[@]} -gt 0 ] || { echo 'no file to damage on the data volumes' >&2; exit 1; }
file=${files[${#files[@]} / 2]}
size=$(stat -c %s "$file")
times=$(mktemp)
touch -r "$file" "$times"
case ${SSM_Kind:?} in
  flip)
    byte=$(od -An -tu1 -j $((size / 2)) -N 1 "$file")
    printf '%b' "\\x$(printf %02x $((byte ^ 1)))" |
      dd of="$file" bs=1 seek=$((size / 2)) conv=notrunc status=none
    ;;
  truncate) truncate -s $((size / 2)) "$file" ;;
  missing) rm "$file" ;;
  extra) file=${mounts[0]}/extra-file && echo extra > "$file" ;;
  mode) chmod "$(printf %o $((0$(stat -c %a "$file") ^ 02)))" "$file" ;;
  owner) mode=$(stat -c %a "$file") && chown 4242:4242 "$file" && chmod "$mode" "$file" ;;
  *) echo "unknown damage $SSM_Kind" >&2 && exit 1 ;;
esac
if [ "$SSM_Kind" != missing ]; then touch -r "$times" "$file"; fi
rm "$times"
printf '%s' "${file#.}"
