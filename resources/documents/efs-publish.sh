#!/usr/bin/env bash
# Makes a verified generation a complete one: renames it, and writes COMPLETE last. Killed in between, it leaves a
# directory without COMPLETE, which is not complete; repeated, it goes on. Prints
# {"status":"published","generation":"…","already":bool}.
source efs/worker.sh
source efs/folder.sh
: "${SSM_Generation:?}"
FINAL=$FOLDER/$SSM_Generation

open_destination
lock_folder 30
already=false
if is_complete "$SSM_Generation"; then
  already=true
else
  if [ -d "$FINAL.partial/data" ]; then
    if [ "$(cat "$FINAL.partial/meta/copied" 2> /dev/null)" != "$SSM_Generation" ] || [ ! -s "$FINAL.partial/meta/verified" ]; then
      refuse "generation $SSM_Generation is not verified"
    fi
    sync -f "$FINAL.partial"
    chmod 755 "$FINAL.partial"
    mv -T "$FINAL.partial" "$FINAL"
    sync "$FOLDER"
  fi
  if [ ! -s "$FINAL/meta/verified" ] || [ ! -d "$FINAL/data" ]; then refuse "generation $SSM_Generation is not there"; fi
  printf '{"generation":"%s","completedAt":"%s","verified":%s,"kpis":%s}\n' "$SSM_Generation" \
    "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$(cat "$FINAL/meta/verified")" "$(cat "$FINAL/meta/kpis.json")" |
    write_durably "$FINAL/COMPLETE"
fi
printf '{"status":"published","generation":"%s","already":%s}\n' "$SSM_Generation" "$already"
