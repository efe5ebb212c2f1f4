# shellcheck shell=bash
# Cuts what was crawled into parts: a part is a job of fpsync, and a directory $WORK/parts/<number> with up to LANES
# slices, lists of files that one rsync each copies. A slice named *.fresh is copied without looking at the previous
# generation. $WORK/parts/end says that there are no more.

# A slice ends when it has so many files or bytes; one big file is a slice.
slice() { # prefix, files, bytes; records <size> TAB <path> on standard input
  awk -v prefix="$1" -v most="$2" -v limit="$3" 'BEGIN { RS = ORS = "\0" }
    {
      tab = index($0, "\t"); size = substr($0, 1, tab - 1) + 0
      if (files && (files >= most || bytes + size > limit)) { close(out); number++; files = bytes = 0 }
      out = sprintf("%s%08d", prefix, number); print substr($0, tab + 1) > out; files++; bytes += size
    }'
}

# Makes parts of the slices in $WORK/slices.
hand_out() {
  local slices=("$WORK/slices"/*) first
  for ((first = 0; first < ${#slices[@]}; first += LANES)); do
    mkdir "$WORK/parts/.next"
    mv -t "$WORK/parts/.next" "${slices[@]:first:LANES}"
    mv -T "$WORK/parts/.next" "$WORK/parts/$PART"
    PART=$((PART + 1))
  done
}

# What waits goes out as soon as every lane can have a slice of full size, or at the end, when it is shared out evenly.
cut_parts() { # `end` when nothing more comes
  local count bytes share waiting=$WORK/waiting
  count=$(count_records "$waiting")
  if [ "$count" -eq 0 ]; then return; fi
  if [ "$count" -ge $((JOBS * LANES * SLICE_FILES)) ]; then
    slice "$WORK/slices/" "$SLICE_FILES" "$SLICE_BYTES" < "$waiting"
  elif [ "${1-}" = end ]; then
    bytes=$(awk 'BEGIN { RS = "\0" } { sum += $1 } END { printf "%.0f", sum }' "$waiting")
    share=$((count / (JOBS * LANES) + 1))
    if [ "$share" -lt 60 ]; then share=60; fi # to start an rsync costs as much as some files
    slice "$WORK/slices/" "$share" $((bytes / (JOBS * LANES) + 1048576)) < "$waiting"
  else
    return 0
  fi
  hand_out
  : > "$waiting"
}

# Names of one file stay in one slice: only there rsync keeps them one file. A group is a record of its sorted paths
# with `//` between them.
group_links() { # list of links, groups, files that have one name in this tree after all
  sort -z -t "$(printf '\t')" -k 1,1 -k 3 "$1" | awk -v groups="$2" -v singles="$3" '
    BEGIN { RS = ORS = "\0"; printf "" > groups; printf "" > singles }
    function put() {
      if (names > 1) print size "\t" group > groups
      else if (names) print size "\t" group > singles
    }
    {
      tab = index($0, "\t"); inode = substr($0, 1, tab - 1); rest = substr($0, tab + 1); tab = index(rest, "\t")
      path = substr(rest, tab + 1)
      if (inode != last) { put(); names = 0; group = path; size = substr(rest, 1, tab - 1) }
      else group = group "//" path
      names++; last = inode
    }
    END { put() }'
}

# Which groups, and which files that were in a group of the previous generation, must not be linked to it:
# - what was found wrong in this generation;
# - what was one file and is no longer: link by link to the previous one, it would become one again;
# - a group that would have more links than the file system allows, with those of the generations before.
# Reads $WORK/groups, $WORK/parted; writes $WORK/groups.linked and $WORK/groups.fresh.
choose_fresh() {
  local generations
  : > "$WORK/full"
  if [ -n "$PREVIOUS" ]; then
    generations=$(complete_generations | wc -l)
    awk -v most="$MAX_LINKS" -v generations="$generations" 'BEGIN { RS = ORS = "\0" }
      { sub(/^[0-9]*\t/, ""); if (split($0, names, "//") * (generations + 1) > most) print names[1] }' \
      "$WORK/groups" > "$WORK/candidates"
    (cd "$PREVIOUS" && side_by_side "$WORK/candidates" count_links) > "$WORK/full"
  fi
  awk -v full="$WORK/full" -v known="$WORK/links.before" -v bad="$WORK/wrong" -v most="$MAX_LINKS" \
    -v linked="$WORK/groups.linked" -v fresh="$WORK/groups.fresh" '
    BEGIN {
      RS = ORS = "\0"; printf "" > linked; printf "" > fresh
      while ((getline line < full) > 0) { space = index(line, " "); has[substr(line, space + 1)] = substr(line, 1, space - 1) }
      while ((getline line < known) > 0) { before[line] = 1; n = split(line, names, "//"); for (i = 1; i <= n; i++) in_group[names[i]] = 1 }
      while ((getline line < bad) > 0) wrong[line] = 1
    }
    {
      tab = index($0, "\t"); group = substr($0, tab + 1); n = split(group, names, "//"); apart = names[1] in wrong
      if (!(group in before)) for (i = 1; i <= n; i++) if (names[i] in in_group) apart = 1
      if (apart || has[names[1]] + n > most && names[1] in has) print > fresh; else print > linked
    }' "$WORK/groups"
}

count_links() { # paths below the previous generation
  stat --printf '%h %n\0' -- "$@" 2> /dev/null || true # it was not there
}

# The paths of groups, a slice for about so many names.
slice_groups() { # prefix, suffix, names
  awk -v prefix="$1" -v suffix="$2" -v most="$3" 'BEGIN { RS = ORS = "\0" }
    {
      sub(/^[0-9]*\t/, ""); n = split($0, names, "//")
      if (files && files + n > most) { close(out); number++; files = 0 }
      out = sprintf("%s%08d%s", prefix, number, suffix); files += n
      for (i = 1; i <= n; i++) print names[i] > out
    }'
}

# Splits a list of files into those that were one file with another name that is still there, and the rest.
part_from_groups() { # list, list of those, list of the rest
  if [ ! -s "$WORK/links.before" ]; then
    cat "$1" >> "$3"
    return
  fi
  awk -v known="$WORK/links.before" -v files="$WORK/here/files" -v links="$WORK/here/links" -v those="$2" -v rest="$3" '
    BEGIN {
      RS = ORS = "\0"
      while ((getline line < known) > 0) { n = split(line, names, "//"); for (i = 1; i <= n; i++) group_of[names[i]] = line }
      while ((getline line < files) > 0) { path = substr(line, index(line, "\t") + 1); if (path in group_of) there[group_of[path]]++ }
      while ((getline line < links) > 0) { sub(/^[^\t]*\t[^\t]*\t/, "", line); if (line in group_of) there[group_of[line]]++ }
    }
    { path = substr($0, index($0, "\t") + 1); if (path in group_of && there[group_of[path]] > 1) print >> those; else print >> rest }' "$1"
}
