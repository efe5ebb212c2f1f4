#!/usr/bin/env bash
# Compares a copied generation with what it should be, on its own evidence: the whole list of entries, with sizes and
# times, against what is found in the generation now; and a sample of files, chosen by the nonce, against the source by
# SHA-256. Fails on anything that is missing, extra or different. What the source itself has changed since it was
# crawled is counted as inFlux, and is the next run's. Prints
# {"status":"verified","entries":n,"sampled":n,"sampledBytes":n,"inFlux":n,"seconds":n}.
source efs/worker.sh
source efs/folder.sh
source efs/side-by-side.sh
source efs/crawl.sh
: "${SSM_Source:?}" "${SSM_Generation:?}" "${SSM_Nonce:?}" "${SSM_Sample=200}"
FROM=$ROOT$SSM_Source
PARTIAL=$FOLDER/$SSM_Generation.partial
MOST=20 # of what is wrong, this many are named

# An entry as the crawl writes it, or nothing where it is gone.
entry_now() { # tree, path
  find "$1/${2#./}" -maxdepth 0 '(' -type f -printf '//f//%s//%T@' ')' -o '(' -type l -printf '//l//%s' ')' -o -printf '//%y' 2> /dev/null || true
}

# Prints each path that is wrong; one that the source has changed meanwhile is counted in $WORK/flux. So many
# changes that telling them apart would take long are wrong too.
judge() { # lists: paths that differ, entries of the crawl
  local path now listed judged=0
  while IFS= read -r -d '' path; do
    # By the environment: of a variable on its command line awk would read backslashes.
    listed=$(path=$path// awk 'BEGIN { RS = "\0"; path = ENVIRON["path"] }
      index($0, path) == 1 { printf "%s", substr($0, length(path) - 1); exit }' "$2")
    now=$(entry_now "$FROM" "$path")
    if [ -n "$listed" ] && [ "$now" != "$listed" ] && [ "$((judged += 1))" -le 1000 ]; then
      printf 'x' >> "$WORK/flux"
    else
      printf '%q\n' "$path"
    fi
  done < "$1"
}

# Fractions of seconds count only where the destination can keep them.
comparable() {
  if [ "$NANOSECONDS" = true ]; then cat; else sed -z 's|\(//f//[0-9]*//[0-9]*\)\.[0-9]*$|\1|'; fi | sort -z -S 25% -T "$WORK"
}

compare_entries() {
  crawl "$PARTIAL/data" "$WORK/found" :
  comparable < "$WORK/should" > "$WORK/should.sorted" # files, so that a full disk is an error and not an empty list
  comparable < "$WORK/found/entries" > "$WORK/found.sorted"
  comm -z -3 "$WORK/should.sorted" "$WORK/found.sorted" > "$WORK/differences"
  # Those found in the generation only begin with a tab.
  awk 'BEGIN { RS = ORS = "\0" } { sub(/^\t/, ""); print substr($0, 1, index($0, "//") - 1) }' "$WORK/differences" |
    sort -zu > "$WORK/differing"
  judge "$WORK/differing" "$WORK/should"
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
    END { for (place in chosen) print chosen[place] }' "$WORK/should" > "$WORK/sample"
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
  sort -z "$WORK/sample" | comm -z -23 - "$WORK/alike" | comm -z -23 - "$WORK/differing" > "$WORK/unlike"
  judge "$WORK/unlike" "$WORK/should"
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
THREADS=$(choose_threads "$PARTIAL/meta")
export_functions WORK STATE THREADS
NANOSECONDS=$(keeps_nanoseconds "$PARTIAL/meta")
gzip -dc "$PARTIAL/meta/entries.gz" > "$WORK/should"
wrong=$(compare_entries)
choose_sample
wrong+=$(compare_sample)
if [ -n "$wrong" ]; then
  head -n "$MOST" <<< "$wrong" >&2
  fail "$(wc -l <<< "$wrong") of $(count_records "$WORK/should") entries of $SSM_Generation are missing, extra or different"
fi
require_mount source "$FROM"
printf '{"status":"verified","entries":%d,"sampled":%d,"sampledBytes":%s,"inFlux":%d,"seconds":%s}\n' \
  "$(count_records "$WORK/should")" "$(count_records "$WORK/sample")" "$(sampled_bytes)" "$(stat -c %s "$WORK/flux")" \
  "$(seconds_since "$begin")" > "$STATE/result"
write_durably "$PARTIAL/meta/verified" < "$STATE/result"
rm -rf "$WORK"
cat "$STATE/result"
