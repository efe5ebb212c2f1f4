#!/usr/bin/env bash
# Compares a copied generation with what it should be, on its own evidence: the whole list of entries, with sizes,
# times, modes, owners and what links point to, against what is found in the generation now; and a sample of files,
# chosen by the nonce, against the source by SHA-256. Fails on anything that is missing, extra or different; the next
# run copies it anew, and then it is in the sample. What the source itself has changed since it was crawled is counted
# as inFlux, and is the next run's. Access lists and extended attributes are rsync's word. Prints
# {"status":"verified","entries":n,"sampled":n,"sampledBytes":n,"inFlux":n,"seconds":n}.
source efs/worker.sh
source efs/folder.sh
source efs/side-by-side.sh
source efs/crawl.sh
source efs/entries.sh
: "${SSM_Source:?}" "${SSM_Generation:?}" "${SSM_Nonce:?}" "${SSM_Sample=200}"
FROM=$ROOT$SSM_Source
PARTIAL=$FOLDER/$SSM_Generation.partial
MOST=20 # of what is wrong, this many are named

list_entries() { # prefix of the lists, paths; those that are gone have no entry
  local out=$1.$$
  shift
  entry_formats
  find "$@" -maxdepth 0 '(' -type f -printf "$ENTRY_OF_FILE" -o -type l -printf "$ENTRY_OF_LINK" -o -printf "$OTHER_ENTRY" ')' \
    > "$out" 2> /dev/null || true
}

# Of paths that differ, those at which the source still is what was listed, and those that it never had, are wrong:
# $WORK/wrong. The others it has changed meanwhile: $WORK/flux.
judge() { # sorted paths that differ
  if [ ! -s "$1" ]; then return; fi
  mkdir -p "$WORK/now"
  awk -v chosen="$1" -v listed="$WORK/listed" 'BEGIN { RS = ORS = "\0"; printf "" > listed; while ((getline path < chosen) > 0) differs[path] = 1 }
    { path = substr($0, 1, index($0, "//") - 1); if (path in differs) { print > listed; delete differs[path] } }
    END { for (path in differs) print path }' "$WORK/should" > "$WORK/extra"
  (cd "$FROM" && side_by_side "$1" list_entries "$WORK/now/entries")
  cat "$WORK/extra" > "$WORK/judged"
  cat /dev/null "$WORK/now"/entries.* | sort -z > "$WORK/listed.now"
  sort -z "$WORK/listed" | comm -z -12 - "$WORK/listed.now" | path_only >> "$WORK/judged"
  rm -r "$WORK/now"
  cat "$WORK/judged" >> "$WORK/wrong"
  sort -z "$WORK/judged" | comm -z -13 - "$1" >> "$WORK/flux"
}

# As the destination can keep it: fractions of seconds not everywhere, owners only where root writes; inodes are the
# source's own.
comparable() { # list of entries
  awk -v fractions="$NANOSECONDS" -v root="$((EUID == 0))" 'BEGIN { RS = ORS = "\0" }
    {
      end = index($0, "//"); type = substr($0, end + 2, 1); head = substr($0, 1, end + 4); tail = substr($0, end + 5)
      if (type == "f") {
        split(tail, part, "//")
        if (fractions != "true") sub(/\..*/, "", part[2])
        if (!root) sub(/ .*/, "", part[3])
        tail = part[1] "//" part[2] "//" part[3]
      } else if (!root && type == "l") sub(/^[0-9]+\/\/[0-9]+ [0-9]+/, "", tail)
      else if (!root) sub(/ .*/, "", tail)
      print head tail
    }' "$1" | sort -z -S 25% -T "$WORK"
}

compare_entries() {
  crawl "$PARTIAL/data" "$WORK/found" :
  comparable "$WORK/should" > "$WORK/should.sorted" # files, so that a full disk is an error and not an empty list
  comparable "$WORK/found/entries" > "$WORK/found.sorted"
  comm -z -3 "$WORK/should.sorted" "$WORK/found.sorted" > "$WORK/differences"
  # Those found in the generation only begin with a tab.
  awk 'BEGIN { RS = ORS = "\0" } { sub(/^\t/, ""); print substr($0, 1, index($0, "//") - 1) }' "$WORK/differences" |
    sort -zu > "$WORK/differing"
  judge "$WORK/differing"
}

