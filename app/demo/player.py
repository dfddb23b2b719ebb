"""Playing commands at chosen instants, as if they had been sent then."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.clock import Moment
from app.db import Database
from app.ids import new_id
from app.people.queries import actor_of
from app.sync.registry import REGISTRY


class Player:
    """Performs commands as named persons at instants that only go forward within one ticket."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def play(self, person_id: str, name: str, ticket_id: str | None, args: dict[str, Any], at: datetime) -> None:
        """Perform one command at `at` in its own unit of work. Raises `Problem` as the command would."""
        schema, function = REGISTRY[name]
        loaded = schema.load(args)
        with self._database.unit_of_work() as session:
            actor = actor_of(session, person_id, None, at)
            assert actor is not None, person_id
            moment = Moment(received=at, claimed=at, counted=at, command_id=new_id())
            function(session, actor, loaded | {"ticket_id": ticket_id}, moment)
