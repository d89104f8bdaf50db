#!/usr/bin/env bash
# The same as an ordinary user, in a folder of that user's own. Root hands over a copy and drops its rights.
set -euo pipefail
cd "$(dirname "$0")/.."
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
chmod 755 "$home"
git clone -q . "$home/mainstay"
chown -R nobody "$home"
# Links, not copies: the packages are only read. They stay root's, since a link shares its owner with the original.
cp -al node_modules "$home/mainstay/node_modules" 2>/dev/null || {
  rm -rf "$home/mainstay/node_modules"
  cp -a node_modules "$home/mainstay/node_modules"
}
# Two tests of this script may not share the port.
setpriv --reuid nobody --regid nogroup --clear-groups env HOME="$home" PORT=8712 DATA_DIR="$home/data" \
  bash "$home/mainstay/.ci/smoke.sh"