choose_sample() {
  local seed
  seed=$(sha256sum <<< "$SSM_Nonce")
  awk -v seed="$((16#${seed:0:7}))" -v most="$SSM_Sample" 'BEGIN { RS = ORS = "\0"; srand(seed) }
    {
      end = index($0, "//"); if (substr($0, end + 2, 1) != "f") next
      files++; if (files <= most) place = files; else { place = int(rand() * files) + 1; if (place > most) next }
      chosen[place] = substr($0, 1, end - 1)
    }
    END { for (place in chosen) print chosen[place] }' "$WORK/should" > "$WORK/chosen"
  # And what an earlier try was wrong in.
  if [ -s "$PARTIAL/meta/wrong" ]; then
    awk -v found="$PARTIAL/meta/wrong" 'BEGIN { RS = ORS = "\0"; while ((getline path < found) > 0) wrong[path] = 1 }
      { end = index($0, "//"); path = substr($0, 1, end - 1); if (path in wrong && substr($0, end + 2, 1) == "f") print path }' \
      "$WORK/should" >> "$WORK/chosen"
  fi
  sort -zu "$WORK/chosen" > "$WORK/sample"
}

hash_files() { # tree, prefix of the results, paths
  local tree=$1 out=$2.$$
  shift 2
  cd "$tree"
  sha256sum -z -- "$@" > "$out" 2> /dev/null || true # a file that is gone has no line, and so differs
}

compare_sample() {
  mkdir -p "$WORK/sums"
  side_by_side "$WORK/sample" hash_files "$FROM" "$WORK/sums/from" &
  side_by_side "$WORK/sample" hash_files "$PARTIAL/data" "$WORK/sums/to"
  wait $!
  # Alike is what both have hashed, and to the same.
  cat /dev/null "$WORK/sums"/from.* | sort -z > "$WORK/sums.from"
  cat /dev/null "$WORK/sums"/to.* | sort -z > "$WORK/sums.to"
  comm -z -12 "$WORK/sums.from" "$WORK/sums.to" | awk 'BEGIN { RS = ORS = "\0" } { print substr($0, 67) }' | sort -z > "$WORK/alike"
  comm -z -23 "$WORK/sample" "$WORK/alike" | comm -z -23 - "$WORK/differing" > "$WORK/unlike"
  judge "$WORK/unlike"
}

sampled_bytes() {
  awk -v sample="$WORK/sample" 'BEGIN { RS = "\0"; while ((getline path < sample) > 0) chosen[path] = 1 }
    { end = index($0, "//"); if (substr($0, 1, end - 1) in chosen) { split(substr($0, end + 5), rest, "//"); bytes += rest[1] } }
    END { printf "%.0f", bytes }' "$WORK/should"
}

begin=$EPOCHREALTIME
open_destination
require_mount source "$FROM"
lock_folder 30
if [ "$(cat "$PARTIAL/meta/copied" 2> /dev/null)" != "$SSM_Generation" ]; then refuse "generation $SSM_Generation is not copied"; fi
rm -f "$PARTIAL/meta/verified"
WORK=$WORK.verify
rm -rf "$WORK"
mkdir -p "$WORK" "$STATE.verify"
STATE=$STATE.verify
: > "$WORK/flux"
: > "$WORK/wrong"
THREADS=$(choose_threads "$PARTIAL/meta")
export_functions WORK STATE THREADS
NANOSECONDS=$(keeps_nanoseconds "$PARTIAL/meta")
gzip -dc "$PARTIAL/meta/entries.gz" > "$WORK/should"
compare_entries
choose_sample
compare_sample
if [ -s "$WORK/wrong" ]; then
  count=$(count_records "$WORK/wrong")
  while IFS= read -r -d '' path; do printf '%q\n' "$path"; done < "$WORK/wrong" | head -n "$MOST" >&2 || true
  if [ -s "$PARTIAL/meta/wrong" ]; then cat "$PARTIAL/meta/wrong" >> "$WORK/wrong"; fi
  sort -zu "$WORK/wrong" > "$WORK/all-wrong"
  write_durably "$PARTIAL/meta/wrong" < "$WORK/all-wrong"
  fail "$count of $(count_records "$WORK/should") entries of $SSM_Generation are missing, extra or different"
fi
rm -f "$PARTIAL/meta/wrong"
require_mount source "$FROM"
printf '{"status":"verified","entries":%d,"sampled":%d,"sampledBytes":%s,"inFlux":%d,"seconds":%s}\n' \
  "$(count_records "$WORK/should")" "$(count_records "$WORK/sample")" "$(sampled_bytes)" "$(count_records "$WORK/flux")" \
  "$(seconds_since "$begin")" > "$STATE/result"
write_durably "$PARTIAL/meta/verified" < "$STATE/result"
rm -rf "$WORK"
cat "$STATE/result"
