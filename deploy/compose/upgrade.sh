#!/bin/sh
# Brings the running stack to what the working directory and .env say now, without a lost request: builds or pulls the
# image, migrates, replaces one instance after another, then updates the rest. The same takes you back: check out the
# earlier version, or set the earlier MAINSTAY_IMAGE, and run it again.
#   deploy/compose/upgrade.sh            builds the image here
#   deploy/compose/upgrade.sh --no-build takes MAINSTAY_IMAGE as it is
set -eu
cd "$(dirname "$0")/../.."
[ "${1:-}" = --no-build ] || docker compose build app
docker compose run --rm --no-deps migrate

# healthy CONTAINER: waits until it is
healthy() {
  for _ in $(seq 120); do
    [ "$(docker inspect --format '{{.State.Health.Status}}' "$1")" = healthy ] && return
    sleep 1
  done
  echo "$1 does not become healthy: see docker logs $1. The others serve on; take it away with docker rm -f $1" >&2
  exit 1
}

old=$(docker compose ps -q app)
count=$(echo "$old" | wc -w)
for container in $old; do
  docker compose up -d --no-deps --no-recreate --scale app=$((count + 1)) app
  for instance in $(docker compose ps -q app); do healthy "$instance"; done
  docker stop "$container" >/dev/null
  docker rm "$container" >/dev/null
done
docker compose up -d --no-build --scale app="$count"
