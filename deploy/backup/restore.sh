#!/bin/sh
# Restores a dump of backup.sh into the empty database of DATABASE_URL, in one transaction: restore.sh FILE
# A database that has tables is refused: make a new one, restore, check it, then point DATABASE_URL at it.
set -eu
file=${1:?usage: restore.sh FILE}
: "${DATABASE_URL:?set DATABASE_URL}"
if [ -f "$file.sha256" ]; then
  (cd "$(dirname "$file")" && sha256sum --quiet --check "$(basename "$file").sha256")
fi
tables=$(psql "$DATABASE_URL" -XAtc "select count(*) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')")
if [ "$tables" -ne 0 ]; then
  echo "The database has $tables tables: restore into an empty one." >&2
  exit 1
fi
pg_restore --exit-on-error --single-transaction --no-owner --no-privileges --dbname="$DATABASE_URL" "$file"
psql "$DATABASE_URL" -XAqtc 'analyze'
echo "Restored $file"
