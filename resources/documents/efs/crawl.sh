# shellcheck shell=bash
# Lists a tree level by level, the directories of a level side by side: one crawler alone, such as fpart, would be the
# limit of every incremental run. Lists have records that end with NUL; paths begin with ./ and so never hold `//`.
#
#   entries      <path>//<type>//…, what the copy must come to: of a regular file <size>//<mtime>//<mode owner group>//<inode>,
#                of a link <size>//<owner group>//<target>, of everything else <mode owner group>
#   directories  <path>
#   files        <size> TAB <path>               everything else that has one name
#   links        <device>:<inode> TAB <size> TAB <path>    what has several names
#   sockets      <path>
#   attributes, changed      `<path>//<size>` of what has changed since SINCE, in seconds since 1970, where that is set

entry_formats() {
  ENTRY_OF_FILE='%p//f//%s//%T@//%m %U %G//%i\0' ENTRY_OF_LINK='%p//l//%s//%U %G//%l\0' OTHER_ENTRY='%p//%y//%m %U %G\0'
}

list_directories() { # prefix of the lists, directories
  local out=$1.$$ since=() errors
  shift
  entry_formats
  if [ -n "${SINCE-}" ]; then
    since=('(' '!' -type d -fprintf "$out.attributes" '%m %U %G %s %T@ %p\0' -newerct "@$SINCE"
      -fprintf "$out.changed" '%p//%s\0' -false ')' -o)
  fi
  errors=$(find "$@" -mindepth 1 -maxdepth 1 -ignore_readdir_race "${since[@]}" \
    '(' -type s -fprint0 "$out.sockets" ')' -o \
    '(' -type d -fprint0 "$out.directories" -fprintf "$out.entries" "$OTHER_ENTRY" ')' -o \
    '(' '(' -type f -fprintf "$out.entries" "$ENTRY_OF_FILE" -o -type l -fprintf "$out.entries" "$ENTRY_OF_LINK" -o \
    -fprintf "$out.entries" "$OTHER_ENTRY" ')' \
    -links +1 -fprintf "$out.links" '%D:%i\t%s\t%p\0' ')' -o \
    -fprintf "$out.files" '%s\t%p\0' 2>&1) || true
  # A directory that was removed meanwhile is none of the backup's. Anything else makes the list incomplete.
  errors=$(grep -v ': No such file or directory$' <<< "$errors" | grep . || true)
  if [ -n "$errors" ]; then
    head -n 5 <<< "$errors" >&2
    return 1
  fi
}

# Calls a function with the number of each level that has been listed.
crawl() { # tree, directory for the lists, function
  local tree=$1 lists=$2 level=0 kind
  rm -rf "$lists"
  mkdir -p "$lists"
  printf '.\0' > "$lists/level.0"
  for kind in entries directories files links sockets attributes changed; do : > "$lists/$kind"; done
  while [ -s "$lists/level.$level" ]; do
    if [ -e "$STATE/stop" ]; then return 3; fi
    mkdir "$lists/of-level"
    (cd "$tree" && side_by_side "$lists/level.$level" list_directories "$lists/of-level/list")
    for kind in entries directories files links sockets attributes changed; do
      cat /dev/null "$lists/of-level"/*."$kind" > "$lists/$kind.now"
      cat "$lists/$kind.now" >> "$lists/$kind"
    done
    rm -r "$lists/of-level"
    level=$((level + 1))
    mv "$lists/directories.now" "$lists/level.$level"
    "$3" "$level"
  done
}
