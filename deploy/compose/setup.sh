#!/bin/sh
# Prepares docker-compose.yml: writes the missing secrets to .env and makes a self-signed certificate. Run it again
# whenever you like; what is there stays. Needs openssl.
set -eu
cd "$(dirname "$0")/../.."
umask 077
touch .env

# secret NAME BYTES
secret() {
  grep -q "^$1=." .env && return
  printf '%s=%s\n' "$1" "$(openssl rand -hex "$2")" >>.env
  echo "$1 written to .env"
}
secret POSTGRES_PASSWORD 24
secret SECRET_KEY 48
secret GRAFANA_PASSWORD 12
# Backups belong to whoever runs this.
grep -q '^BACKUP_USER=.' .env || printf 'BACKUP_USER=%s:%s\n' "$(id -u)" "$(id -g)" >>.env
mkdir -p backups

tls=deploy/compose/tls
if [ ! -f "$tls/tls.key" ]; then
  mkdir -p "$tls"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 -subj /CN=localhost \
    -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -keyout "$tls/tls.key" -out "$tls/tls.crt" 2>/dev/null
  # nginx reads them as its own user.
  chmod 755 "$tls" && chmod 644 "$tls/tls.key" "$tls/tls.crt"
  echo "Self-signed certificate for localhost in $tls: put your own tls.crt and tls.key there"
fi
echo 'Next: docker compose up -d --build'
