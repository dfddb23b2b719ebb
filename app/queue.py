"""The way to Redis: connection, doorbell, queues. Everything here may fail without harm; the sweep repairs it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from typing import Any, Final, cast
from uuid import uuid4

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue, Worker
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.executions import ExecutionRegistry
from rq.job import Job, JobStatus
from rq.registry import StartedJobRegistry
from rq.serializers import JSONSerializer

PROMPT: Final = "prompt"
"""What a person waits for: pushes, replanning. Asked first, so that a pile of photos does not hold it up."""
MEDIA: Final = "media"
QUEUES: Final = (PROMPT, MEDIA)
_MEDIA_TASKS: Final = (
    "render",
    "prints",
    "webhook",
    "stamp",
    "bundle",
    "findings",
    "findings_back",
    "findings_again",
    "replan",
)
"""What may take long, or waits for strangers; a file of requests is read while somebody watches."""
PERFORM: Final = "app.worker.perform"
JOB_SECONDS: Final = 600
"""Hard limit of one job; a 100 MB recording takes two minutes here."""
_BELL: Final = "doorstep:bell"
_LATEST: Final = "doorstep:latest:{}"
_PAUSE: Final = 5.0

_log = logging.getLogger(__name__)


def connect(url: str) -> redis.Redis:
    """Return a connection for workers and the relay; it waits for answers and notices a dead peer."""
    # One retry for a connection that died in the pool; longer waiting is for the callers' own loops to decide.
    return redis.Redis.from_url(
        url, health_check_interval=15, socket_connect_timeout=5, socket_keepalive=True, retry=Retry(NoBackoff(), 1)
    )


class Doorbell:
    """Tells the relay that there is something in the journal. Ringing never raises and never takes long.

    After a failure nobody rings for five seconds: with Redis gone a command must not pay a timeout each.
    """

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._redis: redis.Redis | None = None
        self._silent_until = 0.0
        self._making = threading.Lock()

    def ring(self) -> None:
        """Wake one relay, if there is one listening."""
        if self._url is None or time.monotonic() < self._silent_until:
            return
        try:
            pipe = self._client().pipeline(transaction=False)
            pipe.lpush(_BELL, 1)
            pipe.ltrim(_BELL, 0, 3)
            pipe.execute()
        except redis.RedisError as error:
            self._silent_until = time.monotonic() + _PAUSE
            _log.warning("doorbell out of order, the sweep will find the work: %s", error)

    def _client(self) -> redis.Redis:
        # Made on first use: gunicorn forks after the application was built, and sockets must not be shared.
        with self._making:
            if self._redis is None:
                self._redis = redis.Redis.from_url(
                    cast(str, self._url), socket_timeout=0.3, socket_connect_timeout=0.3, retry=Retry(NoBackoff(), 0)
                )
            return self._redis


def wait_for_bell(connection: redis.Redis, seconds: float) -> None:
    """Return when somebody rings, and at the latest after `seconds`. Raises `redis.RedisError` when Redis is gone."""
    connection.blpop([_BELL], timeout=seconds)
    connection.delete(_BELL)


def queues(connection: redis.Redis) -> list[Queue]:
    """Return the queues in the order workers ask them."""
    # JSON, not pickle: job arguments are ids, and whoever can write to Redis must not be able to run code here.
    return [Queue(name, connection=connection, serializer=JSONSerializer) for name in QUEUES]


def enqueue(connection: redis.Redis, task_ids: Iterable[str]) -> int:
    """Put tasks into their queues, each at most once, and return how many were new there.

    Raises `redis.RedisError`; the tasks stay due in the database.
    """
    return sum(_enqueue_one(_queue_of(connection, task_id), task_id) for task_id in task_ids)


def workers(connection: redis.Redis) -> int:
    """Return how many workers there are; one that died counts for a while. Raises `redis.RedisError`."""
    return Worker.count(connection=connection)


def ring(connection: redis.Redis, task_id: str) -> bool:
    """Put a task that comes again and again into its queue, unless it waits there or runs; return whether it is new.

    Each time as a job of its own name: a heartbeat of RQ's that crosses the end of a job writes half an entry about it
    anew, on which the next job of that name would fail until it expires. Raises `redis.RedisError`.
    """
    queue, latest = _queue_of(connection, task_id), _LATEST.format(task_id)
    known = cast(bytes | None, connection.get(latest))
    if known is not None and _alive(queue, known.decode()):
        return False
    job = f"{job_id(task_id)}_{uuid4().hex}"
    connection.set(latest, job, ex=2 * JOB_SECONDS)
    queue.enqueue_call(PERFORM, **_arguments(task_id, job))
    return True


def _queue_of(connection: redis.Redis, task_id: str) -> Queue:
    name = MEDIA if task_id.partition(":")[0] in _MEDIA_TASKS else PROMPT
    return next(queue for queue in queues(connection) if queue.name == name)


def _arguments(task_id: str, job: str) -> dict[str, Any]:
    return {
        "args": (task_id,), "job_id": job, "unique": True, "timeout": JOB_SECONDS, "result_ttl": 0,
        "failure_ttl": 3600, "description": task_id,
    }  # fmt: skip


def _enqueue_one(queue: Queue, task_id: str) -> bool:
    arguments = _arguments(task_id, job_id(task_id))
    try:
        queue.enqueue_call(PERFORM, **arguments)
    except DuplicateJobError:
        if _alive(queue, job_id(task_id)):
            return False
        _forget(queue, job_id(task_id))
        try:
            queue.enqueue_call(PERFORM, **arguments)
        except DuplicateJobError:
            return False
    return True


def job_id(task_id: str) -> str:
    """Return the job's id: RQ allows letters, digits, dashes and underscores only."""
    return task_id.replace(":", "_")


def _alive(queue: Queue, job: str) -> bool:
    """Return whether a job of that id is still going to run, or is running: anything else is a leftover."""
    try:
        status = Job.fetch(job, connection=queue.connection, serializer=JSONSerializer).get_status(refresh=False)
    except NoSuchJobError:
        return False
    if status == JobStatus.QUEUED:
        waiting = queue.connection.lpos(queue.key, job) is not None
        return waiting or queue.connection.lpos(queue.intermediate_queue_key, job) is not None
    return status == JobStatus.STARTED


def _forget(queue: Queue, job: str) -> None:
    try:
        Job.fetch(job, connection=queue.connection, serializer=JSONSerializer).delete()
    except NoSuchJobError:
        return
    except (KeyError, ValueError):
        # Half an entry, as `ring` has it; here the name must stay, so what is broken goes by hand.
        queue.connection.delete(Job.key_for(job), ExecutionRegistry.key_template.format(job))


def tidy(connection: redis.Redis) -> None:
    """Let RQ notice jobs whose worker was killed; without this they count as running for ever."""
    for queue in queues(connection):
        StartedJobRegistry(queue=queue, serializer=JSONSerializer).cleanup()
