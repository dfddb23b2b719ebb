"""A town whose tickets are sealed and stamped, and bundles made of them by the worker's own code."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from lasting import ENGINES, fresh_database, world_on
from scenario import Phone, World
from sealing.tsa import Authority

from app import clock
from app.evidence.storage import DiskStore
from app.ids import new_id
from app.relay_process import RelayProcess
from app.sealing import queries, stamps
from app.sealing.keys import public_hex
from app.sealing.seal import seal_due
from app.worker import Context, perform_with
from config import Config


@dataclasses.dataclass
class Town:
    """The world and what stands behind it."""

    world: World
    tsa: Authority
    folder: Path

    @property
    def config(self) -> Config:
        found: Config = self.world.app.extensions["doorstep.config"]
        return found

    @property
    def ca(self) -> str:
        return str(self.config.tsa_ca)

    def perform(self, task_id: str) -> None:
        context = Context(self.config, self.world.database, DiskStore(self.config.evidence_dir))
        perform_with(context, task_id)

    def relay(self) -> None:
        RelayProcess(self.config, self.world.database, None).relay()

    def seal(self, days: int = 1) -> list[date]:
        """Let so many days pass, and have the newest root stamped."""
        at = clock.now() + timedelta(days=days)
        done = seal_due(self.world.database, self.config.seal_zone, public_hex(self.config.secret_key), at)
        authority = stamps.Authority(self.tsa.url, self.config.tsa_ca)
        stamps.ask_due(self.world.database, authority, clock.now())
        with self.world.database.read() as session:
            newest = queries.latest(session)
        assert newest is not None
        self.perform(f"stamp:{newest.day.isoformat()}")
        return done

    def handled(self) -> str:
        """A ticket with a visit, two photos and a recording's worth of reply, closed."""
        ticket_id = self.world.closed()
        for piece in self.world.station.detail(ticket_id)["evidence"]:
            self.relay()
            self.perform(f"render:{piece['id']}")
        return ticket_id

    def ask(self, ticket_id: str, who: Phone | None = None, **args: object) -> str:
        bundle_id = new_id()
        given = {"bundle_id": bundle_id, "reason": "上级提级核查", "unmasked": False} | args
        (who or self.world.phone("supervisor")).do("bundle.make", ticket_id, **given)
        return bundle_id

    def made(self, ticket_id: str, who: Phone | None = None, **args: object) -> str:
        bundle_id = self.ask(ticket_id, who, **args)
        self.relay()
        self.perform(f"bundle:{bundle_id}")
        return bundle_id

    def fetch(self, bundle_id: str, who: Phone | None = None) -> bytes:
        answer = (who or self.world.phone("supervisor")).call("GET", f"/api/v1/bundles/{bundle_id}/file")
        assert answer.status_code == 200, answer.text
        return bytes(answer.data)

    def file(self, ticket_id: str, name: str = "bundle.zip", **args: object) -> Path:
        path = self.folder / name
        path.write_bytes(self.fetch(self.made(ticket_id, **args)))
        return path


@pytest.fixture(scope="module", params=ENGINES)
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, redis_server: str) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with Authority() as tsa, fresh_database(request.param, request, folder) as url:
        world = world_on(url, folder, redis_url=redis_server, tsa_url=tsa.url, tsa_ca=tsa.ca_file(folder))
        yield Town(world, tsa, folder)
        world.database.engine.dispose()
