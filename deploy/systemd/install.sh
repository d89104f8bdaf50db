#!/bin/sh
# Installs or upgrades Mainstay on a Debian or Ubuntu server from an unpacked release (scripts/package.sh):
#   sudo mainstay-0.1.0/deploy/systemd/install.sh
# Keeps settings and certificates that are there, and the earlier releases for a roll-back. Run it as often as you like.
set -eu
[ "$(id -u)" -eq 0 ] || { echo 'Run me as root.' >&2; exit 1; }
source=$(cd "$(dirname "$0")/../.." && pwd)
version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$source/package.json")
release=/opt/mainstay/releases/$version

getent passwd mainstay >/dev/null || useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin mainstay
# nginx opens the API's socket by this group.
if getent passwd www-data >/dev/null; then usermod -aG mainstay www-data; fi

if [ "$source" != "$release" ]; then
  mkdir -p /opt/mainstay/releases
  rm -rf "$release.new"
  cp -R "$source" "$release.new"
  chown -R root:root "$release.new"
  chmod -R go-w "$release.new"
  rm -rf "$release"
  mv "$release.new" "$release"
fi

install -d -m 0750 -o root -g mainstay /etc/mainstay
if [ ! -f /etc/mainstay/mainstay.env ]; then
  workers=$(nproc)
  [ "$workers" -le 4 ] || workers=4
  install -m 0640 -o root -g mainstay /dev/null /etc/mainstay/mainstay.env
  cat >/etc/mainstay/mainstay.env <<ENV
# Settings of docs/configuration.md. After a change: systemctl restart mainstay
DATABASE_URL=
REDIS_URL=redis://127.0.0.1:6379
SECRET_KEY=$(openssl rand -hex 48)
SOCKET_PATH=/run/mainstay/mainstay.sock
# nginx is believed when it tells a client's address.
TRUSTED_PROXIES=127.0.0.1
METRICS_PORT=9000
HOST=127.0.0.1
DOCS_ENABLED=true
WEB_CONCURRENCY=$workers
# The share of the unit's memory (MemoryMax) that the heap of each worker may take.
NODE_OPTIONS="--max-old-space-size-percentage=$((65 / workers))"
DRAIN_DELAY=0
GRACEFUL_TIMEOUT=30
ENV
  echo 'Written: /etc/mainstay/mainstay.env. Set DATABASE_URL there.'
fi
install -d -m 0700 -o mainstay -g mainstay /var/backups/mainstay

install -d -m 0755 /etc/mainstay/tls
if [ ! -f /etc/mainstay/tls/tls.key ]; then
  (umask 077 && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 -subj "/CN=$(hostname)" \
    -addext "subjectAltName=DNS:$(hostname),DNS:localhost" -keyout /etc/mainstay/tls/tls.key -out /etc/mainstay/tls/tls.crt 2>/dev/null)
  echo 'Self-signed certificate in /etc/mainstay/tls: replace tls.crt and tls.key by your own.'
fi

for unit in mainstay.service mainstay-backup.service mainstay-backup.timer; do
  install -m 0644 "$release/deploy/systemd/$unit" /etc/systemd/system/
done
ln -sfn "$release" /opt/mainstay/current
systemctl daemon-reload
systemctl enable --quiet mainstay.service mainstay-backup.timer

if [ -d /etc/nginx/sites-available ]; then
  install -m 0644 "$release/deploy/nginx/mainstay-locations.conf" /etc/nginx/
  install -m 0644 "$release/deploy/nginx/mainstay.conf" /etc/nginx/sites-available/mainstay
  # Before 1.25.1 HTTP/2 is switched on where nginx listens.
  nginx_version=$(nginx -v 2>&1 | sed 's|.*/||; s| .*||')
  if [ "$(printf '%s\n1.25.1\n' "$nginx_version" | sort -V | head -1)" != 1.25.1 ]; then
    sed -i '/http2 on;/d; s/443 ssl;/443 ssl http2;/' /etc/nginx/sites-available/mainstay
  fi
  ln -sf ../sites-available/mainstay /etc/nginx/sites-enabled/mainstay
  # Debian's welcome page answers to any name, as this site does.
  rm -f /etc/nginx/sites-enabled/default
  nginx -t -q
  systemctl restart nginx
fi

if grep -q '^DATABASE_URL=.' /etc/mainstay/mainstay.env; then
  systemctl restart mainstay.service
  echo "Mainstay $version runs: systemctl status mainstay"
else
  echo 'Set DATABASE_URL in /etc/mainstay/mainstay.env, then: systemctl start mainstay'
fi
