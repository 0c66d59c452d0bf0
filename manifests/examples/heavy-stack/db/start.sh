#!/bin/sh
# PostgreSQL for one run, in the service's own scratch folder. What the image's entry point does, on this machine.
set -eu
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || { echo 'PostgreSQL is not installed: apt-get install postgresql' >&2; exit 1; }
home=$(mktemp -d "${TMPDIR:-/tmp}/postgres.XXXXXX")
printf '%s' "$POSTGRES_PASSWORD" >"$home/password"
as=
if [ "$(id -u)" = 0 ]; then
  # Outside of a sandbox: PostgreSQL refuses to run as root.
  chmod 711 "${TMPDIR:-/tmp}" "$(dirname "${TMPDIR:-/tmp}")" 2>/dev/null || true
  chown -R postgres "$home"
  as='setpriv --reuid=postgres --regid=postgres --clear-groups'
fi
$as "$bin/initdb" -D "$home/data" -U "$POSTGRES_USER" --auth=password --pwfile="$home/password" \
  --encoding=UTF8 --locale=C.UTF-8 --no-sync >/dev/null
rm -f "$home/password"
echo "CREATE DATABASE $POSTGRES_DB;" | $as "$bin/postgres" --single -F -D "$home/data" postgres >/dev/null
exec $as "$bin/postgres" -D "$home/data" -F -c listen_addresses=127.0.0.1 -c port=5432 \
  -c unix_socket_directories="$home" -c shared_buffers=16MB -c max_connections=50
