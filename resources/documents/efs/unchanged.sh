# shellcheck shell=bash
# Most files of most runs are as they were. Such a file is linked to the previous generation at once, which costs a
# tenth of asking rsync: it is the same file as in the previous generation's list, by its inode, with the same size,
# time, mode and owner, and nothing at all has happened to it since that list was made, not even to its lists of rights,
# or its ctime would say so. Everything else is rsync's. A path alone is not enough: who renames a directory changes the
# ctime of none of the files in it.

by_path() { # `<size> TAB <path>` becomes `<path>//<size>`
  awk 'BEGIN { RS = ORS = "\0" } { tab = index($0, "\t"); print substr($0, tab + 1) "//" substr($0, 1, tab - 1) }' "$@"
}

by_size() {
  awk 'BEGIN { RS = ORS = "\0" } { end = index($0, "//"); print substr($0, end + 2) "\t" substr($0, 1, end - 1) }' "$@"
}

sorted() { # file
  sort -z -S 25% -T "$WORK" "$1"
}

# Needs $WORK/entries, sorted, and $WORK/entries.before. Links what it can; the rest goes to $WORK/rest.
link_unchanged() {
  local here=$WORK/here
  comm -z -12 "$WORK/entries" "$WORK/entries.before" > "$WORK/same"
  awk 'BEGIN { RS = ORS = "\0" } { end = index($0, "//") }
    substr($0, end + 2, 1) == "f" { split(substr($0, end + 5), rest, "//"); print substr($0, 1, end - 1) "//" rest[1] }' \
    "$WORK/same" | sort -z -S 25% -T "$WORK" > "$WORK/same.sizes"
  by_path "$here/files" | sort -z -S 25% -T "$WORK" > "$WORK/single"
  sorted "$here/changed" > "$WORK/changed"
  comm -z -12 "$WORK/same.sizes" "$WORK/single" | comm -z -23 - "$WORK/changed" > "$WORK/unchanged"
  comm -z -23 "$WORK/single" "$WORK/unchanged" | by_size > "$WORK/rest"
  : > "$WORK/linkable"
  by_size "$WORK/unchanged" > "$WORK/unchanged.sizes"
  part_from_groups "$WORK/unchanged.sizes" "$WORK/parted" "$WORK/linkable"
  awk 'BEGIN { RS = ORS = "\0" } { print substr($0, index($0, "\t") + 1) }' "$WORK/linkable" > "$WORK/to-link"
  (cd "$PREVIOUS" && side_by_side "$WORK/to-link" link_files) >> "$WORK/rest"
}

# Prints those that cannot be linked, such as one that has as many names as the file system allows.
link_files() { # paths below PREVIOUS
  local path
  if cp -lP --parents -t "$TO" -- "$@" 2> /dev/null; then return; fi
  for path in "$@"; do
    if [ ! -e "$TO/$path" ]; then printf '0\t%s\0' "$path"; fi
  done
}
