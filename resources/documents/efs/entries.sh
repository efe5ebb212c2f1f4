# shellcheck shell=bash
# What stands in a list of entries, crawl.sh.

path_only() { # entries on standard input
  awk 'BEGIN { RS = ORS = "\0" } { print substr($0, 1, index($0, "//") - 1) }'
}

paths_and_types() { # list of entries
  awk 'BEGIN { RS = ORS = "\0" } { print substr($0, 1, index($0, "//") + 2) }' "$1"
}
