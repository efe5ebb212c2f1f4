#!/usr/bin/env bash
# Copies a generation, or what is below one path in it, into a directory. Deletes nothing there and leaves what is newer
# as it is, unless it is told otherwise; touches nothing but that directory's content. To mirror, what would be deleted
# is itemised first, and more than MaxDeletions is refused before anything is done. Prints {"status":"restored"|
# "planned","generation":"…","filesTransferred":n,"transferredBytes":n,"deletions":n,"keptNewer":n,"itemised":n,
# "examples":["…"],"seconds":n}.
source efs/worker.sh
source efs/folder.sh
source efs/side-by-side.sh
source efs/crawl.sh
source efs/parts.sh
source efs/copy.sh
source efs/session.sh
source efs/copy-session.sh
source efs/figures.sh
: "${SSM_Generation:?}" "${SSM_TargetMount:?}" "${SSM_Target=}" "${SSM_Subtree=}" "${SSM_Existing=keep-newer}"
: "${SSM_Threads=0}" "${SSM_Mirror=no}" "${SSM_MaxDeletions=0}" "${SSM_UploadUrl=}"
GENERATION=$FOLDER/$SSM_Generation
TARGET_MOUNT=$ROOT$SSM_TargetMount

# The target may hold links that others have made: through one, a restore would write anywhere.
require_inside() { # directory, path; neither need exist
  local whole
  whole=$(realpath -m -- "$2"; echo x)
  case ${whole%$'\n'x}/ in "$(realpath -m -- "$1")"/*) ;; *) refuse 'a link leads out of the file system' ;; esac
}

# A generation is never written to again, and a file system that has a sentinel may be the destination of others too.
require_no_generations() {
  local directory found
  if [ ! -e "$TARGET_MOUNT/$SENTINEL" ]; then return; fi
  directory=$(realpath -m -- "$TO"; echo x)
  directory=${directory%$'\n'x}
  if [ -d "$directory" ]; then found=$(find "$directory/" -maxdepth 6 -type d -path '*Z*/meta' -print -quit); fi
  while [ -z "${found-}" ] && [ "$directory" != / ]; do
    case $directory in *Z | *Z.partial | *Z.expired) if [ -d "$directory/meta" ]; then found=$directory; fi ;; esac
    directory=$(dirname -- "$directory")
  done
  if [ -n "${found-}" ]; then refuse 'the target lies in a generation, or holds some'; fi
}

# Several restores may read a generation; efs-expire finds the lock held.
hold_generation() {
  exec {HOLD}>> "$GENERATION/meta/in-use"
  if ! flock -n -s "$HOLD"; then
    echo "efs: refused: generation $SSM_Generation is being expired" >&2
    exit 4
  fi
}

lock_target() {
  mkdir -p "$STATE"
  exec {LOCK}> "$STATE/lock"
  if ! flock -n "$LOCK"; then
    echo 'efs: refused: another restore runs on this worker' >&2
    exit 4
  fi
}

# What becomes of files that are at the target and differ. `skip1` has rsync say which ones it left because of it.
choose_options() {
  case $SSM_Existing in
    keep-newer) SLICE_OPTIONS=(--update --info=skip1) ;;
    keep) SLICE_OPTIONS=(--ignore-existing) ;;
    overwrite) SLICE_OPTIONS=() ;;
  esac
}

# A line for each change; names that are not text are escaped, so that a line is an entry.
itemise() {
  local options
  read -ra options <<< "$(rsync_options)"
  if [ "$SSM_Existing" = keep-newer ]; then options+=(--update); elif [ "$SSM_Existing" = keep ]; then options+=(--ignore-existing); fi
  rsync -nr --itemize-changes --delete "${options[@]}" "$FROM/" "$TO/" | sed '/^$/,$d' > "$WORK/itemised"
}

# Directories at the target that are something else in the generation, and the other way round: only a mirror may put
# the one in the other's place, and it does so before the copy. Prints how many are no directories: what lies in a
# directory is among the deletions already.
find_conflicts() {
  local tree
  for tree in "$FROM" "$TO"; do
    if [ -d "$tree" ]; then find "$tree/" -mindepth 1 '(' -type d -printf '%P//d\0' ')' -o -printf '%P//-\0'; fi | sort -z > "$WORK/types.$([ "$tree" = "$TO" ] && echo to || echo from)"
  done
  comm -z -13 "$WORK/types.from" "$WORK/types.to" |
    awk -v from="$WORK/types.from" -v conflicts="$WORK/conflicts" '
      BEGIN { RS = ORS = "\0"; printf "" > conflicts; while ((getline line < from) > 0) there[substr(line, 1, length(line) - 3)] = 1 }
      { path = substr($0, 1, length($0) - 3); if (path in there) { print path > conflicts; if (/-$/) files++ } }
      END { printf "%d", files }'
}

remove_conflicts() {
  (cd "$TO" && xargs -0 -r rm -rf --one-file-system -- < "$WORK/conflicts")
}

# Deletes what was itemised, and nothing else, after the copy: rsync asks the same question again, so that what has
# come to the target meanwhile counts against the limit too.
delete_extraneous() {
  local options
  read -ra options <<< "$(rsync_options)"
  rsync -r --existing --ignore-existing --delete --max-delete="$SSM_MaxDeletions" "${options[@]}" "$FROM/" "$TO/" > "$WORK/deleted.log"
}

before_parts() { :; }

after_crawl() { :; }

