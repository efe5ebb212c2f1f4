#!/usr/bin/env bash
# Lists the generations of a folder, oldest first. Prints {"generations":[{"generation":"…","state":"complete"|"partial"|
# "expired","files":n|null,"bytes":n|null}]}, some 90 letters each: Systems Manager cuts what is longer than 24,000.
# What has no COMPLETE is partial, whatever its name.
source efs/worker.sh
source efs/folder.sh

number_in() { # name, file
  grep -o "\"$1\":[0-9]*" "$2" | head -n 1 | cut -d : -f 2
}

describe() { # directory
  local name=${1##*/} state=partial files=null bytes=null
  case $name in
    *.expired) state=expired ;;
    *.partial) ;;
    *)
      if is_complete "$name"; then
        state=complete
        files=$(number_in files "$1/COMPLETE")
        bytes=$(number_in totalBytes "$1/COMPLETE")
      fi
      ;;
  esac
  printf ',{"generation":"%s","state":"%s","files":%s,"bytes":%s}' "${name%.*}" "$state" "$files" "$bytes"
}

open_destination
generations=''
for directory in "$FOLDER"/[0-9]*Z "$FOLDER"/[0-9]*Z.partial "$FOLDER"/[0-9]*Z.expired; do
  generations+=$(describe "$directory")
done
printf '{"generations":[%s]}\n' "${generations#,}"
