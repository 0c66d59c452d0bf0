#!/bin/sh
# House rule: every TODO names its owner. Reads ./src, writes SARIF 2.1.0 to $1, or to standard output without one.
# Exit 0: no finding, 1: findings, 2: could not look.
set -eu
export LC_ALL=C

[ -d src ] || { echo "scan.sh: no src folder here" >&2; exit 2; }
# Not /dev/stdout: standard output may be a socket, which cannot be opened by name.
[ $# -eq 0 ] || exec >"$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

find src -type f -name '*.py' | sort >"$work/files"
: >"$work/hits"
while IFS= read -r file; do
  grep -n 'TODO' "$file" | grep -v 'TODO([a-z][a-z.-]*)' | cut -d: -f1 | while IFS= read -r line; do
    printf '%s\t%s\n' "$file" "$line" >>"$work/hits"
  done
done <"$work/files"

json_string() { printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g'; }

{
  printf '{"version":"2.1.0","$schema":"https://json.schemastore.org/sarif-2.1.0.json","runs":[{'
  printf '"tool":{"driver":{"name":"todo-owner","version":"1.0.0","rules":[{"id":"todo-without-owner",'
  printf '"shortDescription":{"text":"A TODO names its owner"},"defaultConfiguration":{"level":"warning"}}]}},'
  printf '"artifacts":['
  sep=
  while IFS= read -r file; do
    printf '%s{"location":{"uri":"%s"}}' "$sep" "$(json_string "$file")"
    sep=,
  done <"$work/files"
  printf '],"results":['
  sep=
  while IFS="$(printf '\t')" read -r file line; do
    printf '%s{"ruleId":"todo-without-owner","level":"warning",' "$sep"
    printf '"message":{"text":"This TODO names no owner: write TODO(name)"},'
    printf '"locations":[{"physicalLocation":{"artifactLocation":{"uri":"%s"},"region":{"startLine":%d}}}]}' \
      "$(json_string "$file")" "$line"
    sep=,
  done <"$work/hits"
  printf ']}]}\n'
}

echo "todo-owner: looked at $(wc -l <"$work/files") files" >&2
[ ! -s "$work/hits" ]
