#!/usr/bin/env bash
# Ends the copy on this worker, a backup's or a restore's, in good order where that is possible: fpsync gets one SIGINT, finishes the parts that it
# has begun, and begins no more. When the time is over, and at the end in any case, whatever is left of the session is
# killed. Then the figures, and the logs to a presigned URL. Harmless where nothing runs. Prints
# {"wasRunning":bool,"drained":bool,"killed":bool,"generation":"…"|null,"phase":"…","kpis":{…}|null,"logBytes":n}.
source efs/worker.sh
source efs/session.sh
: "${SSM_Seconds=600}" "${SSM_UploadUrl=}"

# The session's first process passes the stop on; where it has been killed, this does.
ask() {
  local session _
  : > "$STATE/stop"
  read -r session _ < "$STATE/session"
  if ! grep -qx "$session" <<< "$(session_processes)"; then interrupt_fpsync; fi
}

restore_runs() {
  local STATE=$STATE.restore
  [ -n "$(session_processes)" ]
}

upload_logs() {
  local archive=$STATE/logs.tar.gz
  tar -C "$ROOT/" --ignore-failed-read -czf "$archive" "${STATE#"$ROOT"/}"/{log,fpsync.log,phases} "${WORK#"$ROOT"/}/done" 2> /dev/null || true
  curl -fsS --retry 3 -o /dev/null -T "$archive" "$SSM_UploadUrl"
  stat -c %s "$archive"
}

if [ -z "$(session_processes)" ] && restore_runs; then
  STATE=$STATE.restore WORK=$WORK.restore
fi
running=false drained=false killed=false generation=null phase=none kpis=null log_bytes=0
if [ -n "$(session_processes)" ]; then
  running=true
  ask
  until [ -z "$(session_processes)" ] || [ "$SECONDS" -ge "$SSM_Seconds" ]; do sleep 0.2; done
  if [ -z "$(session_processes)" ]; then drained=true; else killed=true; fi
fi
end_session || fail 'processes of the copy cannot be killed'
if [ -s "$STATE/generation" ]; then
  generation=\"$(cat "$STATE/generation")\"
  phase=$(cat "$STATE/phase" 2> /dev/null || echo none)
  if [ ! -s "$STATE/kpis.json" ] && [ -s "$STATE/phases" ]; then
    bash "$WORK/call" figures > "$STATE/kpis.json" || rm -f "$STATE/kpis.json"
  fi
  if [ -s "$STATE/kpis.json" ]; then kpis=$(cat "$STATE/kpis.json"); fi
  if [ -n "$SSM_UploadUrl" ]; then log_bytes=$(upload_logs); fi
fi
printf '{"wasRunning":%s,"drained":%s,"killed":%s,"generation":%s,"phase":"%s","kpis":%s,"logBytes":%d}\n' \
  "$running" "$drained" "$killed" "$generation" "$phase" "$kpis" "$log_bytes"
