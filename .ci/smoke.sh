#!/usr/bin/env bash
# The README's start command, for real: a first start, a second that keeps the data, a kill -9, and a start after it.
set -euo pipefail
cd "$(dirname "$0")/.."
export PORT=${PORT:-8711} DATA_DIR=${DATA_DIR:-$(mktemp -d)/data}
api=http://127.0.0.1:$PORT

start() {
  npm start >"$DATA_DIR.log" 2>&1 &
  npm_pid=$!
  for _ in $(seq 600); do
    curl -sf "$api/health/ready" >/dev/null && return
    kill -0 $npm_pid 2>/dev/null || break
    sleep 0.1
  done
  echo 'It did not become ready:' && cat "$DATA_DIR.log"
  exit 1
}

# The server itself, as its log names it.
server_pid() {
  grep -o '"pid":[0-9]*' "$DATA_DIR.log" | tail -n 1 | grep -o '[0-9]*'
}

# A step that fails must not leave the server behind.
trap 'kill -KILL "$(server_pid)" 2>/dev/null || true' EXIT

login() {
  curl -sf "$api/api/v1/auth/login" -H 'Content-Type: application/json' \
    -d '{"username": "smoke", "password": "Quiet-Harbour-47"}' | grep -q accessToken
}

start
curl -sf "$api/health" | grep -q '"status":"ok"'
curl -sf "$api/docs" >/dev/null
curl -sf "$api/api/v1/auth/register" -H 'Content-Type: application/json' \
  -d '{"username": "smoke", "email": "smoke@example.com", "password": "Quiet-Harbour-47"}' >/dev/null
kill -TERM "$(server_pid)"
wait $npm_pid

start
login
kill -KILL "$(server_pid)"
wait $npm_pid || true

start
login
kill -TERM "$(server_pid)"
wait $npm_pid
echo 'started three times, kept its data, survived a kill'
