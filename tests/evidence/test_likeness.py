"""A photo used before is found: on other tickets and on its own, never in another place, never when taken back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scenario
from click.testing import CliRunner
from evidence import altered, corpus
from flask import Flask
from PIL import Image
from sqlalchemy import delete, select, update

from app import clock
from app.cli import main
from app.evidence import jobs, likeness, prints
from app.evidence.likeness import ALIKE, COPY, FILE, Match
from app.evidence.likeness_file import LikenessFile
from app.evidence.models import Evidence, PhotoPrint, PrintShelf
from app.evidence.storage import THUMB, DiskStore, display_of
from app.ids import new_id
from app.journal.models import Task
from app.relay_process import RelayProcess
from app.setup import renew_epoch
from app.worker import Context, perform_with
from config import Config

pytestmark = pytest.mark.slow
EXPOSURE = corpus.scenery(1200, 900, 3)


class Town:
    """Hands photos in on tickets and asks what they are like."""

    def __init__(self, world: scenario.World, config: Config) -> None:
        self.world, self.store = world, DiskStore(config.evidence_dir)

    def photo(self, ticket_id: str, image: Image.Image | bytes, phase: str = "before") -> str:
        content = image if isinstance(image, bytes) else corpus.encoded(image, quality=90)
        evidence_id: str = self.world.liaison.declare(ticket_id, content, phase)
        assert self.world.liaison.upload(evidence_id, content).status_code == 204
        jobs.render(self.world.database, self.store, evidence_id, clock.now())
        return evidence_id

    def like(self, evidence_id: str) -> list[Match]:
        with self.world.database.read() as session:
            return likeness.like(session, self.store, evidence_id)

    def ids(self, evidence_id: str) -> list[str]:
        return [match.evidence_id for match in self.like(evidence_id)]

    def file(self) -> LikenessFile:
        with self.world.database.read() as session:
            return likeness.up_to_date(session, self.store)

    def row(self, evidence_id: str) -> Any:
        with self.world.database.read() as session:
            return session.get(PhotoPrint, evidence_id)


@pytest.fixture
def town(world: scenario.World, config: Config) -> Town:
    return Town(world, config)


def test_a_photo_used_before_is_found_with_its_kind(town: Town) -> None:
    first, second = town.world.handling(), town.world.handling()
    content = corpus.encoded(EXPOSURE, quality=90)
    original = town.photo(first, content)
    for other in range(4, 8):
        town.photo(first, corpus.scenery(1200, 900, other))
    again = town.photo(second, content)
    cropped = town.photo(second, altered.cropped(EXPOSURE, 0.05, np.random.default_rng(1)))
    turned = town.photo(second, altered.mirrored(EXPOSURE))
    assert town.like(again)[0] == Match(original, first, FILE, 0, None, False)
    found = {match.evidence_id: match for match in town.like(cropped)}
    assert set(found) == {original, again, turned}
    assert found[original].kind == COPY and found[original].ticket_id == first
    assert (found[original].agreement or 0) > 0.8 and 0 < found[original].distance < 88
    assert found[turned].mirrored and not found[again].mirrored
    assert set(town.ids(original)) == {again, cropped, turned}


def test_before_and_after_on_one_ticket_are_compared_too(town: Town) -> None:
    ticket_id = town.world.handling()
    before = town.photo(ticket_id, EXPOSURE)
    after = town.photo(ticket_id, altered.brighter(altered.recompressed(EXPOSURE, 60), 1.2), "after")
    assert [(match.evidence_id, match.ticket_id, match.kind) for match in town.like(after)] == [
        (before, ticket_id, COPY)
    ]


def test_the_print_comes_with_the_rendition(town: Town) -> None:
    evidence_id = town.photo(town.world.handling(), EXPOSURE)
    row = town.row(evidence_id)
    assert len(row.prints) == 256 and row.position == 0 and row.detail > 0.1
    with town.world.database.read() as session:
        assert session.scalar(select(PrintShelf.next)) == 1


def test_what_was_taken_back_is_not_told(town: Town) -> None:
    first, second = town.world.handling(), town.world.handling()
    original = town.photo(first, EXPOSURE)
    copy = town.photo(second, altered.resized(EXPOSURE, 0.5))
    assert town.ids(copy) == [original]
    town.world.liaison.do("evidence.withdraw", first, evidence_id=original, reason="拍错了地方")
    assert town.ids(copy) == [] and town.like(original) == []


def test_another_place_is_never_told(app: Flask, town: Town, config: Config) -> None:
    elsewhere = Town(scenario.World(app, "uxin"), config)
    town.photo(town.world.handling(), EXPOSURE)
    theirs = elsewhere.photo(elsewhere.world.handling(), EXPOSURE)
    assert elsewhere.ids(theirs) == []
    copy = elsewhere.photo(elsewhere.world.handling(), altered.resized(EXPOSURE, 0.5))
    assert elsewhere.ids(copy) == [theirs]


def test_pictures_of_nothing_are_like_nothing(town: Town) -> None:
    first, second = town.world.handling(), town.world.handling()
    night = [town.photo(first, Image.new("RGB", (800, 600), (light, light, light))) for light in (2, 3, 4)]
    assert all(town.like(evidence_id) == [] for evidence_id in night)
    assert town.ids(town.photo(second, EXPOSURE)) == []
    same = town.photo(second, Image.new("RGB", (800, 600), (2, 2, 2)))
    assert [match.kind for match in town.like(same)] == [FILE], "the very same file is told all the same"


def test_what_has_no_print_is_like_nothing(town: Town) -> None:
    ticket_id = town.world.handling()
    assert town.like(new_id()) == []
    waiting = town.world.liaison.declare(ticket_id, b"x" * 99, "before")
    assert town.like(waiting) == []


def test_the_file_is_made_again_from_the_database(town: Town) -> None:
    first, second = town.world.handling(), town.world.handling()
    original, copy = town.photo(first, EXPOSURE), town.photo(second, altered.resized(EXPOSURE, 0.5))
    assert town.ids(copy) == [original]
    for path in town.store.cache().glob("likeness-*"):
        path.unlink()
    assert town.ids(copy) == [original]


def test_a_deleted_photo_leaves_a_gap_and_no_other_photo_moves(town: Town) -> None:
    ticket_id = town.world.handling()
    ids = [town.photo(ticket_id, corpus.scenery(900, 700, seed)) for seed in (3, 4, 5)]
    copy = town.photo(town.world.handling(), altered.resized(corpus.scenery(900, 700, 5), 0.7))
    assert town.ids(copy) == [ids[2]]
    with town.world.database.unit_of_work() as session:
        session.execute(delete(PhotoPrint).where(PhotoPrint.evidence_id == ids[1]))
    later = town.photo(town.world.handling(), altered.resized(corpus.scenery(900, 700, 4), 0.7))
    assert town.row(later).position == 4 and town.ids(later) == []
    for path in town.store.cache().glob("likeness-*"):
        path.unlink()
    assert town.ids(copy) == [ids[2]] and town.file().count() == 5


def test_after_a_backup_was_restored_the_file_is_begun_again(town: Town) -> None:
    """Positions after the backup are given to other photos; the file must not go on with the lost ones."""
    first, second = town.world.handling(), town.world.handling()
    original, lost = town.photo(first, EXPOSURE), town.photo(first, corpus.scenery(900, 700, 8))
    assert town.file().count() == 2
    with town.world.database.unit_of_work() as session:
        session.execute(delete(PhotoPrint).where(PhotoPrint.evidence_id == lost))
        session.execute(update(PrintShelf).values(next=1))
        session.execute(update(Evidence).where(Evidence.id == lost).values(state="withdrawn"))
    copy = town.photo(second, altered.resized(EXPOSURE, 0.5))
    assert town.row(copy).position == 1
    assert town.ids(original) == [copy] and town.ids(copy) == [original]


def test_a_new_stamp_means_a_new_file(town: Town) -> None:
    original = town.photo(town.world.handling(), EXPOSURE)
    copy = town.photo(town.world.handling(), altered.resized(EXPOSURE, 0.5))
    town.file()
    with town.world.database.unit_of_work() as session:
        session.execute(update(PrintShelf).values(stamp=new_id()))
    assert town.ids(copy) == [original]
    assert len(list(town.store.cache().glob("likeness-*.prints"))) == 1, "the old file is gone"


def test_photos_rendered_before_are_filled_in_once(town: Town) -> None:
    ticket_id = town.world.handling()
    original, copy = town.photo(ticket_id, EXPOSURE), town.photo(ticket_id, altered.resized(EXPOSURE, 0.5))
    town.file()
    with town.world.database.unit_of_work() as session:
        session.execute(delete(PhotoPrint))
    assert town.like(original) == []
    assert prints.fill_in(town.world.database, town.store, 1) == 1
    assert prints.fill_in(town.world.database, town.store) == 1
    assert prints.fill_in(town.world.database, town.store) == 0
    assert town.ids(original) == [copy]
    assert town.row(original).position == 2 and town.row(copy).position == 3


def test_prints_of_an_older_version_are_made_again(town: Town) -> None:
    ticket_id = town.world.handling()
    original, copy = town.photo(ticket_id, EXPOSURE), town.photo(ticket_id, altered.resized(EXPOSURE, 0.5))
    with town.world.database.unit_of_work() as session:
        session.execute(update(PhotoPrint).values(version=0, prints=b"old"))
    assert town.ids(original) == []
    assert prints.fill_in(town.world.database, town.store) == 2
    assert town.ids(original) == [copy]


def test_a_thumbnail_that_is_gone_stops_nothing(town: Town) -> None:
    ticket_id = town.world.handling()
    original, copy = town.photo(ticket_id, EXPOSURE), town.photo(ticket_id, altered.resized(EXPOSURE, 0.5))
    with town.world.database.read() as session:
        sha256 = session.get_one(Evidence, original).sha256
    town.store.rendition(sha256, THUMB).unlink()
    assert town.like(copy) == [] and town.like(original) == []
    assert town.store.rendition(sha256, display_of(original)).is_file()
    with town.world.database.unit_of_work() as session:
        session.execute(delete(PhotoPrint))
    assert prints.fill_in(town.world.database, town.store) == 2
    assert prints.fill_in(town.world.database, town.store) == 0, "it was tried, and is not tried for ever"
    assert town.row(original).prints == b"" and town.like(copy) == []


def test_another_shot_of_the_scene_is_only_called_alike(town: Town) -> None:
    first = town.photo(town.world.handling(), EXPOSURE)
    again = town.photo(town.world.handling(), altered.shot_again(EXPOSURE, 0.01, np.random.default_rng(2)))
    assert [(match.evidence_id, match.kind) for match in town.like(again)] == [(first, ALIKE)]


def test_the_relay_asks_for_what_an_upgrade_left_and_the_worker_does_it(town: Town, config: Config) -> None:
    ticket_id = town.world.handling()
    original, copy = town.photo(ticket_id, EXPOSURE), town.photo(ticket_id, altered.resized(EXPOSURE, 0.5))
    relay = RelayProcess(config, town.world.database, None)
    relay.keep_house()
    with town.world.database.unit_of_work() as session:
        assert session.get(Task, "prints:owed") is None, "nothing is owed"
        session.execute(delete(PhotoPrint))
    relay.keep_house()
    perform_with(Context(config, town.world.database, town.store), "prints:owed")
    with town.world.database.read() as session:
        assert session.get_one(Task, "prints:owed").state == "done"
    assert town.ids(original) == [copy] and town.row(copy).recapture is not None


def test_the_operator_can_have_it_done(town: Town, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    town.photo(town.world.handling(), EXPOSURE)
    with town.world.database.unit_of_work() as session:
        session.execute(delete(PhotoPrint))
    for name, value in (
        ("SECRET_KEY", config.secret_key), ("VAR_DIR", str(config.var_dir)), ("DATABASE_URL", config.database_url),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    assert [CliRunner().invoke(main, ["prints"]).output for _ in range(2)] == [
        "补做照片指纹 1 张。\n",
        "补做照片指纹 0 张。\n",
    ]


def test_a_new_epoch_begins_a_new_file(town: Town) -> None:
    original = town.photo(town.world.handling(), EXPOSURE)
    copy = town.photo(town.world.handling(), altered.resized(EXPOSURE, 0.5))
    assert town.ids(copy) == [original]
    before = {path.name for path in town.store.cache().glob("likeness-*.prints")}
    renew_epoch(town.world.database)
    assert town.ids(copy) == [original]
    assert before.isdisjoint(path.name for path in town.store.cache().glob("likeness-*.prints"))


def test_a_photo_of_a_screen_is_marked(town: Town) -> None:
    screen = altered.photographed_from_screen(EXPOSURE, 1.6, degrees=2.5)
    row = town.row(town.photo(town.world.handling(), screen))
    assert row.recapture > 0.5 and row.recapture_reason == "moire"
    row = town.row(town.photo(town.world.handling(), EXPOSURE))
    assert row.recapture < 0.4 and row.recapture_reason is None
