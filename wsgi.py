"""Entry point for WSGI servers: `wsgi:app`."""

from __future__ import annotations

from app.factory import create_app
from config import Config

app = create_app(Config.from_environ())
