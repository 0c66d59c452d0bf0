#!/bin/sh
# write-file.sh FILE TEXT URL SOURCE OUT ASSETS: writes a settings file that secplan made, with the places that only
# this run knows put in for @URL@, @SOURCE@, @OUT@ and @ASSETS@. No secret passes through here.
set -eu

put() {
  case $3 in *\"* | *\\* | *'
'*) echo "write-file: a place has a character that the file cannot hold" >&2; exit 1 ;; esac
  rest=$1
  done=
  while :; do
    case $rest in *"$2"*) ;; *) break ;; esac
    done=$done${rest%%"$2"*}$3
    rest=${rest#*"$2"}
  done
  text=$done$rest
}

put "$2" @SOURCE@ "$4"
put "$text" @OUT@ "$5"
put "$text" @ASSETS@ "$6"
put "$text" @URL@ "$3"
printf '%s\n' "$text" > "$1"
