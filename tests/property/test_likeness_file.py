"""The likeness file is the table: after any additions, deletions, restarts and restored backups it finds exactly what
comparing every row finds."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scenario
from flask import Flask
from sqlalchemy import delete, insert, select, update

from app.db import Database
from app.evidence import fingerprints, likeness, likeness_file, prints, queries
from app.evidence.likeness_file import LikenessFile
from app.evidence.models import Evidence, PhotoPrint, PrintShelf
from app.evidence.storage import DiskStore
from app.ids import new_id

pytestmark = pytest.mark.slow
NOW = datetime(2026, 11, 20, tzinfo=UTC)


class Album:
    """A table of prints, changed at random, and the file that follows it."""

    def __init__(self, database: Database, store: DiskStore, world: scenario.World, ticket_id: str, seed: int) -> None:
        self.database, self.store, self.world, self.ticket_id = database, store, world, ticket_id
        self.rng, self.numbers = random.Random(seed), np.random.default_rng(seed)
        self.codes: list[Any] = []

    def add(self) -> None:
        """Some photos: strangers, and some that resemble one that was there."""
        with self.database.unit_of_work() as session:
            for _ in range(self.rng.randint(1, 9)):
                codes = self.numbers.integers(0, 2**64, (likeness_file.PRINTS, 4), np.uint64)
                if self.codes and self.rng.random() < 0.5:
                    codes = self.resembling(self.rng.choice(self.codes))
                self.codes.append(codes)
                evidence_id = self._photo(session)
                columns = {"version": prints.VERSION, "prints": fingerprints.packed(codes), "detail": 0.5}
                if self.rng.random() < 0.1:
                    columns["prints"] = b""
                prints.keep(session, evidence_id, columns)

    def resembling(self, codes: Any) -> Any:
        """The same prints with a number of bits turned over that lies on either side of the limits."""
        turned = codes.copy()
        for row in turned:
            for bit in self.numbers.choice(256, self.rng.randint(0, 110), replace=False):
                row[bit // 64] ^= np.uint64(1) << np.uint64(bit % 64)
        return turned

    def delete(self) -> None:
        """Some photos are gone."""
        with self.database.unit_of_work() as session:
            there = list(session.scalars(select(PhotoPrint.position)))
            gone = self.rng.sample(there, min(len(there), self.rng.randint(1, 4)))
            session.execute(delete(PhotoPrint).where(PhotoPrint.position.in_(gone)))

    def restart(self) -> None:
        """The file is lost, or its last words were never written."""
        for path in self.store.cache().glob("likeness-*.prints"):
            if self.rng.random() < 0.5:
                path.unlink()
            else:
                with path.open("r+b") as file:
                    count = int.from_bytes(file.read(8), "little")
                    file.seek(0)
                    file.write(self.rng.randint(0, count).to_bytes(8, "little"))

    def restore(self) -> None:
        """A backup: the newest photos were never handed in, and their positions go to others."""
        with self.database.unit_of_work() as session:
            shelf = session.scalars(select(PrintShelf)).one()
            back = max(0, shelf.next - self.rng.randint(1, 6))
            session.execute(delete(PhotoPrint).where(PhotoPrint.position >= back))
            session.execute(update(PrintShelf).values(next=back))
        self.add()

    def agrees(self) -> None:
        """The file finds what comparing every row finds."""
        codes = [self.resembling(self.rng.choice(self.codes))[0] for _ in range(4)]
        with self.database.read() as session:
            found = likeness.up_to_date(session, self.store).search(codes)
            rows = session.execute(select(PhotoPrint.position, PhotoPrint.prints)).all()
        there = {position for position, _ in rows}
        expected = []
        for position, kept in rows:
            for crop, code in enumerate(fingerprints.unpacked(kept) if kept else []):
                for way, asked in enumerate(codes):
                    bits = [int(a ^ b).bit_count() for a, b in zip(code.tolist(), asked.tolist(), strict=True)]
                    if bits[0] <= fingerprints.NEAR_LOW and sum(bits) <= fingerprints.NEAR:
                        expected.append((sum(bits), position, crop, way))
        assert [hit for hit in found if hit[1] in there] == sorted(expected)

    def _photo(self, session: Any) -> str:
        evidence_id, liaison = new_id(), self.world.people["liaison"].id
        row = {
            "id": evidence_id, "ticket_id": self.ticket_id, "unit_id": self.world.units["town"].id, "kind": "photo",
            "phase": "before", "sha256": evidence_id.replace("-", "") * 2, "size": 1, "media_type": "image/jpeg",
            "source": "camera", "captured_at": NOW, "note": "", "state": "ready", "received_bytes": 1,
            "declared_by": liaison, "declared_at": NOW,
        }  # fmt: skip
        session.execute(insert(Evidence).values(row))
        return evidence_id


@pytest.mark.parametrize("seed", range(3))
def test_the_file_finds_what_the_table_holds(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    # Blocks of a few photos, so that a test crosses their borders.
    for name, value in (("BLOCK", 7), ("_LOW", 7 * likeness_file.PRINTS), ("_BLOCK_BYTES", 7 * 256)):
        monkeypatch.setattr(likeness_file, name, value)
    monkeypatch.setattr(likeness, "_BATCH", 5)
    world = scenario.World(app)
    album = Album(world.database, DiskStore(tmp_path), world, world.handling(), seed)
    album.add()
    steps = [album.add, album.add, album.delete, album.restart, album.restore]
    for _ in range(40):
        album.rng.choice(steps)()
        if album.rng.random() < 0.8:
            album.agrees()
    album.agrees()


def test_many_processes_add_and_search_at_once(app: Flask, tmp_path: Path) -> None:
    """Each adds its own photos and finds them at once; nothing is lost, nothing is there twice."""
    import multiprocessing

    world = scenario.World(app)
    ticket_id = world.handling()
    context = multiprocessing.get_context("spawn")
    people = (world.units["town"].id, world.people["liaison"].id)
    url = world.database.engine.url.render_as_string(hide_password=False)
    workers = [context.Process(target=work, args=(url, tmp_path, ticket_id, people, n)) for n in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    with world.database.read() as session:
        file = likeness.up_to_date(session, DiskStore(tmp_path))
        kept = queries.prints_between(session, 0, 1000, prints.VERSION)
        assert session.scalar(select(PrintShelf.next)) == file.count() == len(kept) == 45
    assert sorted(kept) == list(range(45))
    assert all(file.holds(position, kept[position]) for position in kept)


def work(url: str, place: Path, ticket_id: str, people: tuple[str, str], number: int) -> None:
    """One worker: fifteen photos, each searched for as soon as it is kept."""
    database, store = Database(url), DiskStore(place)
    rng = np.random.default_rng(number)
    for _ in range(15):
        codes = rng.integers(0, 2**64, (likeness_file.PRINTS, 4), np.uint64)
        with database.unit_of_work() as session:
            evidence_id = new_id()
            session.add(
                Evidence(
                    id=evidence_id, ticket_id=ticket_id, unit_id=people[0], kind="photo", phase="before",
                    sha256=evidence_id.replace("-", "") * 2, size=1, media_type="image/jpeg", source="camera",
                    captured_at=NOW, note="", state="ready", received_bytes=1, declared_by=people[1], declared_at=NOW,
                )
            )  # fmt: skip
            columns = {"version": prints.VERSION, "prints": fingerprints.packed(codes), "detail": 0.5}
            prints.keep(session, evidence_id, columns)
        with database.read() as session:
            position = session.scalar(select(PhotoPrint.position).where(PhotoPrint.evidence_id == evidence_id))
            found = likeness.up_to_date(session, store).search([codes[2]])
        assert (0, position, 2, 0) in found, f"{evidence_id} is not found"
    database.engine.dispose()


def test_the_file_alone_grows_across_blocks(tmp_path: Path) -> None:
    """More photos than a block holds, with gaps that resemble nothing, and a header that counts them."""
    rng = np.random.default_rng(5)
    file = LikenessFile(tmp_path, "s")
    count = likeness_file.BLOCK + 700
    codes = rng.integers(0, 2**64, (count, likeness_file.PRINTS, 4), np.uint64)
    kept = [None if number % 97 == 0 else fingerprints.packed(codes[number]) for number in range(count)]
    with file.locked():
        file.add(0, kept[:4000])
        file.add(4000, kept[4000:])
    assert LikenessFile(tmp_path, "s").count() == count
    for number in (1, 3999, 4000, 4095, 4096, 4097, count - 1):
        assert file.search([codes[number][5]]) == [(0, number, 5, 0)]
        assert file.holds(number, kept[number])
        assert not file.holds(number, kept[5])
    assert file.search([codes[97][0], codes[4753][0]]) == [], "gaps are found by nobody"
    file.drop()
    assert file.count() == 0 and file.search([codes[1][0]]) == []
