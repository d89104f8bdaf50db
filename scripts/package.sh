#!/bin/sh
# Packs a release for a plain server: dist, production packages with the pinned Node, deploy and docs.
#   scripts/package.sh [DIR]    writes DIR/mainstay-<version>-<os>-<cpu>.tar.gz (DIR: the working directory)
# Needs npm and the network. Runs on the same kind of system and processor as the server.
set -eu
out=$(cd "${1:-.}" && pwd)
cd "$(dirname "$0")/.."
version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
release=$work/mainstay-$version

npm run --silent build
mkdir -p "$release/bin"
cp -R package.json package-lock.json .npmrc LICENSE dist deploy "$release/"
[ ! -d docs ] || cp -R docs "$release/"
rm -rf "$release/deploy/compose/tls"
find "$release/dist" \( -name '*.map' -o -name .tsbuildinfo \) -delete
(cd "$release" && npm ci --silent --ignore-scripts --omit=dev && rm -rf node_modules/typescript)
node=$(cd "$release" && find node_modules -path "*/node-linux-*/bin/node")
ln -s "../$node" "$release/bin/node"
target=$("$release/bin/node" -p 'process.platform + "-" + process.arch')
tar -czf "$out/mainstay-$version-$target.tar.gz" -C "$work" "mainstay-$version"
echo "$out/mainstay-$version-$target.tar.gz"
