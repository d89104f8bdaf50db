#!/bin/sh
# Dumps the database of DATABASE_URL into a folder, whole or not at all: backup.sh DIR
# The file is mainstay-<UTC time>.dump in pg_dump's custom format, with a .sha256 beside it. BACKUP_KEEP (14) newest stay.
# pg_dump must be as new as the server.
set -eu
dir=${1:?usage: backup.sh DIR}
: "${DATABASE_URL:?set DATABASE_URL}"
umask 077
mkdir -p "$dir"
name=mainstay-$(date -u +%Y%m%dT%H%M%SZ).dump
trap 'rm -f "$dir/$name.part"' EXIT
pg_dump --format=custom --no-owner --no-privileges --lock-wait-timeout=30s --file="$dir/$name.part" --dbname="$DATABASE_URL"
# A dump whose list can't be read is none.
pg_restore --list "$dir/$name.part" >/dev/null
mv "$dir/$name.part" "$dir/$name"
(cd "$dir" && sha256sum "$name" >"$name.sha256")
find "$dir" -name 'mainstay-*.dump' | sort -r | tail -n "+$((${BACKUP_KEEP:-14} + 1))" | while read -r old; do
  rm -f "$old" "$old.sha256"
done
echo "$dir/$name"
