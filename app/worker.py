"""The worker: takes ids from the queues and does the work, each job in a process of its own.

A job that eats memory, hangs or crashes takes only its own process with it; the row in `tasks` says what it was doing.
"""

from __future__ import annotations

import logging
import resource
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from rq import Worker
from rq.serializers import JSONSerializer

from app import clock, queue
from app.db import Database
from app.evidence import jobs as evidence_jobs
from app.evidence import prints
from app.evidence.provenance import Signing
from app.evidence.storage import DiskStore, EvidenceStore
from app.journal import tasks
from app.journal.tasks import Attempt
from app.oversight import telling
from app.oversight.escalations import jobs as escalations
from app.oversight.findings import jobs as findings
from app.oversight.inspections import field as _field  # noqa: F401
from app.reminders import news, runs
from app.rulebook import recompute
from app.subscribers import (
    BUNDLE,
    ESCALATE,
    FINDINGS,
    FINDINGS_AGAIN,
    FINDINGS_BACK,
    INTAKE,
    PRINTS,
    PUSH,
    RECOMPUTE,
    RENDER,
    REPLAN,
    STAMP,
    TELL_STATION,
    TELL_UNITS,
    WEBHOOK,
)
from config import Config

_log = logging.getLogger(__name__)
STACK: Final = 512 * 1024
"""Bytes of each thread's stack, which counts as the job's memory: the usual 8 MB times a hundred would be too much."""
JOB_MEMORY: Final = 768 * 1024 * 1024
"""Bytes of data one job may allocate: a 50-megapixel HEIC needs 500 MB, a bomb stops here."""


@dataclass(frozen=True)
class Context:
    """What jobs work with."""

    config: Config
    database: Database
    store: EvidenceStore


@dataclass(frozen=True)
class Handler:
    """How a task is done, and what is noted when it has been given up."""

    run: Callable[[Context, str, datetime], None]
    give_up: Callable[[Context, str, datetime], None]


def _take_in(context: Context, file_id: str, at: datetime) -> None:
    # Imported in the job, like the next one: an idle worker need not hold a reader of workbooks.
    from app.intake import jobs

    jobs.work(context.database, context.config.intake_dir, file_id, at)


def _give_up_file(context: Context, file_id: str, at: datetime) -> None:
    from app.intake import jobs

    jobs.give_up(context.database, file_id, at)


def _tell(context: Context, delivery_id: str, _at: datetime) -> None:
    from app.intake import delivery
    from app.vault import Vault

    config = context.config
    delivery.deliver(context.database, Vault(config.secret_key), delivery_id, config.demo, clock.now)


def _give_up_telling(context: Context, delivery_id: str, at: datetime) -> None:
    from app.intake import delivery

    delivery.give_up(context.database, delivery_id, at)


def _make_bundle(context: Context, bundle_id: str, at: datetime) -> None:
    from app.bundles import jobs
    from app.sealing.keys import private_key

    config = context.config
    key = private_key(config.secret_key)
    workshop = jobs.Workshop(context.store, config.bundle_dir, key, config.tsa_ca)
    jobs.work(context.database, workshop, bundle_id, clock.now)


def _give_up_bundle(context: Context, bundle_id: str, at: datetime) -> None:
    from app.bundles import jobs

    jobs.give_up(context.database, bundle_id, at)


def _stamp(context: Context, day: str, at: datetime) -> None:
    from app.sealing import stamps

    config = context.config
    asked = stamps.Authority(config.tsa_url, config.tsa_ca) if config.tsa_url else None
    stamps.stamp(context.database, asked, day, at)


def _look(context: Context, ticket_id: str, at: datetime, back: bool = False) -> None:
    findings.look(context.database, context.store, ticket_id, at, back)


def _render(context: Context, evidence_id: str, at: datetime) -> None:
    signing = Signing.of(context.config.c2pa_cert, context.config.c2pa_key)
    evidence_jobs.render(context.database, context.store, evidence_id, at, signing)


