# shellcheck shell=bash
# Whether the file systems are really there, what lies in the folder, and its lock.
#
#   <Destination>/.backup-drill-file-system   the sentinel: says which file system this is
#   <Destination>/<Folder>/<id>.partial       being made, or left behind: the next run continues it
#   <Destination>/<Folder>/<id>               data, meta and, when all is done, COMPLETE
#   <Destination>/<Folder>/<id>.expired       being deleted
: "${SSM_Destination:?}" "${SSM_DestinationId:?}" "${SSM_Mounts:=required}"
DESTINATION=$ROOT$SSM_Destination
FOLDER=$DESTINATION/$SSM_Folder
SENTINEL=.backup-drill-file-system

# An unmounted file system looks like an empty one. So does a directory that a mount was forgotten on.
require_mount() { # what it is, directory
  if [ ! -d "$2" ]; then refuse "the $1 $2 is not there"; fi
  if [ "$SSM_Mounts" != unchecked ] && ! mountpoint -q "$2"; then refuse "the $1 $2 is not mounted"; fi
}

open_destination() {
  require_mount destination "$DESTINATION"
  if [ ! -e "$DESTINATION/$SENTINEL" ]; then refuse "the destination has no sentinel $SENTINEL: is it the right one?"; fi
  if [ "$(cat "$DESTINATION/$SENTINEL")" != "$SSM_DestinationId" ]; then
    refuse "the destination says it is $(head -c 100 "$DESTINATION/$SENTINEL"), not $SSM_DestinationId"
  fi
}

# Everything that is started from here on inherits the lock: it is free again when the last of them has ended, and not
# before, whoever was killed. What a killed document has left behind ends within seconds.
lock_folder() { # seconds to wait
  exec {LOCK}> "$FOLDER/.lock"
  if ! flock -w "$1" "$LOCK"; then
    echo "efs: refused: another document works on $SSM_Folder" >&2
    exit 4
  fi
}

# Whether times keep their fractions there.
keeps_nanoseconds() { # directory
  local trial=$1/.trial.$$ seen
  touch -d '@1000000000.123456789' "$trial"
  seen=$(stat -c %y "$trial")
  rm "$trial"
  case $seen in *.123456789*) echo true ;; *) echo false ;; esac
}

is_complete() { # generation
  [ -e "$FOLDER/$1/COMPLETE" ] && [ -d "$FOLDER/$1/data" ]
}

# Every complete generation, oldest first, one a line.
complete_generations() {
  local directory
  for directory in "$FOLDER"/[0-9]*Z; do
    if is_complete "${directory##*/}"; then echo "${directory##*/}"; fi
  done
}

# Text that is percent-encoded, since a path may hold any byte. No `..` and no leading `/` come through.
decode_path() { # variable, text
  printf -v "$1" '%b' "${2//%/\\x}"
  case /${!1}/ in
    */../* | //*) if [ -n "${!1}" ]; then refuse "$2 is not a path inside"; fi ;;
  esac
}
