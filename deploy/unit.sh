#!/bin/sh
# What a systemd unit or a container runs: unit.sh web | worker | relay; the demonstration also: unit.sh fakes --app …
set -eu
cd "$(dirname "$0")/.."
case "$1" in
  web) exec .venv/bin/python -m gunicorn -c deploy/gunicorn.conf.py wsgi:app ;;
  worker | relay | fakes) exec .venv/bin/python -m app.cli "$@" ;;
  *) echo "unit.sh web|worker|relay" >&2; exit 2 ;;
esac
