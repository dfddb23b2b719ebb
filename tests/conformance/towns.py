"""Towns of other profiles beside the shared one, in the same deployment, and a look at what runs in the background."""

from __future__ import annotations

from scenario import World

from app import clock
from app.db import Database
from app.evidence.storage import DiskStore
from app.journal import relay, tasks
from app.subscribers import PLANNERS, REACTIONS
from app.worker import Context, perform_with


def town(shared: World, profile: str) -> World:
    """The town under another profile; made once for each shared database."""
    if profile == shared.profile:
        return shared
    known: dict[str, World] = shared.app.extensions.setdefault("doorstep.test_towns", {})
    if profile not in known:
        known[profile] = World(shared.app, profile)
    return known[profile]


def work(world: World) -> None:
    """Do in this process what relay and worker would do by now: events become tasks, tasks are done."""
    database: Database = world.database
    config = world.app.extensions["doorstep.config"]
    context = Context(config, database, DiskStore(config.evidence_dir))
    while True:
        events, _ = relay.relay(database, REACTIONS, clock.now(), PLANNERS)
        with database.read() as session:
            due = tasks.due(session, clock.now())
        for task_id in due:
            perform_with(context, task_id)
        if not events and not due:
            return