# A directory that was there keeps its mode, owner and time, unless the target is to become what the generation is.
list_directories_to_finish() {
  if [ "$SSM_Existing" = overwrite ] || [ "$SSM_Mirror" = yes ]; then
    cat "$WORK/here/directories"
  else
    cat /dev/null "$WORK/made"/*
  fi
}

after_copy() {
  if [ "$SSM_Mirror" = yes ]; then delete_extraneous; fi
  if [ "$WHOLE_TARGET" = true ]; then copy_top_directory; fi
}

restore_file() {
  local options
  read -ra options <<< "$(rsync_options)"
  rsync "${options[@]}" "${SLICE_OPTIONS[@]}" -- "$FROM" "$TO/" > "$WORK/out"
  stats_of "$WORK/out" > "$WORK/stats"
}

# Until here nothing was changed at the target, not even the time of a directory.
open_target() {
  mkdir -p -- "$TO"
  NANOSECONDS=$(keeps_nanoseconds "$TO")
  THREADS=$SSM_Threads
  if [ "$THREADS" -eq 0 ]; then THREADS=$(choose_threads "$TO"); fi
  JOBS=$((THREADS < 4 ? THREADS : 4)) # each costs fpsync some twenty processes
  LANES=$((THREADS / JOBS))
}

# Waits for a copy in a session of its own; false with its last words when it did not end well.
run_session() {
  local outcome
  export_functions STATE WORK FROM TO PREVIOUS CONTINUED SINCE THREADS JOBS LANES SLICE_OPTIONS SLICE_FILES SLICE_BYTES \
    MAX_LINKS NANOSECONDS WHOLE_TARGET SSM_Seconds SSM_Mirror SSM_MaxDeletions SSM_Existing
  start_session copy_session
  trap ': > "$STATE/stop"' TERM INT
  until ! kill -0 "$SESSION" 2> /dev/null; do wait "$SESSION" || true; done
  end_session || true
  outcome=$(cat "$STATE/outcome" 2> /dev/null || echo killed)
  if [ "$outcome" != copied ]; then
    tail -n 20 "$STATE/log" >&2
    fail "the restore has $outcome"
  fi
}

upload() {
  gzip -kf "$WORK/itemised"
  curl -fsS --retry 3 -o /dev/null -T "$WORK/itemised.gz" "$SSM_UploadUrl"
}

examples() {
  head -n 20 "$WORK/itemised" | tr -d '\000-\011\013-\037' | cut -c 1-200 | sed 's/[\\"]/\\&/g; s/.*/,"&"/' | iconv -f latin1 -t utf-8 | tr -d '\n' | cut -c 2-
}

begin=$EPOCHREALTIME
require_tools fpsync rsync getfattr setfacl flock gzip
open_destination
require_mount target "$TARGET_MOUNT"
if ! is_complete "$SSM_Generation"; then refuse "generation $SSM_Generation is not there, or not complete"; fi
decode_path subtree "$SSM_Subtree"
decode_path target "$SSM_Target"
FROM=$GENERATION/data${subtree:+/$subtree}
TO=$TARGET_MOUNT${target:+/$target}
require_inside "$GENERATION/data" "$FROM"
require_inside "$TARGET_MOUNT" "$TO"
require_no_generations
if [ ! -e "$FROM" ] && [ ! -L "$FROM" ]; then refuse "generation $SSM_Generation has no such path"; fi
if [ -e "$TO" ] && [ ! -d "$TO" ]; then refuse 'the target is no directory'; fi
STATE=$STATE.restore
WORK=$WORK.restore
lock_target
hold_generation

# A directory that has a content of its own keeps its own mode and times.
WHOLE_TARGET=false
if [ ! -d "$TO" ] || [ "$SSM_Mirror" = yes ] || [ -z "$(find "$TO/" -mindepth 1 -maxdepth 1 -print -quit)" ]; then
  # shellcheck disable=SC2034 # for the session
  WHOLE_TARGET=true
fi
PREVIOUS='' CONTINUED=false SINCE='' MAX_LINKS=177 SLICE_FILES=1000 SLICE_BYTES=1073741824
choose_options
NANOSECONDS=false # until it is known
prepare_copy
: > "$WORK/itemised"
echo "$SSM_Generation" > "$STATE/generation"

deletions=0 status=restored
if [ "$SSM_Mirror" != no ]; then
  if [ ! -d "$FROM" ] || [ -L "$FROM" ]; then refuse 'only a directory can be mirrored'; fi
  itemise
  deletions=$(($(grep -c '^\*deleting ' "$WORK/itemised" || true) + $(find_conflicts)))
fi
if [ "$SSM_Mirror" = plan ]; then
  status=planned
elif [ "$SSM_Mirror" = yes ] && [ "$deletions" -gt "$SSM_MaxDeletions" ]; then
  refuse "$deletions deletions, more than MaxDeletions ($SSM_MaxDeletions)"
elif [ -d "$FROM" ] && [ ! -L "$FROM" ]; then
  open_target
  if [ "$SSM_Mirror" = yes ]; then remove_conflicts; fi
  run_session
else
  open_target
  restore_file
fi
if [ -n "$SSM_UploadUrl" ]; then upload; fi
printf '{"status":"%s","generation":"%s","filesTransferred":%s,"transferredBytes":%s,"deletions":%d,"keptNewer":%d,"itemised":%d,"examples":[%s],"seconds":%s}\n' \
  "$status" "$SSM_Generation" "$(sum_of_stats 'Number of regular files transferred')" \
  "$(sum_of_stats 'Total transferred file size')" "$deletions" "$(sum_of_stats Newer)" "$(wc -l < "$WORK/itemised")" \
  "$(examples)" "$(seconds_since "$begin")"
