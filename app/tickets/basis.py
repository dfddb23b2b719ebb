"""What one answer reads of its tickets once, for every package that adds to their details."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Label, bindparam, exists
from sqlalchemy.engine import Row

from app.db import Base

IDS: Any = bindparam("ids", expanding=True)
"""The tickets that a statement is about. What every answer asks is put together once, at import: building a statement
costs as much as running it."""


@dataclass(frozen=True, slots=True)
class Basis:
    """Tickets as read for one answer.

    `rows` are the tickets' own, with the names of `unit`, `handler` and `reporter` and the `binding` of the present
    assignment; `clocks` come in the order in which they are due. `filled` are the tables that have anything of any
    of these tickets: most tickets have rows in a few of many tables, and the others need not be asked.
    """

    rows: Mapping[str, Row[Any]]
    clocks: Mapping[str, Sequence[Row[Any]]]
    filled: Collection[str]

    @property
    def ids(self) -> list[str]:
        """The tickets that were found."""
        return list(self.rows)


def anything_in(*models: type[Base]) -> tuple[Label[bool], ...]:
    """Return for each table, under its name, the question whether it has anything of the tickets `IDS`."""
    return tuple(exists().where(m.__table__.c.ticket_id.in_(IDS)).label(m.__tablename__) for m in models)


def asked(model: type[Base], filled: Collection[str] | None) -> bool:
    """Return whether a table has to be asked; None says that nobody has looked which are filled."""
    return filled is None or model.__tablename__ in filled
