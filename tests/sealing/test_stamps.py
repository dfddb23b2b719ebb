"""Stamps of a real RFC 3161 authority over a real socket: asked for, checked, tried again, seen by everyone."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.x509.oid import ExtendedKeyUsageOID
from lasting import ENGINES, fresh_database, world_on
from scenario import World
from sealing.tsa import Authority, answer, identity, refusal

from app import clock
from app.cli import main
from app.evidence.storage import DiskStore
from app.journal import tasks
from app.relay_process import RelayProcess
from app.sealing import authority
from app.sealing.models import RootStamp
from app.worker import Context, perform_with
from config import Config, ConfigError


@pytest.fixture(scope="module")
def tsa() -> Iterator[Authority]:
    with Authority() as running:
        yield running


@pytest.fixture(autouse=True)
def honest_again(tsa: Authority) -> None:
    tsa.answers.clear()
    tsa.queries.clear()


@pytest.fixture(params=ENGINES)
def world(request: pytest.FixtureRequest, tmp_path: Path, tsa: Authority) -> Iterator[World]:
    with fresh_database(request.param, request, tmp_path) as url:
        made = world_on(url, tmp_path, tsa_url=tsa.url, tsa_ca=tsa.ca_file(tmp_path))
        made.dispatched(ago=timedelta(days=3))
        yield made


def config(world: World) -> Config:
    found: Config = world.app.extensions["doorstep.config"]
    return found


def seal(world: World, settings: Config | None = None) -> None:
    RelayProcess(settings or config(world), world.database, None).seal()


def work(world: World, settings: Config | None = None) -> RootStamp:
    """What a worker does when the newest root's stamp is due, whatever the pause."""
    with world.database.unit_of_work() as session:
        [task] = [row for row in tasks.listing(session) if row.name == "stamp"]
        task.run_after = clock.now()
        task_id, day = task.id, task.ref
    used = settings or config(world)
    perform_with(Context(used, world.database, DiskStore(used.evidence_dir)), task_id)
    with world.database.read() as session:
        return session.get_one(RootStamp, date.fromisoformat(day))


def published(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.app.test_client().get("/api/v1/roots").get_json()["roots"][0]
    return found


def verify(world: World, *arguments: str, **env: str) -> Any:
    url = world.database.engine.url.render_as_string(hide_password=False)
    settings = {"DATABASE_URL": url, "SECRET_KEY": "x" * 40, "DEMO": "0"} | env
    return CliRunner().invoke(main, ["verify", *arguments], env=settings)


@pytest.mark.clause("A3")
def test_a_root_is_stamped_and_the_stamp_is_verified(world: World, tsa: Authority, tmp_path: Path) -> None:
    seal(world)
    assert published(world)["stamp"] == {"authority": "127.0.0.1", "at": None, "attempts": 0, "error": None}
    row = work(world)
    assert row.answer is not None and row.stamped_at is not None and row.next_at is None
    assert published(world)["stamp"]["authority"] == "测试时间戳" and published(world)["stamp"]["at"]
    seal(world)
    assert len(tsa.queries) == 1, "stamped once"
    ca = str(config(world).tsa_ca)
    found = verify(world, TSA_CA=ca)
    assert found.exit_code == 0 and "1 天有时间戳" in found.output
    other = tmp_path / "other.pem"
    other.write_bytes(identity("别家").pem)
    found = verify(world, "--tsa-ca", str(other), TSA_CA=ca)
    assert found.exit_code == 1 and "的时间戳不成立（签名或证书链不成立）" in found.output
    with world.database.unit_of_work() as session:
        session.get_one(RootStamp, row.day).answer = answer(
            tsa.who, authority.request_for("别的").as_bytes(), clock.now()
        )
    assert "时间戳盖的不是这份日根" in verify(world, TSA_CA=ca).output


def test_an_answer_that_proves_nothing_is_not_taken_and_asked_for_again(world: World, tsa: Authority) -> None:
    seal(world)
    stranger, signer = identity("冒名"), identity(purpose=ExtendedKeyUsageOID.CODE_SIGNING)
    at = clock.now()
    lies: list[tuple[Any, str]] = [
        (503, "时间戳服务答复 HTTP 503"),
        (lambda query: b"<html>", "不是时间戳应答"),
        (lambda query: refusal(), "时间戳服务拒绝了请求"),
        (lambda query: answer(stranger, query, at), "签名或证书链不成立"),
        (lambda query: answer(signer, query, at), "签名或证书链不成立"),
        (lambda query: answer(tsa.who, query, at, nonce=1), "随机数不符，可能是旧的应答"),
        (lambda query: answer(tsa.who, authority.request_for("x").as_bytes(), at), "随机数不符，可能是旧的应答"),
        (lambda query: b"\x30" * 200_000, "不是时间戳应答"),
    ]
    tsa.answers += [lie for lie, _ in lies]
    pauses = []
    for number, (_, said) in enumerate(lies, 1):
        row = work(world)
        assert (row.error, row.attempts, row.answer) == (said, number, None)
        assert row.next_at is not None
        pauses.append(row.next_at - clock.now())
        assert published(world)["stamp"]["error"] == said, "a failure is seen by everyone"
    assert pauses == sorted(pauses) and pauses[-1] > timedelta(hours=2)
    assert work(world).answer is not None


def test_an_authority_that_is_away_is_asked_again_for_as_long_as_it_takes(world: World) -> None:
    gone = dataclasses.replace(config(world), tsa_url="http://127.0.0.1:9/tsr")
    seal(world, gone)
    for _ in range(12):
        row = work(world, gone)
    assert (row.attempts, row.error) == (12, "连不上时间戳服务")
    assert work(world).answer is not None
    broken = dataclasses.replace(config(world), tsa_ca=Path(__file__))
    with world.database.unit_of_work() as session:
        session.delete(session.get_one(RootStamp, row.day))
    seal(world, broken)
    assert work(world, broken).error == "TSA_CA 指定的证书文件不可用"


def test_without_an_authority_nothing_is_asked_and_later_only_the_newest(world: World, tsa: Authority) -> None:
    without = dataclasses.replace(config(world), tsa_url=None)
    seal(world, without)
    assert published(world)["stamp"] is None and tsa.queries == []
    seal(world)
    assert work(world).answer is not None


def test_a_wrong_configuration_is_refused_at_the_start(tmp_path: Path) -> None:
    base = {"SECRET_KEY": "x" * 40, "VAR_DIR": str(tmp_path)}
    for wrong in ({"TSA_URL": "tsa.example.org"}, {"TSA_CA": str(tmp_path / "none.pem")}, {"SEAL_ZONE": "Asien"}):
        with pytest.raises(ConfigError, match=next(iter(wrong))):
            Config.from_environ(base | wrong)
    right = Config.from_environ(base | {"TSA_URL": "https://tsa.example.org/x", "SEAL_ZONE": "Asia/Urumqi"})
    assert (right.tsa_url, right.seal_zone, right.tsa_ca) == ("https://tsa.example.org/x", "Asia/Urumqi", None)


def test_the_public_certificates_are_trusted_where_none_are_named() -> None:
    assert len(authority.public_authorities()) > 50
