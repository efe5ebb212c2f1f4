# shellcheck shell=bash
# The copy runs in a session of its own, so that everything it has started can be found and ended, whatever has become
# of the script that began it. $STATE/session names its first process, $STATE/phase how far it is.

set_phase() { # phase
  echo "$1" > "$STATE/phase.new"
  mv "$STATE/phase.new" "$STATE/phase"
  echo "$1 $EPOCHREALTIME" >> "$STATE/phases"
}

started_at() { # pid: in ticks since the boot, so that a number used again is not taken for the same process
  local stat
  stat=$(cat "/proc/$1/stat" 2> /dev/null) || return 1
  stat=${stat##*) }
  set -- "$stat"
  cut -d ' ' -f 20 <<< "$1"
}

# Prints the processes of the session that are left. One that has ended and that nobody has waited for yet holds
# nothing any more, and may stay for seconds.
session_processes() {
  local session begun
  read -r session begun 2> /dev/null < "$STATE/session" || return 0
  if [ -e "/proc/$session" ] && [ "$(started_at "$session")" != "$begun" ]; then return 0; fi
  pgrep -s "$session" -r DIRSTt || true
}

start_session() { # function; sets SESSION
  rm -f "$STATE"/{stop,outcome,crawled,fpsync,maker,phases}
  setsid bash "$WORK/call" "$1" < /dev/null > "$STATE/log" 2>&1 &
  SESSION=$!
  # A shell without job control makes no group leader of it, so setsid keeps this number.
  echo "$SESSION $(started_at "$SESSION")" > "$STATE/session"
}

interrupt_fpsync() {
  local pid
  if pid=$(cat "$STATE/fpsync" 2> /dev/null) && grep -q "^$pid\$" <<< "$(session_processes)"; then kill -INT "$pid"; fi
}

# Ends what is left of the session, except this process.
end_session() {
  local signal pids second
  for signal in TERM KILL; do
    for second in {1..20}; do
      pids=$(session_processes | grep -vx "$$" || true)
      if [ -z "$pids" ]; then return 0; fi
      if [ "$second" = 1 ]; then xargs -r kill "-$signal" <<< "$pids" 2> /dev/null || true; fi
      sleep 0.1
    done
  done
  return 1
}
