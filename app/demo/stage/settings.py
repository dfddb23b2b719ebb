"""Ports and secrets of the stage: chosen once for a VAR_DIR and kept, so that what was set up still fits next time."""

from __future__ import annotations

import base64
import json
import os
import secrets
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

FILE: Final = "demo-stage.json"
APP_ID: Final = "wx-demo"
CORP_ID: Final = "ww-demo"
AGENT: Final = "1000001"
MAILBOX: Final = "demo"
SENDER: Final = "demo@example.org"
FORM: Final = "thing1=title;character_string2=number;time3=due_time;thing4=unit"
PLAIN: Final = "thing1=title;time5=at_time;thing4=unit"
"""For what has no deadline: a form that asks for one would show another instant in its place."""
FORM_LABELS: Final = {
    "time5": "提醒时间",
    "thing1": "提醒内容",
    "character_string2": "工单编号",
    "time3": "截止时间",
    "thing4": "承办单位",
}


@dataclass
class Settings:
    """What `VAR_DIR/demo-stage.json` says."""

    ports: dict[str, int] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, var_dir: Path) -> Settings:
        """Return what the last start left, with new secrets where there are none."""
        try:
            kept = json.loads((var_dir / FILE).read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            kept = {}
        fresh = {name: secrets.token_hex(16) for name in ("app_secret", "token", "wecom", "sms", "mail", "robot")}
        fresh["aes_key"] = base64.b64encode(os.urandom(32)).decode().rstrip("=")
        return cls(dict(kept.get("ports", {})), fresh | kept.get("secrets", {}))

    def write(self, var_dir: Path) -> None:
        """Keep it, for this account's eyes only."""
        path = var_dir / FILE
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump({"ports": self.ports, "secrets": self.secrets}, file)

    def port(self, name: str) -> int:
        """Return the port of the last start if it is still free, else 0: the system chooses."""
        kept = self.ports.get(name, 0)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", kept))
            except OSError:
                return 0
        return kept
