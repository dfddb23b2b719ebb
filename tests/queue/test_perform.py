"""One task in its job: done once, tried again, given up with a word to those who wait."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import scenario
from click.testing import CliRunner
from evidence import corpus

from app import clock, worker
from app.cli import main
from app.evidence.storage import DiskStore
from app.journal import relay, tasks
from app.journal.models import Task
from app.subscribers import REACTIONS
from config import Config

CONTENT = corpus.turned(1)


@pytest.fixture
def context(world: scenario.World, config: Config) -> worker.Context:
    return worker.Context(config, world.database, DiskStore(config.evidence_dir))


@pytest.fixture
def evidence_id(world: scenario.World) -> str:
    evidence_id = world.liaison.declare(world.handling(), CONTENT, "before")
    assert world.liaison.upload(evidence_id, CONTENT).status_code == 204
    relay.relay(world.database, REACTIONS, clock.now())
    return evidence_id


@pytest.fixture
def run(context: worker.Context, evidence_id: str) -> Callable[[], Task]:
    def once() -> Task:
        with context.database.unit_of_work() as session:
            session.get_one(Task, f"render:{evidence_id}").run_after = clock.now()
        worker.perform_with(context, f"render:{evidence_id}")
        with context.database.read() as session:
            found = session.get_one(Task, f"render:{evidence_id}")
            session.expunge_all()
            return found

    return once


def originals(config: Config) -> Path:
    return config.evidence_dir / "originals"


def state(world: scenario.World, evidence_id: str) -> str:
    with world.database.read() as session:
        from app.evidence.models import Evidence

        return session.get_one(Evidence, evidence_id).state


def test_a_task_is_done_once(world: scenario.World, run: Callable[[], Task], evidence_id: str) -> None:
    assert run().state == tasks.DONE
    assert run().attempts == 1
    assert state(world, evidence_id) == "ready"


def test_a_disk_that_is_away_for_a_moment_costs_an_attempt_and_no_evidence(
    world: scenario.World, run: Callable[[], Task], evidence_id: str, config: Config
) -> None:
    originals(config).rename(config.evidence_dir / "away")
    failed = run()
    assert (failed.state, failed.attempts) == (tasks.DUE, 1) and "FileNotFoundError" in str(failed.error)
    assert state(world, evidence_id) == "received"
    (config.evidence_dir / "away").rename(originals(config))
    assert run().state == tasks.DONE
    assert state(world, evidence_id) == "ready"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_after_the_last_attempt_the_person_is_told_and_the_operator_can_retry(
    world: scenario.World, run: Callable[[], Task], evidence_id: str, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    originals(config).rename(config.evidence_dir / "away")
    outcomes = [run().state for _ in range(tasks.MAX_ATTEMPTS)]
    assert outcomes == [tasks.DUE] * (tasks.MAX_ATTEMPTS - 1) + [tasks.DEAD]
    assert state(world, evidence_id) == "rejected"
    for name, value in (("SECRET_KEY", config.secret_key), ("DATABASE_URL", config.database_url)):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("VAR_DIR", str(config.var_dir))
    told = CliRunner().invoke(main, ["tasks", "list", "--state", "dead"])
    assert told.exit_code == 0 and evidence_id in told.output and "FileNotFoundError" in told.output
    again = CliRunner().invoke(main, ["tasks", "retry", f"render:{evidence_id}"])
    assert again.exit_code == 0, again.output
    assert CliRunner().invoke(main, ["tasks", "retry", "render:nothing"]).exit_code != 0
    (config.evidence_dir / "away").rename(originals(config))
    assert run().state == tasks.DONE
    assert state(world, evidence_id) == "ready", "an original that was readable after all is evidence again"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_task_whose_process_dies_each_time_is_given_up(
    world: scenario.World, context: worker.Context, run: Callable[[], Task], evidence_id: str
) -> None:
    for _ in range(tasks.MAX_ATTEMPTS):
        with context.database.unit_of_work() as session:
            assert tasks.begin(session, f"render:{evidence_id}", clock.now()) is not None
        # Here the process was killed: nothing was written down.
    assert run().state == tasks.DEAD
    assert state(world, evidence_id) == "rejected"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_changed_and_missing_originals_are_found(
    world: scenario.World, run: Callable[[], Task], evidence_id: str, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("SECRET_KEY", config.secret_key), ("DATABASE_URL", config.database_url)):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("VAR_DIR", str(config.var_dir))
    assert CliRunner().invoke(main, ["verify-files"]).exit_code == 0
    (path,) = [p for p in originals(config).rglob("*") if p.is_file()]
    path.chmod(0o644)
    path.write_bytes(CONTENT[:-1] + b"?")
    changed = CliRunner().invoke(main, ["verify-files"])
    assert changed.exit_code == 1 and "内容被改" in changed.output and evidence_id in changed.output
    path.unlink()
    assert "文件缺失" in CliRunner().invoke(main, ["verify-files"]).output
