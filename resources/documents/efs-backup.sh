#!/usr/bin/env bash
# Copies a mounted file system into a fresh generation of a folder on another one: what has not changed since the last
# complete generation is linked to it (rsync --link-dest), so that every generation is a whole tree and none is ever
# written to again. An unfinished generation of an earlier run is continued.
#
# Runs in the foreground: a command that ends is how the sender learns of the end, and a dead instance ends it too.
# The copy itself has a session and a deadline of its own (Seconds). So when the agent, this script or the sender dies,
# it still drains in time, nobody else can begin meanwhile (the lock is the session's), and efs-stop finds all of it.
# Whatever is killed, wherever: the generation stays `.partial`, and the next run goes on in it.
#
# Prints {"status":"copied"|"stopped","generation":"…","previous":"…"|null,"continued":bool,"kpis":{…}}.
source efs/worker.sh
source efs/folder.sh
source efs/side-by-side.sh
source efs/crawl.sh
source efs/entries.sh
source efs/parts.sh
source efs/continue.sh
source efs/unchanged.sh
source efs/copy.sh
source efs/session.sh
source efs/copy-session.sh
source efs/figures.sh
: "${SSM_Source:?}" "${SSM_SourceSentinel=}" "${SSM_AllowEmpty=no}" "${SSM_Initialise=no}" "${SSM_Threads=0}" "${SSM_MaxLinks=177}"
FROM=$ROOT$SSM_Source
MAX_LINKS=$SSM_MaxLinks

check_source() {
  local name
  require_mount source "$FROM"
  decode_path name "$SSM_SourceSentinel"
  if [ -n "$name" ] && [ ! -e "$FROM/$name" ]; then refuse "the source has no $SSM_SourceSentinel"; fi
  if [ "$SSM_AllowEmpty" != yes ] && [ -z "$(find "$FROM/" -mindepth 1 -maxdepth 1 -print -quit)" ]; then
    refuse "the source is empty"
  fi
}

