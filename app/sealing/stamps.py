"""Having a day's root stamped: asked for after sealing, tried until it succeeds, each failure visible."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import requests
from cryptography import x509
from sqlalchemy.orm import Session
from urllib3.exceptions import HTTPError

from app.channels.egress import OutsideSession
from app.db import Database
from app.journal import tasks
from app.sealing import authority, queries
from app.sealing.models import DayRoot, RootStamp

TASK: Final = "stamp"
TIMEOUT: Final = (5.0, 10.0)
"""Seconds to connect and to wait for each piece of the answer; `channels.egress` bounds the whole call."""
PAUSES: Final = tuple(timedelta(minutes=m) for m in (0.5, 1, 5, 15, 30, 60, 120, 240, 360))
"""Pause after each failed attempt; the last one is repeated for as long as it takes."""
ANSWER_BYTES: Final = 64 * 1024
"""An answer carries the authority's certificates: some kilobytes."""
_ASKS: Final = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


@dataclass(frozen=True, slots=True)
class Authority:
    """Where stamps come from; `ca_file` are the certificates it must lead to, None for those browsers trust."""

    url: str
    ca_file: Path | None = None

    @property
    def name(self) -> str:
        """Its host, for people."""
        return urlsplit(self.url).hostname or ""

    def certificates(self) -> list[x509.Certificate]:
        """Return what its answers must lead to. Raises `ValueError`, `OSError` when the file is none."""
        if self.ca_file is None:
            return authority.public_authorities()
        return authority.read_authorities(self.ca_file.read_bytes())


def ask_due(database: Database, asked: Authority, at: datetime) -> None:
    """Ask for the newest root's stamp if nobody has yet. It stands for the days before as well: roots are linked."""
    with database.read() as session:
        newest = queries.roots(session, limit=1)
    if not newest or newest[0][1] is not None:
        return
    day = newest[0][0].day
    with database.unit_of_work() as session:
        if session.get(RootStamp, day) is None:
            session.add(RootStamp(day=day, authority=asked.name, attempts=0, next_at=at))
            tasks.ask(session, [(TASK, day.isoformat())], at)


def stamp(database: Database, asked: Authority | None, ref: str, at: datetime) -> None:
    """Try once to have a day's root stamped and write down how it went. The network is in no transaction."""
    day = date.fromisoformat(ref)
    with database.unit_of_work() as session:
        row = session.get(RootStamp, day, with_for_update=True)
        if row is None or row.answer is not None:
            return
        row.attempts += 1
        text = session.get_one(DayRoot, day).document
    if asked is None:
        found: authority.Stamp | str = "没有配置时间戳服务"
        answer = b""
    else:
        found, answer = _fetch(asked, text)
    with database.unit_of_work() as session:
        _note(session, day, asked, found, answer, at)


def _fetch(asked: Authority, text: str) -> tuple[authority.Stamp | str, bytes]:
    """Return the stamp, or what went wrong in a few words."""
    request = authority.request_for(text)
    # The operator named the address: it may well be inside the government's own network.
    with OutsideSession(anywhere=True, answer_bytes=ANSWER_BYTES) as session:
        try:
            response = session.post(asked.url, data=request.as_bytes(), headers=_ASKS, timeout=TIMEOUT)
            if response.status_code != 200:
                return f"时间戳服务答复 HTTP {response.status_code}", b""
            return authority.check(response.content, text, asked.certificates(), request), response.content
        except authority.StampInvalid as error:
            return str(error), b""
        except requests.Timeout:
            return "时间戳服务没有及时回答", b""
        except (requests.RequestException, HTTPError):
            return "连不上时间戳服务", b""
        except (OSError, ValueError):
            return "TSA_CA 指定的证书文件不可用", b""


def _note(
    session: Session, day: date, asked: Authority | None, found: authority.Stamp | str, answer: bytes, at: datetime
) -> None:
    row = session.get_one(RootStamp, day, with_for_update=True)
    if row.answer is not None:
        return
    if isinstance(found, authority.Stamp):
        row.answer, row.stamped_at, row.error, row.next_at = answer, found.at, None, None
        row.authority = (found.name or row.authority)[:200]
        return
    row.error = found
    row.next_at = at + PAUSES[min(row.attempts, len(PAUSES)) - 1]
    if asked is not None:
        row.authority = asked.name[:200]
    tasks.ask(session, [(TASK, day.isoformat())], at, run_after=row.next_at)
