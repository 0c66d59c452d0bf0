#!/bin/sh
# Makes a fresh Debian machine with Node 20 and Python ready; does nothing where all is there.
set -eu
cd "$(dirname "$0")/.."

missing=""
command -v bwrap >/dev/null 2>&1 || missing="$missing bubblewrap"
command -v git >/dev/null 2>&1 || missing="$missing git"
# Some scanners are built from source; an old Go is enough, secplan fetches the pinned toolchain with it.
command -v go >/dev/null 2>&1 || missing="$missing golang-go"
command -v openssl >/dev/null 2>&1 || missing="$missing openssl"
python3 -c 'import venv, ensurepip' >/dev/null 2>&1 || missing="$missing python3-venv"
# The heavy example's database; its programs are not on PATH.
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
if [ -n "$missing" ]; then
  as_root=""
  [ "$(id -u)" = 0 ] || as_root="sudo"
  echo "setup: installing$missing" >&2
  # shellcheck disable=SC2086
  { $as_root apt-get update -qq && $as_root apt-get install -y -qq $missing; } >&2 || {
    echo "setup: could not install:$missing. Install them and run this again." >&2
    exit 3
  }
fi

if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo "setup: installing the locked npm packages" >&2
  npm ci --no-audit --no-fund >&2
fi
PATH="$PWD/node_modules/.bin:$PATH"
node scripts/build.ts
