# shellcheck shell=bash
# The whole copy, as the session's first process runs it. Writes $STATE/outcome: copied, stopped, or `failed`.

: "${SSM_Seconds:?}"

# Waits for a child. When the time is over, efs-stop asks for it, or nobody is left who makes parts, has fpsync finish
# what it has begun, and no more.
supervise() { # pid
  local asked=false deadline=0
  while kill -0 "$1" 2> /dev/null; do
    if ! still_made; then : > "$STATE/stop"; fi
    if [ "$asked" = false ] && { [ -e "$STATE/stop" ] || [ "$SECONDS" -ge "$SSM_Seconds" ]; }; then
      asked=true
      deadline=$((SECONDS + 600)) # the window's last 15 minutes are for this
      : > "$STATE/stop"
      interrupt_fpsync
    fi
    if [ "$asked" = true ] && [ "$SECONDS" -ge "$deadline" ]; then
      trap '' TERM
      end_session || true
      return
    fi
    sleep 0.1
  done
}

# Exits 3 when it was told to stop. Without its parts nothing else may go on waiting for them.
make_parts_or_stop() {
  trap 'if [ ! -e "$WORK/parts/end" ]; then : > "$STATE/stop"; fi' EXIT
  make_parts
  after_crawl
}

wait_for_parts() { # pid of what makes them
  until [ -d "$WORK/parts/$((JOBS - 1))" ] || [ -e "$WORK/parts/end" ] || ! kill -0 "$1" 2> /dev/null; do
    if [ "$SECONDS" -ge "$SSM_Seconds" ]; then : > "$STATE/stop"; fi
    sleep 0.05
  done
}

finish() { # outcome
  set_phase "$1"
  figures > "$STATE/kpis.json"
  echo "$1" > "$STATE/outcome"
  exit 0
}

# The sender sees the last lines only, and what an rsync said is worth more than what fpsync says of it.
say_errors() {
  grep -v "can't access tty" "$STATE/fpsync.log" | tail -n 5 || true
  find "$WORK/done" -name "*.err" -size +0 -exec cat {} + | head -n 20 || true
}

copy_session() {
  local maker runner made=0 ran=0
  trap '' HUP
  set_phase crawl
  make_parts_or_stop &
  maker=$!
  echo "$maker" > "$STATE/maker"
  wait_for_parts "$maker"
  set_phase copy
  run_fpsync > "$STATE/fpsync.log" 2>&1 &
  runner=$!
  echo "$runner" > "$STATE/fpsync"
  supervise "$runner"
  wait "$runner" || ran=$?
  wait "$maker" || made=$?
  if any_failed || [ "$made" -ne 0 ] && [ "$made" -ne 3 ]; then say_errors && finish failed; fi
  if [ "$made" -eq 3 ] || { [ -e "$STATE/stop" ] && ! all_copied; }; then finish stopped; fi
  if ! all_copied || { [ "$ran" -ne 0 ] && [ ! -e "$STATE/stop" ]; }; then say_errors && finish failed; fi
  set_phase directories
  list_directories_to_finish > "$WORK/finish"
  side_by_side "$WORK/finish" copy_directories
  after_copy
  finish copied
}
