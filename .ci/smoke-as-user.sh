#!/usr/bin/env bash
# The same as an ordinary user, in a folder of that user's own. Root hands over a copy and drops its rights.
set -euo pipefail
cd "$(dirname "$0")/.."
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
chmod 755 "$home"
git clone -q . "$home/mainstay"
# Links, not copies: the packages are only read.
cp -al node_modules "$home/mainstay/node_modules" 2>/dev/null || cp -a node_modules "$home/mainstay/node_modules"
chown -R nobody "$home"
# Two tests of this script may not share the port.
setpriv --reuid nobody --regid nogroup --clear-groups env HOME="$home" PORT=8712 DATA_DIR="$home/data" \
  bash "$home/mainstay/.ci/smoke.sh"
