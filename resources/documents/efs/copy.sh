# shellcheck shell=bash
# Copies the tree FROM into TO: crawls it (crawl.sh), cuts it into parts (parts.sh), and has fpsync run them. fpsync
# calls two programs of ours: `fpart`, which hands it the parts instead of crawling by itself, and `copy-part`, which
# runs the rsyncs of a part and records the exit code of each, since fpsync's own says little.

# Creates directories that are missing, and nothing through a link.
make_directories() { # paths below TO
  local path missing=()
  for path in "$@"; do
    if [ -L "$path" ] || { [ -e "$path" ] && [ ! -d "$path" ]; }; then
      printf 'efs: %q is a directory, but not so at the target\n' "$path" >&2
      return 1
    fi
    if [ ! -d "$path" ]; then missing+=("$path"); fi
  done
  if [ ${#missing[@]} -gt 0 ]; then
    mkdir -m 700 -- "${missing[@]}"
    printf '%s\0' "${missing[@]}" > "$WORK/made/$BASHPID-$SECONDS-$RANDOM"
  fi
}

take_level() { # level
  if [ -n "$SINCE" ]; then return; fi # first the whole list is compared with another one
  (cd "$TO" && side_by_side "$WORK/here/level.$1" make_directories)
  part_from_groups "$WORK/here/files.now" "$WORK/parted" "$WORK/waiting"
  cut_parts
}

make_parts() {
  local list names
  PART=0
  crawl "$FROM" "$WORK/here" take_level
  date +%s%N > "$STATE/crawled"
  before_parts
  if [ -n "$SINCE" ]; then
    if [ "$CONTINUED" = true ]; then remove_outdated; fi
    for list in "$WORK/here"/level.*; do echo "${list##*.}"; done | sort -n > "$WORK/levels"
    while read -r list; do
      if [ "$list" -gt 0 ]; then (cd "$TO" && side_by_side "$WORK/here/level.$list" make_directories); fi
    done < "$WORK/levels"
    if [ "$CONTINUED" = true ]; then part_wrong "$WORK/here/files" "$WORK/parted" "$WORK/rest"; else link_unchanged; fi
    part_from_groups "$WORK/rest" "$WORK/parted" "$WORK/waiting"
  fi
  group_links "$WORK/here/links" "$WORK/groups" "$WORK/singles"
  part_from_groups "$WORK/singles" "$WORK/parted" "$WORK/waiting"
  cut_parts end
  choose_fresh
  names=$(($(count_records "$WORK/here/links") / (JOBS * LANES) + 20))
  slice_groups "$WORK/slices/linked" '' "$names" < "$WORK/groups.linked"
  slice_groups "$WORK/slices/fresh" .fresh "$names" < "$WORK/groups.fresh"
  slice_groups "$WORK/slices/parted" .fresh "$names" < "$WORK/parted"
  hand_out
  : > "$WORK/parts/end"
}

# Whether there is somebody who makes more parts, or has made all; and who cares for the end.
still_made() {
  local leader
  read -r leader _ < "$STATE/session"
  # In this order: whoever is gone after making all has said so before.
  [ -e "/proc/$leader" ] && { kill -0 "$(cat "$STATE/maker")" 2> /dev/null || [ -e "$WORK/parts/end" ]; }
}

# In place of fpart: gives fpsync each part as soon as it is cut.
feed_fpsync() { # what fpsync gives to fpart
  local template='' hook='' number=0 run
  while [ $# -gt 0 ]; do
    case $1 in
      -o) template=$2 && shift ;;
      -W) hook=$2 && shift ;;
    esac
    shift
  done
  run=${template%/*}
  run=${run##*/}
  until [ -e "$WORK/parts/end" ] && [ ! -d "$WORK/parts/$number" ]; do
    if [ -e "$STATE/stop" ] || ! still_made; then return 1; fi
    if [ ! -d "$WORK/parts/$number" ]; then
      sleep 0.1
      continue
    fi
    cat "$WORK/parts/$number"/* > "$template.$number"
    FPART_PARTFILENAME=$template.$number FPART_PARTNUMBER=$number sh -c "$hook" || true # false unless it is verbose
    number=$((number + 1))
  done
  # fpsync does so itself, a second later, in which it would only poll. It takes the oldest file of its queue first, so
  # this one must never be seen there with the present time.
  touch -d '1 hour' "$WORK/fp_done"
  mv "$WORK/fp_done" "$WORK/fpsync/queue/$run/fp_done"
}

# In place of rsync, for fpsync.
copy_part() { # what fpsync gives to rsync
  local argument part='' options=() slice
  for argument in "$@"; do
    case $argument in
      --files-from=*) part=${argument##*.} ;;
      *) options+=("$argument") ;;
    esac
  done
  for slice in "$WORK/parts/$part"/*; do copy_slice "$part" "$slice" "${options[@]}" & done
  wait
}

copy_slice() { # part, slice, options
  local slice=$2 out=$WORK/done/$1-${2##*/} code=0 options=("${SLICE_OPTIONS[@]}") stats
  shift 2
  case $slice in *.fresh) ;; *) if [ -n "$PREVIOUS" ]; then options+=("--link-dest=$PREVIOUS/"); fi ;; esac
  # Files that are gone since the crawl are none of the backup's; efs-verify looks again.
  rsync "$@" "${options[@]}" --no-implied-dirs --omit-dir-times --ignore-missing-args --files-from="$slice" \
    > "$out.out" 2> "$out.err" || code=$?
  stats=$(stats_of "$out.out")
  printf '%s\n' "$stats" >> "$WORK/stats" # each append is one write
  if [ "$code" -eq 0 ]; then rm "$out.out" "$out.err"; fi
  echo "$code $(count_records "$slice") $1/${2##*/}" >> "$WORK/codes"
}

