#!/usr/bin/env bash
# Lists everything below some paths, with the SHA-256 of every regular file, and uploads the list. Nothing but the
# optional nonce is written there, no link is followed, no other file system entered. What vanishes or cannot be read
# during the walk fails the command: a manifest is complete or it is not there.
#
# The list is gzipped records, each ended by NUL:
#   backup-drill-manifest 1 <epoch seconds when the walk began>
#   <type>\t<octal mode>\t<uid>\t<gid>\t<size>\t<mtime>\t./<path below the root>     type: f d l p s c b; size 0 but for f
#   <target>                                                                       (after a record of type l only)
#   ...
#   (an empty record)
#   <sha256>  ./<path>                                                             of each regular file, in any order
#   ...
#   end <entries> <hashed>
# Prints {"entries":n,"files":n,"bytes":n,"takenAt":epoch seconds}.
set -euo pipefail
export LC_ALL=C
root=${SSM_Root:-/}
root=${root%/}
: "${SSM_Paths:?}" "${SSM_UploadUrl:?}" "${SSM_Nonce=}"
cd "$root/"

fail() {
  echo "read-manifest: $*" >&2
  exit 1
}

paths=()
for path in $SSM_Paths; do
  path=${path%/}
  for other in "${paths[@]}"; do
    case .$path/ in "$other"/*) fail "${other#.} holds $path: name it once" ;; esac
    case $other/ in ".$path"/*) fail "$path holds ${other#.}: name it once" ;; esac
  done
  if [ -L ".$path" ]; then fail "$path is a symbolic link, which is not followed"; fi
  if [ -n "$SSM_Nonce" ]; then
    # Others may write here too: a link or a pipe that waits under this name must not be written through.
    rm -f ".$path/.backup-drill-nonce"
    (set -o noclobber && printf '%s\n' "$SSM_Nonce" > ".$path/.backup-drill-nonce")
    sync -f ".$path"
  fi
  paths+=(".$path")
done

# /run is in memory: it is on no file system that is walked, and on none that is frozen.
work=$(mktemp -d "$root/run/backup-drill-manifest.XXXXXX")
trap 'rm -rf "$work"' EXIT
export work

taken_at=$(date +%s)
# The files' list is what is hashed, so both halves speak of the same moment.
find "${paths[@]}" -xdev -fprintf "$work/count" . \
  \( -type f -fprint0 "$work/files" -fprintf "$work/sizes" '%s\n' -printf 'f\t%m\t%U\t%G\t%s\t%T@\t%p\0' \
  -o -type l -printf 'l\t%m\t%U\t%G\t0\t%T@\t%p\0%l\0' \
  -o -printf '%y\t%m\t%U\t%G\t0\t%T@\t%p\0' \) > "$work/entries"

# Side by side: a volume just restored answers each first read slowly, and many reads at once quickly.
mkdir "$work/sums"
# shellcheck disable=SC2016 # expanded by the shells that xargs starts
xargs -0 -r -P 16 -n 500 bash -c 'sha256sum -z -- "$@" >> "$work/sums/$$"' sha256 < "$work/files"

cat "$work/sums/"* > "$work/hashes" 2>/dev/null || : > "$work/hashes"
entries=$(stat -c %s "$work/count")
hashed=$(tr -cd '\0' < "$work/hashes" | wc -c)
files=$(tr -cd '\0' < "$work/files" | wc -c)
if [ "$hashed" != "$files" ]; then fail "$hashed of $files files were hashed"; fi
{
  printf 'backup-drill-manifest 1 %s\0' "$taken_at"
  cat "$work/entries"
  printf '\0'
  cat "$work/hashes"
  printf 'end %s %s\0' "$entries" "$hashed"
} | gzip -1 > "$work/manifest.gz"
curl -fsS --retry 3 -o /dev/null -T "$work/manifest.gz" "$SSM_UploadUrl"

bytes=$(paste -sd+ "$work/sizes")
printf '{"entries":%d,"files":%d,"bytes":%d,"takenAt":%d}\n' "$entries" "$hashed" "$((${bytes:-0}))" "$taken_at"
