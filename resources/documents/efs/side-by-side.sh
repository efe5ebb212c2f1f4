# shellcheck shell=bash
# Many processes at once, since each operation on EFS waits for the network. Needs WORK and THREADS.

# What other processes need in order to call this script's functions: `bash "$WORK/call" <function> <arguments>`.
export_functions() { # variables
  mkdir -p "$WORK"
  {
    echo 'set -euo pipefail; shopt -s nullglob inherit_errexit; export LC_ALL=C; umask 022'
    declare -p LEAST "$@"
    declare -f
    # shellcheck disable=SC2016 # for the file
    echo '"$@"'
  } > "$WORK/call"
}

LEAST=12 # records a process: to start one costs as much as some operations

# Hands the records of a file to a function, in shares, each share to a process of its own.
side_by_side() { # file, function, its first arguments
  local count share file=$1
  shift
  count=$(count_records "$file")
  if [ "$count" -eq 0 ]; then return; fi
  share=$(((count + THREADS - 1) / THREADS))
  if [ "$share" -lt "$LEAST" ]; then share=$LEAST; fi
  if [ "$share" -gt 1000 ]; then share=1000; fi
  xargs -0 -r -P "$THREADS" -n "$share" bash "$WORK/call" "$@" < "$file"
}

# How many: as many as the cores can feed, and no more than the latency of the destination asks for. A local disk
# answers within some 0.1 ms, and a second rsync on a core only costs there; EFS takes milliseconds to write.
choose_threads() { # directory to try in
  local begin=$EPOCHREALTIME number trial=$1/.trial.$$ micros per_core
  for number in {1..8}; do : > "$trial.$number"; done
  begin=$((${EPOCHREALTIME/./} - ${begin/./}))
  rm -f "$trial".*
  micros=$((begin / 8))
  per_core=$((micros / 100))
  if [ "$per_core" -lt 1 ]; then per_core=1; fi
  if [ "$per_core" -gt 32 ]; then per_core=32; fi # more gained nothing: then the cores are the limit
  echo $(($(nproc) * per_core))
}
