"""The stage as a process: services up, channels led to them, until told to stop."""

from __future__ import annotations

import signal
import threading

from app import clock
from app.db import Database
from app.demo.stage.desk import StageDesk
from app.demo.stage.services import standing
from app.demo.stage.settings import Settings
from app.demo.stage.setup import set_up
from config import Config


class OnlyInDemonstration(Exception):
    """Fakes were asked for where people work."""


def run(config: Config, app: str) -> None:
    """Keep the stage standing. `app` is where the product answers. Raises `OnlyInDemonstration` unless `DEMO=1`."""
    if not config.demo:
        raise OnlyInDemonstration
    stopping = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())
    settings = Settings.read(config.var_dir)
    with standing(settings) as stage, StageDesk(stage, app, settings.port("desk")) as desk:
        database = Database(config.database_url, pool_size=2)
        settings.ports = {**stage.ports, "desk": desk.port}
        settings.write(config.var_dir)
        set_up(database, config, stage, settings, app, clock.now())
        database.engine.dispose()
        stopping.wait()
