# shellcheck shell=bash
# The figures of a copy, from what was crawled and from the --stats of every rsync.

sum_of_stats() { # label
  awk -F ': ' -v label="$1" '$1 == label { sum += $2 } END { printf "%.0f", sum }' "$WORK/stats"
}

phase_seconds() { # phases: seconds from the start of the first to the start of the second
  awk -v from="$1" -v to="$2" '$1 == from { begin = $2 } $1 == to { end = $2 }
    END { if (!begin || !end) print "0.000"; else printf "%.3f", end - begin }' "$STATE/phases"
}

instant() { # seconds since 1970
  date -u -d "@${1%%.*}" +%Y-%m-%dT%H:%M:%SZ
}

# Entries, regular files, directories and bytes that the crawl found; rsync counts a link's own length too.
crawl_figures() {
  awk 'BEGIN { RS = "\0" }
    { entries++; type = substr($0, index($0, "//") + 2, 1) }
    type == "d" { directories++ }
    type == "l" { bytes += substr($0, index($0, "//") + 5) }
    type == "f" { split(substr($0, index($0, "//") + 5), rest, "//"); files++; bytes += rest[1] }
    END { printf "%d %d %d %.0f\n", entries, files, directories, bytes }' "$WORK/here/entries"
}

figures() {
  local begun ended crawled entries files directories bytes transferred now=$EPOCHREALTIME
  begun=$(awk 'NR == 1 { print $2 }' "$STATE/phases")
  ended=$(awk '$1 ~ /^(copied|stopped|failed)$/ { print $2 }' "$STATE/phases")
  crawled=$(cat "$STATE/crawled" 2> /dev/null || true)
  read -r entries files directories bytes <<< "$(crawl_figures)"
  transferred=$(sum_of_stats 'Number of regular files transferred')
  awk -v begun="$begun" -v copying="$(awk '$1 == "copy" { print $2 }' "$STATE/phases")" -v ended="${ended:-$now}" -v crawled="${crawled:-0}" -v copy="$(phase_seconds copy directories)" \
    -v directory="$(phase_seconds directories copied)" -v head="\"startedAt\":\"$(instant "$begun")\",\"finishedAt\":\"$(instant "${ended:-$now}")\"" \
    -v entries="$entries" -v files="$files" -v directories="$directories" -v bytes="$bytes" \
    -v links="$(count_records "$WORK/here/links")" -v sockets="$(count_records "$WORK/here/sockets")" \
    -v transferred="$transferred" -v moved="$(sum_of_stats 'Total transferred file size')" \
    -v created="$(cat "$WORK/created" 2> /dev/null || echo 0)" -v deleted="$(cat "$WORK/deleted" 2> /dev/null || echo 0)" \
    -v parts="$(wc -l < "$WORK/codes")" -v bad="$(grep -cvE '^(0|24) ' "$WORK/codes")" \
    -v threads="$THREADS" 'BEGIN {
      seconds = ended - begun; if (seconds <= 0) seconds = 0.001
      crawl = crawled ? crawled / 1e9 - begun : seconds
      if (copy && copying > begun + crawl) copy += copying - begun - crawl # linking what has not changed
      if (!copy && !directory) copy = seconds - crawl > 0 ? seconds - crawl : 0
      printf "{%s,\"seconds\":%.3f,\"crawlSeconds\":%.3f,\"copySeconds\":%.3f,\"directorySeconds\":%.3f,", head, seconds, crawl, copy, directory
      printf "\"entries\":%d,\"files\":%d,\"directories\":%d,\"links\":%d,\"sockets\":%d,\"totalBytes\":%.0f,", entries, files, directories, links, sockets, bytes
      printf "\"filesTransferred\":%d,\"filesCreated\":%d,\"filesDeleted\":%d,\"transferredBytes\":%.0f,", transferred, created, deleted, moved
      printf "\"filesPerSecond\":%.1f,\"parts\":%d,\"partsFailed\":%d,\"threads\":%d,", entries / seconds, parts, bad, threads
      printf "\"crawlShare\":%.3f,\"copyShare\":%.3f,\"directoryShare\":%.3f}\n", crawl / seconds, copy / seconds, directory / seconds
    }'
}
