#!/bin/sh
# Builds the benchmark in release and measures both stores; PostgreSQL is started in a folder of its own.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
rounds=${ROUNDS:-10000}
swift build -c release --package-path "$here"
benchmark="$(swift build -c release --package-path "$here" --show-bin-path)/ledger-benchmark"

folder=$(mktemp -d)
chmod 755 "$folder"
bin=$(dirname "$(command -v initdb || ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -1)")
as_user() { if [ "$(id -u)" = 0 ]; then su postgres -s /bin/sh -c "cd / && $1"; else sh -c "$1"; fi; }
stop() {
  if [ -d "$folder/pg/data" ]; then as_user "$bin/pg_ctl -D $folder/pg/data -m fast -w stop" > /dev/null || true; fi
  rm -rf "$folder"
}
trap stop EXIT

measure() {
  "$benchmark" rate "$@" --callers 64
  "$benchmark" rate "$@" --callers 512
  "$benchmark" rate "$@" --callers 1
  "$benchmark" race "$@" --rounds "$rounds"
}

measure --sqlite "$folder/ledger.sqlite"
if [ -x "$bin/initdb" ]; then
  mkdir "$folder/pg"
  [ "$(id -u)" != 0 ] || chown postgres "$folder/pg"
  as_user "$bin/initdb -D $folder/pg/data -A trust -U postgres -E UTF8 --locale=C" > /dev/null
  as_user "$bin/pg_ctl -D $folder/pg/data -l $folder/pg/log -w -o \"-k $folder/pg -c listen_addresses=''\" start" \
    > /dev/null
  address="host=$folder/pg user=postgres dbname=postgres"
  measure --postgres "$address"
else
  echo "PostgreSQL is not installed here: SQLite alone was measured"
fi
