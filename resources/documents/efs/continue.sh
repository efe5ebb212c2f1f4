# shellcheck shell=bash
# A run that did not finish has left its generation; the next run makes it its own and goes on in it. What lies there
# was right when it was written, and may be wrong now.

: "${SSM_Generation:?}"

# Renames what was left behind, the newest one, to this generation. Sets CONTINUED and PARTIAL.
adopt_partial() {
  local directory unfinished=()
  PARTIAL=$FOLDER/$SSM_Generation.partial
  for directory in "$FOLDER"/[0-9]*Z "$FOLDER"/[0-9]*Z.partial; do
    if [ ! -e "$directory/COMPLETE" ]; then unfinished+=("$directory"); fi
  done
  CONTINUED=false
  if [ ${#unfinished[@]} -gt 0 ]; then
    CONTINUED=true
    mapfile -t unfinished < <(printf '%s\n' "${unfinished[@]}" | sort)
    directory=${unfinished[-1]}
    rm -f "$directory/meta/copied" "$directory/meta/verified"
    if [ "$directory" != "$PARTIAL" ]; then mv -T "$directory" "$PARTIAL"; fi
    unset 'unfinished[-1]'
    # More than one can only be there when somebody has put it there: efs-expire deletes it.
    for directory in "${unfinished[@]}"; do mv -T "$directory" "${directory%.partial}.expired"; done
  fi
  mkdir -p "$PARTIAL"
  chmod 700 "$PARTIAL" # nobody may enter before the modes within are right
  mkdir -p "$PARTIAL/data" "$PARTIAL/meta"
  chmod 700 "$PARTIAL/meta" # it names what lies in directories that are closed
  if [ ! -s "$PARTIAL/meta/begun" ]; then
    date +%s | write_durably "$PARTIAL/meta/begun"
    CONTINUED=false
  fi
}

# What efs-verify has found wrong in the partial generation, and all names of the same files: $WORK/wrong.
find_wrong() {
  local found=$PARTIAL/meta/wrong
  if [ ! -s "$found" ]; then
    : > "$WORK/wrong"
    return
  fi
  awk -v found="$found" 'BEGIN { RS = ORS = "\0"; while ((getline path < found) > 0) { wrong[path] = 1; print path } }
    {
      tab = index($0, "\t"); inode = substr($0, 1, tab - 1); rest = substr($0, tab + 1); path = substr(rest, index(rest, "\t") + 1)
      names[inode] = names[inode] path "//"; if (path in wrong) bad[inode] = 1
    }
    END { for (inode in bad) { n = split(names[inode], all, "//"); for (i = 1; i < n; i++) if (!(all[i] in wrong)) print all[i] } }' \
    "$WORK/here/links" | sort -zu > "$WORK/wrong"
}

# Splits a list of files into those that were found wrong and the rest. They are copied without looking at the previous
# generation: that is where they may come from.
part_wrong() { # list, list of those, list of the rest
  awk -v known="$WORK/wrong" -v those="$2" -v rest="$3" '
    BEGIN { RS = ORS = "\0"; printf "" > rest; while ((getline path < known) > 0) wrong[path] = 1 }
    { if (substr($0, index($0, "\t") + 1) in wrong) print >> those; else print > rest }' "$1"
}

# Removes from the partial generation what the source no longer has, or has as something else, what was found wrong, and
# every file that is linked to an older generation though it has changed at the source since: rsync would write its new
# mode or owner into the older generation too.
remove_outdated() {
  local here=$WORK/here there=$WORK/there tree
  crawl "$TO" "$there" :
  for tree in "$here" "$there"; do # into files, so that a full disk is an error and not an empty list
    paths_and_types "$tree/entries" | sort -z > "$tree/types"
    sort -z "$tree/attributes" > "$tree/attributes.sorted"
  done
  comm -z -13 "$here/types" "$there/types" |
    awk -v others="$WORK/extra" -v directories="$WORK/extra.directories" '
      BEGIN { RS = ORS = "\0"; printf "" > others; printf "" > directories }
      {
        path = substr($0, 1, length($0) - 3)
        if (substr($0, length($0)) == "d") print path > directories; else print path > others
      }'
  (cd "$TO" && side_by_side "$WORK/extra" rm -f --)
  (cd "$TO" && sort -zr "$WORK/extra.directories" | xargs -0 -r rmdir --)
  {
    awk 'BEGIN { RS = ORS = "\0" } { print substr($0, 1, index($0, "//") - 1) }' "$here/changed"
    comm -z -13 "$here/attributes.sorted" "$there/attributes.sorted" |
      awk 'BEGIN { RS = ORS = "\0" } { for (n = 0; n < 5; n++) sub(/^[^ ]* /, ""); print }'
  } | sort -zu > "$WORK/suspects"
  awk 'BEGIN { RS = ORS = "\0" } { sub(/^[^\t]*\t[^\t]*\t/, ""); print }' "$there/links" | sort -z |
    comm -z -12 - "$WORK/suspects" > "$WORK/outdated"
  find_wrong
  awk -v known="$WORK/wrong" 'BEGIN { RS = ORS = "\0"; while ((getline path < known) > 0) wrong[path] = 1 }
    { path = substr($0, 1, length($0) - 3); if (path in wrong && substr($0, length($0)) != "d") print path }' \
    "$there/types" >> "$WORK/outdated"
  (cd "$TO" && side_by_side "$WORK/outdated" rm -f --)
}