# The last line of each kind: a file's name could hold the same words.
stats_of() { # what rsync printed
  awk -F ': ' '/^(Number of regular files transferred|Total transferred file size): / { last[$1] = $2 + 0 }
    / is newer$/ { last["Newer"]++ }
    END { for (label in last) printf "%s: %.0f\n", label, last[label] }' "$1"
}

# Whether every slice was copied by an rsync that says so. 24: some files were gone before they were copied.
all_copied() {
  [ "$(find "$WORK/parts" -mindepth 2 -type f -printf x | wc -c)" -eq "$(wc -l < "$WORK/codes")" ] && ! any_failed
}

any_failed() {
  grep -qvE '^(0|24) ' "$WORK/codes"
}

# Options of every rsync. fpsync refuses -a, and with reason: it would go down into directories.
rsync_options() {
  local kinds=-lptgoDHS probe
  # Where the source has no such thing (EFS has neither), asking for it would cost as much as the copy.
  probe=$(getfattr -h -n user.backup-drill "$FROM" 2>&1 || true)
  case $probe in *'not supported'*) ;; *) kinds+=AX ;; esac
  # By itself rsync takes two times within a second for the same.
  echo "$kinds --numeric-ids --stats --no-h --modify-window=$([ "$NANOSECONDS" = true ] && echo -1 || echo 0)"
}

# Begins with room for nothing: lists of an earlier run would be copied again.
prepare_copy() {
  rm -rf "$WORK"
  mkdir -p "$WORK"/{parts,slices,done,bin,fpsync,made}
  : > "$WORK/waiting"
  : > "$WORK/parted"
  : > "$WORK/codes"
  : > "$WORK/stats"
  : > "$WORK/links.before"
  : > "$WORK/wrong"
  ln -s "$FROM" "$WORK/from" # fpsync gives its paths to a shell, twice
  ln -s "$TO" "$WORK/to"
  printf '#!/usr/bin/env bash\nexec bash %q feed_fpsync "$@"\n' "$WORK/call" > "$WORK/bin/fpart"
  printf '#!/usr/bin/env bash\nexec bash %q copy_part "$@"\n' "$WORK/call" > "$WORK/bin/copy-part"
  chmod 755 "$WORK/bin"/*
}

# Whoever starts a program in the background has it ignore SIGINT, which is what stops fpsync in good order.
run_fpsync() {
  local options
  options=$(rsync_options)
  PATH=$WORK/bin:$PATH exec env --default-signal=INT,QUIT fpsync -v -n "$JOBS" -t "$WORK/fpsync" -T "$WORK/bin/copy-part" \
    -O '-x|.nothing-matches' -o "$options" "$WORK/from/" "$WORK/to/"
}

# The attributes of directories come last: each file made in one has changed its time.
copy_directories() { # paths
  local options
  read -ra options <<< "$(rsync_options)"
  printf '%s\0' "$@" | rsync -d "${options[@]}" --no-implied-dirs --ignore-missing-args --from0 --files-from=- "$FROM/" "$TO/" \
    > /dev/null
}

copy_top_directory() {
  local options
  read -ra options <<< "$(rsync_options)"
  rsync -d "${options[@]}" --exclude='/*' "$FROM/" "$TO/" > /dev/null
}