HANDLERS: Final[dict[str, Handler]] = {
    INTAKE: Handler(run=_take_in, give_up=_give_up_file),
    WEBHOOK: Handler(run=_tell, give_up=_give_up_telling),
    BUNDLE: Handler(run=_make_bundle, give_up=_give_up_bundle),
    STAMP: Handler(
        run=_stamp,
        give_up=lambda c, ref, at: None,  # its row says that there is no stamp; the next day's stands for this one too
    ),
    RENDER: Handler(
        run=_render,
        give_up=lambda c, ref, at: evidence_jobs.give_up(c.database, ref, at),
    ),
    PRINTS: Handler(
        run=lambda c, ref, at: prints.work(c.database, c.store, at),
        give_up=lambda c, ref, at: None,  # the relay asks again within the hour
    ),
    TELL_STATION: Handler(
        run=lambda c, ref, at: news.tell_station(c.database, int(ref), at),
        # Nobody waits for it: the directory shows the change, and the task's row what went wrong.
        give_up=lambda c, ref, at: None,
    ),
    RECOMPUTE: Handler(
        run=lambda c, ref, at: recompute.work(c.database, ref, at),
        give_up=lambda c, ref, at: recompute.give_up(c.database, ref, at),
    ),
    REPLAN: Handler(
        run=lambda c, ref, at: runs.work(c.database, ref, clock.now),
        give_up=lambda c, ref, at: runs.give_up(c.database, ref, at),
    ),
    ESCALATE: Handler(
        run=lambda c, ref, at: escalations.look(c.database, ref, at),
        give_up=lambda c, ref, at: None,  # the next event on the ticket looks again
    ),
    FINDINGS: Handler(
        run=lambda c, ref, at: _look(c, ref, at),
        give_up=lambda c, ref, at: None,  # the next event on the ticket looks again
    ),
    FINDINGS_BACK: Handler(
        run=lambda c, ref, at: _look(c, ref, at, back=True),
        give_up=lambda c, ref, at: None,
    ),
    FINDINGS_AGAIN: Handler(
        run=lambda c, ref, at: findings.recompute(c.database, c.store, ref, at),
        give_up=lambda c, ref, at: findings.give_up(c.database, ref, at),
    ),
    TELL_UNITS: Handler(
        run=lambda c, ref, at: telling.tell_units(c.database, int(ref), at),
        give_up=lambda c, ref, at: None,  # what they would be told stands on the ticket
    ),
}


def _push(context: Context, _number: str) -> None:
    # Imported in the job: the push library brings 30 MB that an idle worker need not hold.
    from app.channels.egress import Kept
    from app.channels.exits import Exits
    from app.channels.jobs import Post, opener, send_due

    usual, kept = threading.stack_size(STACK), Kept()
    exits = Exits(context.config, context.database, kept)
    try:
        send_due(Post(context.database, opener(exits), context.config.public_url, exits.vault))
    finally:
        kept.close()
        threading.stack_size(usual)


ERRANDS: Final[dict[str, Callable[[Context, str], None]]] = {PUSH: _push}
"""Work whose own rows say what is due and how often it was tried; it has no row in `tasks`."""


class MemoryBoundWorker(Worker):
    """RQ's forking worker whose job processes have a bound on memory."""

    def main_work_horse(self, *args: Any, **kwargs: Any) -> Any:
        """Set the bound in the job's own process, then work."""
        resource.setrlimit(resource.RLIMIT_DATA, (JOB_MEMORY, JOB_MEMORY))
        return super().main_work_horse(*args, **kwargs)


_config: Config | None = None


def run(config: Config) -> None:
    """Work until told to stop; a job under way is finished first."""
    global _config
    if config.redis_url is None:
        raise SystemExit("未设置 REDIS_URL：后台处理需要 Redis。")
    _config = config
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    # Imported before the fork, once: every photo would otherwise pay 60 ms for it. PyAV is three times as large and
    # recordings are rare: it is left to the jobs that need it.
    import app.evidence.fingerprints
    import app.evidence.photos  # noqa: F401

    connection = queue.connect(config.redis_url)
    worker = MemoryBoundWorker(
        queue.queues(connection),
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=30,
        maintenance_interval=15,
        job_monitoring_interval=5,
        log_job_description=False,
    )
    worker.work(logging_level="WARNING")


def perform(task_id: str) -> None:
    """Do one task, in the job's process. What it raises ends in the task's row, not in RQ's own retries."""
    config = _config or Config.from_environ()
    database = Database(config.database_url, pool_size=4)
    perform_with(Context(config, database, DiskStore(config.evidence_dir)), task_id)


def perform_with(context: Context, task_id: str) -> None:
    """Do one task with what it needs at hand."""
    name, _, ref = task_id.partition(":")
    if name in ERRANDS:
        ERRANDS[name](context, ref)
        return
    at = clock.now()
    with context.database.unit_of_work() as session:
        attempt = tasks.begin(session, task_id, at)
    if attempt is None:
        return
    handler = HANDLERS[attempt.name]
    if tasks.exhausted(attempt):
        _failed(context, handler, attempt, "the process doing it died each time")
        return
    try:
        handler.run(context, attempt.ref, at)
    except Exception as error:
        # Everything a handler raises is kept with the task and tried again: also RQ's time limit.
        _log.exception("task %s failed", task_id)
        _failed(context, handler, attempt, f"{type(error).__name__}: {error}")
        return
    with context.database.unit_of_work() as session:
        tasks.finish(session, attempt, clock.now())


def _failed(context: Context, handler: Handler, attempt: Attempt, error: str) -> None:
    at = clock.now()
    last = attempt.number >= tasks.MAX_ATTEMPTS
    if last:
        # First told to those who wait, then closed: the other way round a crash in between would leave them waiting.
        handler.give_up(context, attempt.ref, at)
    with context.database.unit_of_work() as session:
        tasks.fail(session, attempt, error, at, final=last)
