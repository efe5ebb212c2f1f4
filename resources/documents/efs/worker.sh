# shellcheck shell=bash
# Begins every EFS document: how it ends, and where it keeps what on the worker itself.
set -euo pipefail
shopt -s nullglob inherit_errexit
export LC_ALL=C
umask 022

ROOT=${SSM_Root:-/}
ROOT=${ROOT%/}
: "${SSM_Folder:?}"
KEY=${SSM_Folder//\//+}
STATE=$ROOT/run/backup-drill-efs/$KEY         # small, gone with a reboot: who runs, and how far
WORK=$ROOT/var/lib/backup-drill-efs/$KEY      # lists of every entry: on the worker's own disk

fail() { # words
  echo "efs: $*" >&2
  exit 1
}

# A check has failed before anything was done.
refuse() { # words
  echo "efs: refused: $*" >&2
  exit 2
}

require_tools() { # names
  local tool
  for tool in "$@"; do
    if ! command -v "$tool" > /dev/null; then refuse "$tool is not installed: apt-get install fpart rsync acl attr"; fi
  done
}

seconds_since() { # an earlier $EPOCHREALTIME
  local now=$EPOCHREALTIME
  printf '%d.%03d' $(((${now/./} - ${1/./}) / 1000000)) $(((${now/./} - ${1/./}) % 1000000 / 1000))
}

count_records() { # files of records that end with NUL
  cat /dev/null "$@" | tr -cd '\0' | wc -c
}

# One file is there as a whole, or not at all, also after a power failure.
write_durably() { # file; the content on standard input
  cat > "$1.new"
  sync "$1.new"
  mv -fT "$1.new" "$1"
  sync "${1%/*}"
}
