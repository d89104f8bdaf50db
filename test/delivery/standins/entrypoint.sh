#!/bin/sh
# What docker-compose.yml relies on in the entrypoints of the official images.
set -e
case "$1" in
  --config.file=*)
    set -- prometheus "$@"
    ;;
  postgres)
    PATH=$PATH:$(echo /usr/lib/postgresql/*/bin)
    export PGDATA="${PGDATA:-/var/lib/postgresql/18/docker}"
    if [ ! -s "$PGDATA/PG_VERSION" ]; then
      echo "$POSTGRES_PASSWORD" >/tmp/password
      mkdir -p "$PGDATA"
      initdb -U "$POSTGRES_USER" --pwfile=/tmp/password --auth-host=scram-sha-256 --auth-local=trust >/dev/null
      echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
      echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
      pg_ctl -w -o "-c listen_addresses=''" start >/dev/null
      createdb -h /var/run/postgresql -U "$POSTGRES_USER" -O "$POSTGRES_USER" "$POSTGRES_DB"
      pg_ctl -w -m fast stop >/dev/null
    fi
    ;;
  nginx)
    # The first alone: Podman adds the host's, which knows no container; Docker lists its own only.
    NGINX_LOCAL_RESOLVERS=$(awk '$1 == "nameserver" { print $2; exit }' /etc/resolv.conf)
    export NGINX_LOCAL_RESOLVERS
    names=$(awk 'BEGIN { for (name in ENVIRON) printf "${%s} ", name }')
    for template in /etc/nginx/templates/*.template; do
      output=$NGINX_ENVSUBST_OUTPUT_DIR/$(basename "$template" .template)
      envsubst "$names" <"$template" >"$output"
    done
    ;;
esac
exec "$@"
