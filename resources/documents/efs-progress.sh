#!/usr/bin/env bash
# Tells how far the copy on this worker is. Reads only, and only the worker's own disk, so that it answers even when a
# file system hangs. Prints {"running":bool,"generation":"…"|null,"phase":"…","filesFound":n,"filesDone":n,
# "bytesDone":n,"partsDone":n,"partsKnown":n,"seconds":n}; a part here is what one rsync copies.
source efs/worker.sh
source efs/session.sh
source efs/figures.sh

if [ ! -s "$STATE/phases" ]; then
  echo '{"running":false,"generation":null,"phase":"none","filesFound":0,"filesDone":0,"bytesDone":0,"partsDone":0,"partsKnown":0,"seconds":0}'
  exit 0
fi
running=false
if [ -n "$(session_processes)" ]; then running=true; fi
found=$(count_records "$WORK/here/entries" 2> /dev/null || true)
read -r parts files <<< "$(awk '{ files += $2 } END { printf "%d %d", NR, files }' "$WORK/codes")"
known=$(find "$WORK/parts" -mindepth 2 -type f -printf x | wc -c)
printf '{"running":%s,"generation":"%s","phase":"%s","filesFound":%d,"filesDone":%d,"bytesDone":%s,"partsDone":%d,"partsKnown":%d,"seconds":%.0f}\n' \
  "$running" "$(cat "$STATE/generation")" "$(cat "$STATE/phase")" "${found:-0}" "$files" \
  "$(sum_of_stats 'Total transferred file size')" "$parts" "$known" \
  "$(seconds_since "$(awk 'NR == 1 { print $2 }' "$STATE/phases")")"
