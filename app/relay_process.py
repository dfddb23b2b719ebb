"""The one supervised process that keeps things moving: journal → tasks → queues, and the tick of the reminders.

Several may run at once harmlessly. Every step is guarded on its own: with Redis gone reminders still fire, with the
database locked for a moment the next round simply comes.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import redis

from app import clock, queue
from app.bundles import jobs as bundles
from app.db import Database
from app.evidence import prints
from app.evidence.storage import DiskStore
from app.evidence.uploads import Uploads
from app.intake import files
from app.journal import relay, tasks
from app.oversight import telling
from app.oversight.escalations import jobs as escalations
from app.oversight.findings import jobs as findings
from app.oversight.inspections import drawing, rectifying
from app.reminders import jobs as reminders
from app.reminders import runs
from app.reminders.daily import remind_daily
from app.reminders.reach import check_reach
from app.reminders.taking_queries import due_channels
from app.requests.suspension import resume_due
from app.sealing import stamps
from app.sealing.keys import public_hex
from app.sealing.seal import seal_due
from app.subscribers import PLANNERS, PUSH, REACTIONS
from config import Config

_log = logging.getLogger(__name__)
ROUND: Final = 2.0
"""Seconds between looks at the journal when nobody rings."""
SWEEP: Final = 10.0
"""Seconds between sweeps: the time after which work lost with Redis is queued again."""
TICK: Final = 3.0
"""Seconds between ticks: a new ticket is told of within a few seconds; with nothing due a tick is four small reads."""
LATE: Final = timedelta(seconds=5)
"""A delivery that has been due for so long has a busy sender, or a dead one: others are called."""
SENDERS: Final = {"sqlite": 2, "postgresql": 8}
"""As many at once at most: more would be in each other's way in the database. Two, for one of them may be dead."""
WATCH: Final = 60.0
"""Seconds between looks at what is counted in days and hours: escalations, helpers' reports."""
RESUME: Final = 60.0
"""Seconds between looks for suspensions that have run out."""
SEAL: Final = 60.0
"""Seconds between looks whether a day is over that has no seal yet."""
HOUSEKEEPING: Final = 3600.0


class RelayProcess:
    """The steps of the loop; each can be called by itself."""

    def __init__(self, config: Config, database: Database, connection: redis.Redis | None) -> None:
        self._database = database
        self._redis = connection
        self._intake_dir, self._bundle_dir = config.intake_dir, config.bundle_dir
        self._zone, self._key = config.seal_zone, public_hex(config.secret_key)
        self._authority = stamps.Authority(config.tsa_url, config.tsa_ca) if config.tsa_url else None
        self._uploads = Uploads(config.upload_dir, DiskStore(config.evidence_dir))

    def relay(self) -> None:
        """Turn new events into tasks and queue them."""
        events = relay.BATCH
        while events == relay.BATCH:
            events, task_ids = relay.relay(self._database, REACTIONS, clock.now(), PLANNERS)
            self._enqueue(task_ids)

    def post(self) -> None:
        """Ring for a sender while a delivery is due, for all workers when one has been waiting.

        That goes by the table at every look, so that it does not matter what Redis has forgotten or which worker died.
        """
        if self._redis is None:
            return
        at = clock.now()
        with self._database.read() as session:
            since = min(due_channels(session, at).values(), default=None)
        if since is not None:
            most = SENDERS[self._database.engine.dialect.name]
            senders = 1 if at - since < LATE else max(1, min(queue.workers(self._redis), most))
            for number in range(1, senders + 1):
                queue.ring(self._redis, tasks.task_id(PUSH, str(number)))

    def sweep(self) -> None:
        """Queue every task that is due and not already there."""
        if self._redis is not None:
            queue.tidy(self._redis)
        with self._database.read() as session:
            due = tasks.due(session, clock.now())
        self._enqueue(due)

    def tick(self) -> bool:
        """Fire the reminders that are due; return whether there may be more than one round of them."""
        return reminders.tick(self._database, clock.now()) >= reminders.ROUND // 2

    def watch(self) -> None:
        """Lift what nobody concluded in time, tell of helpers who are late, look again where rules have changed."""
        escalations.lift_overdue(self._database, clock.now())
        telling.tell_of_late_helpers(self._database, clock.now())
        findings.begin_due(self._database, clock.now())
        runs.begin_due(self._database, clock.now())

    def look_round(self) -> None:
        """Send the daily reminder and the weekly trial of who can be reached where their time has come."""
        remind_daily(self._database, clock.now())
        check_reach(self._database, clock.now())

    def inspect(self) -> None:
        """Commit to seeds, draw the samples that are due, tell of what has been decided and of limits."""
        drawing.tick(self._database, clock.now())
        rectifying.tell_due(self._database, clock.now())

    def resume(self) -> None:
        """Resume the tickets whose suspension has run out."""
        resume_due(self._database, clock.now())

    def seal(self) -> None:
        """Seal the days that are over, and ask for the newest seal's stamp where an authority is configured (A3)."""
        seal_due(self._database, self._zone, self._key, clock.now())
        if self._authority is not None:
            stamps.ask_due(self._database, self._authority, clock.now())

    def keep_house(self) -> None:
        """Forget old uploads and bundles and tasks done long ago; have photos of before an upgrade recognised."""
        self._uploads.expire(clock.now())
        bundles.expire(self._database, self._bundle_dir, clock.now())
        files.prune(self._database, self._intake_dir, clock.now())
        prints.ask(self._database, clock.now())
        with self._database.unit_of_work() as session:
            tasks.prune(session, clock.now())

    def wait(self, stopping: threading.Event) -> None:
        """Return when the bell rings, after a round, or when stopping."""
        if self._redis is None:
            stopping.wait(ROUND)
            return
        try:
            queue.wait_for_bell(self._redis, ROUND)
        except redis.RedisError:
            stopping.wait(ROUND)

    def _enqueue(self, task_ids: list[str]) -> None:
        if task_ids and self._redis is not None:
            queue.enqueue(self._redis, task_ids)


class _Every:
    """Runs a step when its time has come and survives whatever it raises; one that says there is more runs again."""

    def __init__(self, seconds: float, step: Callable[[], bool | None]) -> None:
        self._seconds, self._step = seconds, step
        self._next = 0.0

    def __call__(self) -> bool:
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + self._seconds
        try:
            if self._step():
                self._next = 0.0
                return True
        except redis.RedisError as error:
            _log.warning("Redis does not answer, work stays due: %s", error)
        except Exception:
            # The next round tries again; a loop that ended here would silently stop every reminder.
            _log.exception("step %s failed", self._step.__name__)
        return False


def run(config: Config) -> None:
    """Keep things moving until told to stop."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    stopping = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())
    connection = queue.connect(config.redis_url) if config.redis_url else None
    process = RelayProcess(config, Database(config.database_url, pool_size=2), connection)
    steps = [
        _Every(0, process.relay),
        _Every(TICK, process.tick),
        _Every(0, process.post),
        _Every(SWEEP, process.sweep),
        _Every(RESUME, process.resume),
        _Every(WATCH, process.watch),
        _Every(WATCH, process.look_round),
        _Every(SEAL, process.seal),
        _Every(WATCH, process.inspect),
        _Every(HOUSEKEEPING, process.keep_house),
    ]
    while not stopping.is_set():
        more = [step() for step in steps]
        if not any(more):
            process.wait(stopping)