# Only a destination that nobody has used gets its sentinel here.
initialise() {
  local generations=("$DESTINATION/$SSM_Folder"/[0-9]*Z*)
  require_mount destination "$DESTINATION"
  if [ ! -e "$DESTINATION/$SENTINEL" ]; then
    if [ ${#generations[@]} -gt 0 ]; then refuse "the folder has generations, and its file system has no sentinel"; fi
    write_durably "$DESTINATION/$SENTINEL" <<< "$SSM_DestinationId"
  fi
}

# A slice is some 20 seconds' work by what the last run did, so that a stop never waits long for what has begun.
choose_slices() { # figures of the last run
  local rate threads
  SLICE_FILES=$((THREADS > $(nproc) * 4 ? 1000 : 20000)) # many threads: operations take milliseconds
  SLICE_BYTES=1073741824
  if [ -s "$1" ]; then
    rate=$(sed -n 's/.*"filesPerSecond":\([0-9]*\).*/\1/p' "$1")
    threads=$(sed -n 's/.*"threads":\([0-9]*\).*/\1/p' "$1")
    SLICE_FILES=$((rate * 20 / (threads > 0 ? threads : 1)))
    SLICE_FILES=$((SLICE_FILES < 500 ? 500 : SLICE_FILES > 100000 ? 100000 : SLICE_FILES))
  fi
}

# What the generation keeps of itself: its entries to verify and compare with, its groups of links for the next run.
before_parts() {
  : > "$WORK/entries.before"
  if [ -n "$PREVIOUS" ]; then gzip -dc "${PREVIOUS%/data}/meta/entries.gz" > "$WORK/entries.before"; fi
  sort -z -S 25% -T "$WORK" "$WORK/here/entries" > "$WORK/entries"
}

after_crawl() {
  gzip -1 < "$WORK/entries" > "$PARTIAL/meta/entries.gz"
  awk 'BEGIN { RS = ORS = "\0" } { sub(/^[0-9]*\t/, ""); print }' "$WORK/groups" | gzip -1 > "$PARTIAL/meta/links.gz"
  paths_and_types "$WORK/entries" > "$WORK/types"
  paths_and_types "$WORK/entries.before" > "$WORK/types.before"
  # As rsync counts: what has become something else is created, and not deleted.
  comm -z -13 "$WORK/types.before" "$WORK/types" | path_only | sort -z > "$WORK/created.paths"
  comm -z -23 "$WORK/types.before" "$WORK/types" | path_only | sort -z | comm -z -23 - "$WORK/created.paths" > "$WORK/deleted.paths"
  count_records "$WORK/created.paths" > "$WORK/created"
  count_records "$WORK/deleted.paths" > "$WORK/deleted"
}

list_directories_to_finish() {
  cat "$WORK/here/directories"
}

after_copy() {
  copy_top_directory
  write_durably "$PARTIAL/meta/copied" <<< "$SSM_Generation"
}

require_tools fpsync rsync getfattr setfacl flock gzip
check_source
if [ "$SSM_Initialise" = yes ]; then initialise; fi
open_destination
mkdir -p "$FOLDER"
lock_folder "$(if [ -n "$(session_processes)" ]; then echo 0; else echo 30; fi)"
if is_complete "$SSM_Generation"; then refuse "generation $SSM_Generation is there already"; fi
mkdir -p "$STATE"
last=$(complete_generations | tail -n 1)
if [ -n "$last" ] && ! gzip -qt "$FOLDER/$last/meta/entries.gz" "$FOLDER/$last/meta/links.gz"; then
  echo "efs: the lists of $last cannot be read: nothing is linked to it, and everything is copied" >&2
  last=''
fi
PREVIOUS=${last:+$FOLDER/$last/data}
adopt_partial
TO=$PARTIAL/data
# A minute for clocks that differ: what has changed since is looked at again.
SINCE=''
if [ "$CONTINUED" = true ]; then
  SINCE=$(($(cat "$PARTIAL/meta/begun") - 60))
elif [ -n "$last" ]; then
  SINCE=$(($(cat "$FOLDER/$last/meta/begun") - 60))
fi

THREADS=$SSM_Threads
if [ "$THREADS" -eq 0 ]; then THREADS=$(choose_threads "$PARTIAL/meta"); fi
JOBS=$((THREADS < 4 ? THREADS : 4)) # each costs fpsync some twenty processes
LANES=$((THREADS / JOBS))
SLICE_OPTIONS=()
NANOSECONDS=$(keeps_nanoseconds "$PARTIAL/meta")
choose_slices "${last:+$FOLDER/$last/meta/kpis.json}"

prepare_copy
if [ -n "$PREVIOUS" ]; then gzip -dc "$FOLDER/$last/meta/links.gz" > "$WORK/links.before"; fi
echo "$SSM_Generation" > "$STATE/generation"
export_functions STATE WORK FOLDER PARTIAL FROM TO PREVIOUS CONTINUED SINCE THREADS JOBS LANES SLICE_OPTIONS SLICE_FILES \
  SLICE_BYTES MAX_LINKS NANOSECONDS SSM_Seconds SSM_Generation
start_session copy_session
trap ': > "$STATE/stop"' TERM INT
until ! kill -0 "$SESSION" 2> /dev/null; do wait "$SESSION" || true; done
end_session || true

outcome=$(cat "$STATE/outcome" 2> /dev/null || echo killed)
case $outcome in
  copied) cp "$STATE/kpis.json" "$PARTIAL/meta/kpis.json" ;;
  stopped) ;;
  *)
    tail -n 20 "$STATE/log" >&2
    fail "the copy has $outcome: $SSM_Generation stays partial, for the next run"
    ;;
esac
printf '{"status":"%s","generation":"%s","previous":%s,"continued":%s,"kpis":%s}\n' "$outcome" "$SSM_Generation" \
  "$(if [ -n "$last" ]; then printf '"%s"' "$last"; else printf null; fi)" "$CONTINUED" "$(cat "$STATE/kpis.json")"
