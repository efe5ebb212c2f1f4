#!/usr/bin/env bash
# Deletes generations, many entries at once. Each is renamed to `.expired` first, so that nothing half deleted ever
# looks like a generation; what an earlier one has left is finished. The last complete generation stays, whatever is
# asked, and so does one that is being restored. Prints {"expired":["…"],"refused":[{"generation":"…","reason":"…"}],
# "left":["…"],"entries":n,"seconds":n,"filesPerSecond":n}.
source efs/worker.sh
source efs/folder.sh
source efs/side-by-side.sh
: "${SSM_Generations=}" "${SSM_Seconds=3600}"

why_not() { # generation; prints why it must stay, or nothing
  if [ ! -d "$FOLDER/$1" ]; then
    echo 'not there'
  elif is_complete "$1" && [ "$1" = "$(complete_generations | tail -n 1)" ]; then
    echo 'last complete'
  elif ! flock -n -E 9 "$FOLDER/$1/meta/in-use" true; then # opens it for writing, as NFS wants it
    echo 'in use'
  fi
}

# Directories of a level side by side: within one, the file system has one operation wait for the other.
empty_directories() { # prefix of the lists, directories
  local out=$1.$$
  shift
  find "$@" -mindepth 1 -maxdepth 1 '(' -type d -fprint0 "$out.directories" -o -delete -printf x ')' > "$out.deleted"
}

remove_directories() { # directories
  rmdir -- "$@"
}

# False when the time is over.
delete_tree() { # directory
  local level=0 lists=$WORK/levels
  rm -rf "$lists"
  mkdir -p "$lists"
  printf '%s\0' "$1" > "$lists/0"
  while [ -s "$lists/$level" ]; do
    if [ "$SECONDS" -ge "$SSM_Seconds" ]; then return 1; fi
    side_by_side "$lists/$level" empty_directories "$lists/of-$level"
    level=$((level + 1))
    cat /dev/null "$lists/of-$((level - 1))".*.directories > "$lists/$level"
    entries=$((entries + $(cat "$lists/of-$((level - 1))".*.deleted | wc -c) + $(count_records "$lists/$((level - 1))")))
  done
  while [ $((level -= 1)) -ge 0 ]; do side_by_side "$lists/$level" remove_directories; done
}

list() { # words
  local text=''
  if [ $# -gt 0 ]; then text=$(printf ',"%s"' "$@"); fi
  printf '[%s]' "${text#,}"
}

begin=$EPOCHREALTIME
open_destination
require_tools flock
if [ -d "$FOLDER" ]; then lock_folder 30; fi
WORK=$WORK.expire
LEAST=1 # a directory may hold many files
expired=() left=() refused='' entries=0
for generation in $SSM_Generations; do
  reason=$(why_not "$generation")
  if [ -z "$reason" ]; then
    mv -T "$FOLDER/$generation" "$FOLDER/$generation.expired"
  elif [ ! -d "$FOLDER/$generation.expired" ]; then
    refused+=$(printf ',{"generation":"%s","reason":"%s"}' "$generation" "$reason")
  fi
done
# shellcheck disable=SC2034 # side_by_side reads it
THREADS=$(if [ -d "$FOLDER" ]; then choose_threads "$FOLDER"; else echo 1; fi)
export_functions WORK THREADS
for directory in "$FOLDER"/*.expired; do
  generation=${directory##*/}
  generation=${generation%.expired}
  if [ "$SECONDS" -lt "$SSM_Seconds" ] && delete_tree "$directory"; then expired+=("$generation"); else left+=("$generation"); fi
done
seconds=$(seconds_since "$begin")
printf '{"expired":%s,"refused":[%s],"left":%s,"entries":%d,"seconds":%s,"filesPerSecond":%s}\n' "$(list "${expired[@]}")" \
  "${refused#,}" "$(list "${left[@]}")" "$entries" "$seconds" "$(awk -v n="$entries" -v s="$seconds" 'BEGIN { printf "%.1f", (s > 0 ? n / s : 0) }')"
